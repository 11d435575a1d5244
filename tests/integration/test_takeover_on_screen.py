"""A takeover of `tocsin generate traffic` as its people meet it, in one run: from the event to the mail, in a browser from
the mail to "not me", and to the urgent ticket in a real Request Tracker.

    /usr/bin/python3 -m pytest -s tests/integration/test_takeover_on_screen.py     # prints the seconds
"""

import base64
import datetime
import json
import subprocess
import time

import pytest
from support import browser, processes, ticket_words
from support.embedded import CONFIG, post, wait_until_processed
from support.mail_sink import MailSink
from support.outward import TICKETS, operations, outputs, tickets_of, told
from support.request_tracker_server import RequestTracker

MORE = """\
support: {{first_reply: 30d, review: 30d}}  # Nobody is reminded of what happened hours ago.
answers:
  base_url: http://127.0.0.1:{port}
  key: {{file: {folder}/answers.key}}
delivery:
  timeout: 120s
  retry_waits: [1s, 1s, 1s, 1s, 1s, 1s]
  mail:
    url: {url}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
"""


DAYS = 28


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def generated(tocsin_binary, folder) -> tuple[list[str], list[str], str]:
    """The life of one account, until it is taken over today or yesterday; what the takeover is, but for what its owner says
    of it; the owner's address."""

    def generate(start: datetime.date) -> tuple[list[str], dict]:
        command = [str(tocsin_binary), "generate", "traffic", "--accounts", "1", "--attacks", "takeover", "--days", str(DAYS),
                   "--start", start.isoformat(), "--labels", str(folder / "labels.ndjson")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
        return done.stdout.splitlines(), json.loads((folder / "labels.ndjson").read_text())

    # Equal seeds give equal days: the first run tells how far from its start the takeover ends.
    now = datetime.datetime.now(datetime.timezone.utc)
    begin = (now - datetime.timedelta(days=DAYS + 1)).date()
    _, label = generate(begin)
    story, label = generate(begin + datetime.timedelta(days=(now - at(label["until"])).days))
    assert datetime.timedelta(0) <= now - at(label["until"]) < datetime.timedelta(days=1)
    by_time = [(at(json.loads(event)["occurred_at"]), event) for event in story if json.loads(event)["type"] != "feedback"]
    address = next(contact["address"] for contact in json.loads(story[0])["contacts"] if contact["channel"] == "email")
    quiet = [event for when, event in by_time if when < at(label["from"])]
    return quiet, [event for when, event in by_time if at(label["from"]) <= when <= at(label["until"])], address


@pytest.fixture
def places(tmp_path):
    with MailSink(tmp_path / "mail") as sink, RequestTracker() as tracker:
        yield sink, tracker


def test_from_the_event_to_the_urgent_ticket(make_daemon, tocsin_binary, tmp_path, places):
    sink, tracker = places
    (tmp_path / "mail.password").write_text(sink.password)
    (tmp_path / "rt.token").write_text(tracker.token + "\n")
    (tmp_path / "answers.key").write_bytes(base64.b64encode(b"k" * 48))
    port = processes.free_port()
    config = CONFIG.replace("events_listen: 127.0.0.1:0", f"events_listen: 127.0.0.1:{port}")
    config += MORE.format(port=port, folder=tmp_path, url=sink.url, ca=sink.ca, user=sink.user)
    daemon = make_daemon(config + TICKETS.format(url=tracker.url, folder=tmp_path)).start()
    quiet, takeover, address = generated(tocsin_binary, tmp_path)
    assert post(daemon, "\n".join(quiet))[0] == 202
    wait_until_processed(daemon)
    assert not [mail for mail in sink.mails if "盗用" in mail["Subject"]]

    began = time.monotonic()
    seconds = {}
    assert post(daemon, "\n".join(takeover))[0] == 202
    urgent = lambda: [mail for mail in sink.to(address) if "正被他人盗用" in mail["Subject"]]  # noqa: E731
    mail = processes.wait_until(urgent, "the mail about the takeover", pause=0.01)[-1]
    seconds["from the event to the mail"] = time.monotonic() - began
    (case,) = {ticket["case_id"] for ticket in outputs(daemon, "tickets")}
    assert mail["References"] == f"<{case}@example.com>"

    # On a telephone, whose own language is another.
    (tmp_path / "mail.html").write_text(mail.get_body(("html",)).get_content())
    with browser.Browser(width=390, height=844, language="en") as page:
        page.open((tmp_path / "mail.html").as_uri())
        assert page.value("document.documentElement.scrollWidth") <= 390
        page.screenshot(tmp_path / "mail.png")
        page.press("a[href*='/r/']")  # "No, this was not me" comes first.
        processes.wait_until(lambda: page.value("location.href").startswith(f"http://127.0.0.1:{port}/r/")
                             and "不是我本人操作" in page.text(), "the page behind the link")
        page.screenshot(tmp_path / "ask.png")
        pressed = time.monotonic()
        page.press("button[value=not_me]")
        processes.wait_until(lambda: "谢谢您" in page.text(), "the thanks", pause=0.01)
        page.screenshot(tmp_path / "thanks.png")

    def urgent_words() -> str:
        found = tickets_of(tracker, case)
        assert [ticket["Priority"] for ticket in found] == ["100"]
        said = [words for words in tracker.words(found[0]["id"]) if "Answered “this was not me”" in words]
        assert said
        return said[0]

    words = processes.eventually(urgent_words, timeout=120, pause=0.5)
    seconds["from not me to the urgent ticket"] = time.monotonic() - pressed
    seconds["all of it"] = time.monotonic() - began

    # What the agent needs: the last 72 hours, the answer, and what is asked for.
    (said,) = [operation for operation in operations(daemon)[case] if ticket_words.of_markdown(operation["body"]) == words]
    assert said["priority"] == "P1" and len(said["timeline"]) >= 10
    assert all(entry["event_id"] in words for entry in said["timeline"])
    number = told(tracker, daemon, case)["id"]
    assert tracker.priority_shown(number) == "High"
    with browser.Browser(width=1200, height=800, language="en") as page:
        page.open(tracker.entry(number, words))
        assert "Timeline of the last 72 hours" in page.text()
        assert page.value("[...document.querySelectorAll('pre')].every((e) => e.scrollWidth <= e.clientWidth)")
        page.screenshot(tmp_path / "ticket.png")
    asked = {action["action"] for action in outputs(daemon, "actions") if action["case_id"] == case}
    assert {"freeze", "revoke_sessions"} <= asked
    daemon.stop()
    for what, value in seconds.items():
        print(f"{what}: {value:.1f} s")
