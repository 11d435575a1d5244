"""Was this you? From the mail to the browser to the case: links, a scanner that follows them all, real buttons in a real
browser on a narrow screen, and what follows from the answer."""

import base64
import datetime
import html.parser
import http.client
import json
import re
import urllib.parse

import pytest
from support import browser, processes, takeovers
from support.embedded import CONFIG, post, wait_until_processed

ANSWERS = """\
answers:
  base_url: http://127.0.0.1:{port}
  key: {{file: {key}}}
support:
  phone: "+86 400 555 0100"
"""


def start_and_tell(make_daemon, tmp_path, ago: datetime.timedelta):
    (tmp_path / "answers.key").write_bytes(base64.b64encode(b"k" * 48))
    port = processes.free_port()
    config = CONFIG.replace("events_listen: 127.0.0.1:0", f"events_listen: 127.0.0.1:{port}")
    daemon = make_daemon(config + ANSWERS.format(port=port, key=tmp_path / "answers.key")).start()
    assert post(daemon, "\n".join(takeovers.recent_events(4, ago=ago)))[0] == 202
    wait_until_processed(daemon)
    notices = {notice["account_id"]: notice for notice in outputs(daemon, "notices")}
    assert len(notices) == 2
    return daemon, notices


@pytest.fixture
def told(make_daemon, tmp_path):
    """A daemon that has told two owners, and their newest notices by account."""
    return start_and_tell(make_daemon, tmp_path, datetime.timedelta(minutes=1))


def outputs(daemon, kind: str) -> list[dict]:
    return [json.loads(line) for line in (daemon.folder / f"out/{kind}.jsonl").read_text().splitlines()]


def tickets_of(daemon, notice: dict) -> list[dict]:
    return [ticket for ticket in outputs(daemon, "tickets") if ticket["account_id"] == notice["account_id"]]


def call(url: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, str]:
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Links(html.parser.HTMLParser):
    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src", "action") and value:
                self.found.append(value)


def test_a_scanner_that_follows_everything_changes_nothing(told):
    daemon, notices = told
    before = (outputs(daemon, "tickets"), outputs(daemon, "actions"), outputs(daemon, "findings"))
    records = daemon.metric("tocsin_records_total")
    for notice in notices.values():
        # From both forms of the mail, every method that only looks, and whatever the pages lead to.
        urls = set(Links(notice["html"]).found) | set(re.findall(r"http\S+", notice["text"]))
        assert {notice["links"]["me"], notice["links"]["not_me"]} <= urls
        for url in urls:
            for method in ("GET", "HEAD", "OPTIONS"):
                status, page = call(url, method)
                assert status < 500
                for link in Links(page).found:
                    assert call(urllib.parse.urljoin(url, link))[0] == 200
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_records_total") == records
    assert before == (outputs(daemon, "tickets"), outputs(daemon, "actions"), outputs(daemon, "findings"))
    daemon.stop()


def test_not_me_in_a_browser_makes_the_case_urgent(told, tmp_path):
    daemon, notices = told
    notice = next(notice for notice in notices.values() if notice["locale"] == "zh-CN")
    # The notice's language, whatever the browser is set to.
    with browser.Browser(width=360, height=740, language="en") as page:
        page.open(notice["links"]["not_me"])
        assert "不是我本人操作" in page.text() and "this was not me" not in page.text()
        assert page.value("document.documentElement.scrollWidth") <= 360, "nothing to scroll sideways for"
        for size in page.value("[...document.querySelectorAll('button')].map(b => b.getBoundingClientRect().height)"):
            assert size >= 44, "a finger must hit it"
        page.screenshot(tmp_path / "ask.png")
        page.press("button[value=not_me]")
        processes.wait_until(lambda: "谢谢您" in page.text(), "the thanks")
        assert "+86 400 555 0100" in page.text()
        page.screenshot(tmp_path / "thanks.png")
    wait_until_processed(daemon)
    last = tickets_of(daemon, notice)[-1]
    assert last["priority"] == "P1" and len(last["timeline"]) > 3
    assert "不是" in last["body"] or "not me" in last["body"]
    asked = {action["action"] for action in outputs(daemon, "actions") if action["account_id"] == notice["account_id"]}
    assert {"freeze", "revoke_sessions"} <= asked
    report = [finding for finding in outputs(daemon, "findings") if finding["detector"] == "user_reported"]
    assert len(report) == 1

    # The links worked once: again, and the other one, change nothing more.
    tickets = tickets_of(daemon, notice)
    assert call(notice["links"]["not_me"], "POST", "answer=not_me")[0] == 200
    wait_until_processed(daemon)
    assert tickets_of(daemon, notice) == tickets

    # Whoever holds the mailbox says otherwise: nobody is thanked, and the ticket has it, once.
    status, page = call(notice["links"]["me"], "POST", "answer=me")
    assert status == 409 and "在客服与您核实之前，您的账户会继续受到保护" in page
    assert call(notice["links"]["me"], "POST", "answer=me")[0] == 409
    wait_until_processed(daemon)
    tickets = [*tickets, *tickets_of(daemon, notice)[len(tickets):]]
    assert tickets[-1]["operation"] == "append" and ("此后" in tickets[-1]["body"] or "**after**" in tickets[-1]["body"])
    assert tickets_of(daemon, notice) == tickets
    daemon.kill()
    daemon.start()
    assert call(notice["links"]["not_me"], "POST", "answer=not_me")[0] == 200
    wait_until_processed(daemon)
    assert tickets_of(daemon, notice) == tickets, "nor after a restart"
    status, page = call(notice["links"]["me"], "POST", "answer=me")
    assert status == 409 and "您之前的回答仍然有效" in page, "the refusal is durable"
    wait_until_processed(daemon)
    assert tickets_of(daemon, notice) == tickets
    said = daemon.log.read_text()
    assert notice["account_id"] not in said and "/r/" not in said
    daemon.stop()


def test_it_was_me_does_not_clear_what_is_high(told):
    daemon, notices = told
    notice = next(notice for notice in notices.values() if notice["locale"] == "en")
    assert notice["severity"] in ("high", "critical")
    with browser.Browser(width=1024, height=768, language="zh-CN") as page:
        page.open(notice["links"]["me"])
        page.press("button[value=me]")
        processes.wait_until(lambda: "Thank you" in page.text(), "the thanks")
    wait_until_processed(daemon)
    assert all(ticket["operation"] != "resolve" for ticket in tickets_of(daemon, notice))
    daemon.stop()


def test_who_comes_too_late_is_told_what_to_do(make_daemon, tmp_path):
    daemon, notices = start_and_tell(make_daemon, tmp_path, datetime.timedelta(hours=80))
    before = (outputs(daemon, "tickets"), outputs(daemon, "actions"))
    with browser.Browser(width=320, height=640, language="fr") as page:
        for notice in notices.values():
            chinese = notice["locale"] == "zh-CN"
            page.open(notice["links"]["not_me"])
            said = page.text()
            for part in ("未记录任何回答", "受理编号", "修改密码", "+86 400 555 0100") if chinese else (
                    "No answer was recorded", "Give the case number", "Change your password", "+86 400 555 0100"):
                assert part in said, said
            assert page.value("document.querySelectorAll('button').length") == 0
            assert page.value("document.documentElement.scrollWidth") <= 320
            page.screenshot(tmp_path / f"too-late-{notice['locale']}.png")
            status, answered = call(notice["links"]["not_me"], "POST", "answer=not_me")
            assert status == 410 and ("未记录任何回答" if chinese else "No answer was recorded") in answered
    wait_until_processed(daemon)
    assert before == (outputs(daemon, "tickets"), outputs(daemon, "actions"))
    daemon.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_and_pages_are_readable_by_day_and_by_night(told, tmp_path, scheme):
    daemon, notices = told
    with browser.Browser(width=360, height=740, language="en") as page:
        page.prefer(scheme)
        for notice in notices.values():
            mail = tmp_path / f"{notice['locale']}.html"
            mail.write_text(notice["html"])
            for name, url in (("mail", mail.as_uri()), ("ask", notice["links"]["me"]), ("no-link", notice["links"]["me"][:-4] + "AAAA")):
                page.open(url)
                ratio, text = page.value(browser.FAINTEST)
                assert ratio >= 4.5, f"{name}: {ratio:.1f} for {text!r}"
                glare = page.value("getComputedStyle(document.querySelector('.card')).backgroundColor")
                assert (glare == "rgb(255, 255, 255)") == (scheme == "light"), "no white sheet at three in the morning"
                page.screenshot(tmp_path / f"{name}-{scheme}-{notice['locale']}.png")
    daemon.stop()


def test_hostile_paths_are_answered(told):
    daemon, notices = told
    url = next(iter(notices.values()))["links"]["me"]
    base = url[: url.index("/r/")]
    for path in ("/r/", "/r/" + "A" * 4000, "/r/..%2f..%2fetc", "/r/%00", url[len(base) : -4] + "AAAA"):
        assert call(base + path)[0] in (404, 400, 414), path
    assert call(url, "POST", "x" * 1024)[0] == 400
    assert call(url, "POST", "x" * 100_000)[0] == 413
    assert call(url)[0] == 200
    daemon.stop()
