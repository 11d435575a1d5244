"""Cases become tickets of a real Request Tracker 5: one case, one ticket, whatever happens on the way. What an agent
decides there comes back."""

import json
import pathlib
import random
import re
import subprocess
import time

import pytest
from support import processes, takeovers, ticket_words
from support.embedded import CONFIG, post, wait_until_processed
from support.losing_proxy import LosingProxy
from support.mail_sink import MailSink
from support.outward import TICKETS, assert_all_said, operations, outputs, send, tickets_of, told
from support.request_tracker_server import RequestTracker

DELIVERY = """\
delivery:
  timeout: 120s
  retry_waits: WAITS
""".replace("WAITS", str(["1s"] * 50 + ["5s"] * 50))  # As long as a slow machine takes to start a Request Tracker.
MAIL = """\
  mail:
    url: {url}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
"""
ROOT = pathlib.Path(__file__).resolve().parents[2]
PRIORITY = {"P1": "100", "P2": "75", "P3": "50", "P4": "25"}


@pytest.fixture(scope="module")
def tracker():
    """One for all tests of this file; each has accounts, and so cases, of its own."""
    with RequestTracker() as running:
        yield running


@pytest.fixture
def configured(tracker, tmp_path):
    def make(url: str | None = None) -> str:
        (tmp_path / "rt.token").write_text(tracker.token + "\n")
        return CONFIG + DELIVERY + TICKETS.format(url=url or tracker.url, folder=tmp_path)

    return make


def story(accounts: int, name: str) -> list[str]:
    """Takeovers of accounts that no other test has, until a minute ago."""
    return [event.replace("account-", f"{name}-") for event in takeovers.recent_events(accounts)]


def feedback(account: str, verdict: str, by: str, case: str) -> str:
    return json.dumps({"type": "feedback", "event_id": f"feedback-{account}-{verdict}", "account_id": account, "case_id": case,
                       "verdict": verdict, "by": by, "occurred_at": int(time.time() * 1000)})


def shows(tracker, daemon, case: str, **wanted: str) -> str:
    """The number of the case's one ticket, once it has these values."""
    number = told(tracker, daemon, case)["id"]

    def check() -> str:
        ticket = tracker.ticket(number)
        assert {name: ticket[name] for name in wanted} == wanted
        return number

    return processes.eventually(check)


def test_a_case_is_opened_appended_to_escalated_and_resolved(make_daemon, tracker, configured):
    daemon = make_daemon(configured()).start()
    send(daemon, story(2, "life"))
    (case, opened), = operations(daemon).items()
    first_due = min(opened[-1]["due"].values())[:19] + "Z"
    number = shows(tracker, daemon, case, Subject=opened[-1]["subject"], Status="new",
                   Priority=PRIORITY[opened[-1]["priority"]], Due=first_due)
    assert [requestor["id"] for requestor in tracker.ticket(number)["Requestor"]] == ["tocsin@example.com"]

    account = opened[0]["account_id"]
    send(daemon, [feedback(account, "not_me", "owner", case)])
    last = operations(daemon)[case][-1]
    assert last["operation"] in ("escalate", "append") and last["priority"] == "P1"
    urgent = operations(daemon)[case][-1]["subject"]
    assert "P1: " in urgent and urgent != opened[0]["subject"]
    shows(tracker, daemon, case, Subject=urgent, Priority="100", Status="new")
    # As an agent sees it: more urgent than before, and no mark of the Markdown that it comes from.
    assert tracker.priority_shown(number) == "High"
    page = tracker.page(tracker.entry(number, tracker.words(number)[-1]))
    assert "<h3>Timeline of the last 72 hours</h3>" in page and "<td>login failed" in page
    assert "## Case" not in page and "|---|" not in page and "- **" not in page

    send(daemon, [feedback(account, "false_positive", "analyst", case)])
    assert operations(daemon)[case][-1]["operation"] == "resolve"
    shows(tracker, daemon, case, Status="resolved")
    assert tracker.token not in daemon.log.read_text()
    daemon.stop()


def test_news_of_a_ticket_that_an_agent_closed_opens_it_again(make_daemon, tracker, configured):
    daemon = make_daemon(configured()).start()
    send(daemon, story(2, "again"))
    (case, opened), = operations(daemon).items()
    tracker.update(told(tracker, daemon, case)["id"], Status="resolved")
    send(daemon, [feedback(opened[0]["account_id"], "not_me", "owner", case)])
    shows(tracker, daemon, case, Status="open", Priority="100")
    daemon.stop()


def test_an_owner_whom_no_mail_reaches_is_called_instead(make_daemon, tracker, configured, tmp_path):
    with MailSink(tmp_path / "mail") as sink:
        sink.refuse_all("550 5.1.1 no such mailbox")
        (tmp_path / "mail.password").write_text(sink.password)
        daemon = make_daemon(configured() + MAIL.format(url=sink.url, ca=sink.ca, user=sink.user, folder=tmp_path)).start()
        send(daemon, story(2, "unreached"))
        (case, opened), = operations(daemon).items()
        refused = [(n["notice_id"], r["address"]) for n in outputs(daemon, "notices") if n["case_id"] == case
                   for r in n["recipients"] if r["channel"] == "email"]

        def check() -> tuple[str, list[str]]:
            found = tickets_of(tracker, case)
            assert len(found) == 1
            number = found[0]["id"]
            said = tracker.words(number)
            words = [word for word in said if "Reach them another way" in word]
            assert len(words) == len(refused)
            # The mail may be refused before the ticket is opened, or after it.
            assert_all_said([word for word in said if word not in words], operations(daemon)[case])
            return number, words

        number, words = processes.eventually(check, timeout=120, pause=1)
        daemon.stop()
    assert refused and not sink.mails
    # Enough to know which address it was, and no more.
    names = {address.partition("@")[0] for _, address in refused}
    assert all("@example.com" in word and not any(name in word for name in names) for word in words)
    assert tracker.ticket(number)["Subject"] == opened[-1]["subject"] and tracker.ticket(number)["Status"] == "new"


def test_a_deleted_ticket_is_made_again(make_daemon, tracker, configured):
    daemon = make_daemon(configured()).start()
    send(daemon, story(2, "deleted"))
    (case, opened), = operations(daemon).items()
    ticket = told(tracker, daemon, case)
    tracker.update(ticket["id"], Status="deleted")
    send(daemon, [feedback(opened[0]["account_id"], "not_me", "owner", case)])

    def made_again() -> None:
        found = tickets_of(tracker, case)
        assert [one["Priority"] for one in found] == ["100"] and found[0]["id"] != ticket["id"]

    processes.eventually(made_again)
    daemon.stop()


def test_answers_that_are_lost_make_no_second_ticket_and_say_nothing_twice(make_daemon, tracker, configured):
    with LosingProxy(tracker.url) as proxy:
        proxy.lose("POST", "/REST/2.0/ticket", 2)
        daemon = make_daemon(configured(proxy.url)).start()
        send(daemon, story(2, "lost"))
        (case, opened), = operations(daemon).items()
        number = told(tracker, daemon, case)["id"]
        proxy.lose("POST", f"/REST/2.0/ticket/{number}/comment", 2)
        proxy.lose("PUT", f"/REST/2.0/ticket/{number}")
        send(daemon, [feedback(opened[0]["account_id"], "not_me", "owner", case)])
        shows(tracker, daemon, case, Priority="100")
        assert ("POST", f"/REST/2.0/ticket/{number}/comment") in proxy.seen
        daemon.stop()


def test_a_daemon_that_is_killed_leaves_one_ticket_for_each_case(make_daemon, tracker, configured):
    daemon = make_daemon(configured()).start()
    events = story(8, "killed")
    rng = random.Random(7)
    for begin in range(0, len(events), 60):
        assert post(daemon, "\n".join(events[begin : begin + 60]))[0] == 202
        time.sleep(rng.uniform(0, 1.2))
        daemon.kill()
        daemon.start()
    wait_until_processed(daemon)
    for _ in range(3):
        time.sleep(rng.uniform(0, 1.5))
        daemon.kill()
        daemon.start()
    cases = operations(daemon)
    assert len(cases) == 4
    for case in cases:
        told(tracker, daemon, case)
    daemon.stop()


def test_a_server_that_is_away_gets_its_tickets_when_it_is_back(make_daemon, tracker, configured):
    tracker.stop()
    try:
        daemon = make_daemon(configured()).start()
        send(daemon, story(2, "away"))
        away = lambda: daemon.metric("tocsin_delivery_attempts_total", channel="tickets", outcome="retried") > 0  # noqa: E731
        processes.wait_until(away, "an attempt that fails")
    finally:
        tracker.start()
    for case in operations(daemon):
        told(tracker, daemon, case)
    daemon.stop()


def test_a_queue_without_the_field_gets_no_tickets(make_daemon, tracker, configured):
    before = len(tracker.tickets())
    daemon = make_daemon(configured() + "    case_field: no_such_field\n").start()
    send(daemon, story(2, "field"))
    retried = lambda: daemon.metric("tocsin_delivery_attempts_total", channel="tickets", outcome="retried") > 1  # noqa: E731
    processes.wait_until(retried, "attempts that fail")
    assert len(tracker.tickets()) == before
    daemon.stop()


@pytest.mark.parametrize(("decided", "outcome", "label"), [("fraud", "fraud", "right"), ("false positive", "false_positive", "wrong")])
def test_what_an_agent_decides_comes_back(make_daemon, tracker, configured, decided, outcome, label):
    daemon = make_daemon(configured()).start()
    send(daemon, story(2, outcome))
    (case, _), = operations(daemon).items()
    number = told(tracker, daemon, case)["id"]
    tracker.update(number, CustomFields={"tocsin_outcome": decided})
    passed_on = lambda: daemon.metric("tocsin_ticket_outcomes_total", outcome=outcome)  # noqa: E731
    processes.wait_until(passed_on, "the outcome to be read")
    labelled = lambda: daemon.metric("tocsin_detector_labels_total", label=label) > 0  # noqa: E731
    processes.wait_until(labelled, "the findings to be labelled")
    if label == "wrong":
        processes.wait_until(lambda: operations(daemon)[case][-1]["operation"] == "resolve", "detection to agree")
        shows(tracker, daemon, case, Status="resolved")

    # It is passed on once, also when it is read again by a daemon that was killed.
    daemon.kill()
    daemon.start()
    wait_until_processed(daemon)
    time.sleep(2.5)  # Two more looks.
    assert passed_on() == 0
    daemon.stop()


def test_twins_are_found_by_their_reference_and_merged(make_daemon, tracker, configured, tocsin_binary):
    daemon = make_daemon(configured()).start()
    send(daemon, story(2, "twins"))
    (case, opened), = operations(daemon).items()
    number = told(tracker, daemon, case)["id"]
    # What is left of two requests that were carried out at once: Request Tracker leaves the field of the second empty.
    twin = tracker.ask("POST", "/ticket", {"Queue": "Security", "Subject": opened[0]["subject"], "Content": "the same",
                                           "ContentType": "text/plain", "CustomFields": {"tocsin_case": case}})["id"]
    assert tracker.ticket(twin)["fields"]["tocsin_case"] == ""
    command = [str(tocsin_binary), "tickets", "reconcile", "--config", str(daemon.config)]
    dry = subprocess.run([*command, "--dry-run"], capture_output=True, text=True, timeout=300, check=False)
    assert dry.returncode == 1 and f"{case}\t{twin}\t{number}\n" in dry.stdout, dry.stdout + dry.stderr
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert tracker.ticket(twin)["id"] == number
    daemon.stop()


def test_a_ticket_merged_into_another_cases_adds_words_and_nothing_else(make_daemon, tracker, configured):
    daemon = make_daemon(configured()).start()
    send(daemon, story(4, "merged"))
    (one, opened), (other, of_other) = operations(daemon).items()
    number, target = (told(tracker, daemon, case)["id"] for case in (one, other))
    tracker.update(number, MergeInto=target)
    kept = ("Subject", "Priority", "Status", "Due", "fields")
    before, count = tracker.ticket(target), len(tracker.tickets())
    for verdict, by in (("not_me", "owner"), ("false_positive", "analyst")):
        send(daemon, [feedback(opened[0]["account_id"], verdict, by, one)])
        last = operations(daemon)[one][-1]
        body = ticket_words.of_markdown(last["body"])
        processes.wait_until(lambda body=body: body in tracker.words(target), "the news", timeout=60, pause=0.5)
        pending = lambda: daemon.metric("tocsin_deliveries", channel="tickets", status="pending")  # noqa: E731
        processes.wait_until(lambda: pending() == 0, "the operation to be over")
        after = tracker.ticket(target)
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert last["operation"] == "resolve" and len(tracker.tickets()) == count

    # Its own case goes on.
    send(daemon, [feedback(of_other[0]["account_id"], "not_me", "owner", other)])
    urgent = operations(daemon)[other][-1]["subject"]
    processes.wait_until(lambda: tracker.ticket(target)["Subject"] == urgent, "the news of its own", timeout=60, pause=0.5)
    assert tracker.ticket(target)["Priority"] == "100"
    daemon.stop()


def test_priorities_are_told_apart():
    """As Request Tracker shows them by itself, and with what docs/tickets.md adds."""
    documented = re.search(r"```perl\n(Set\(%PriorityAsString,.*?)```", (ROOT / "docs/tickets.md").read_text(), re.DOTALL)[1]
    with RequestTracker() as tracker:
        made = {name: tracker.ask("POST", "/ticket", {"Queue": "Security", "Subject": name, "Priority": number})["id"]
                for name, number in PRIORITY.items()}

        def shown() -> dict[str, str]:
            return {name: tracker.priority_shown(number) for name, number in made.items()}

        assert shown() == {"P1": "High", "P2": "Medium", "P3": "Medium", "P4": "Low"}
        tracker.configure(documented)
        assert shown() == {name: name for name in PRIORITY}


def test_what_an_administrator_loads_may_be_loaded_again(doctor, tmp_path):
    """The token is shown once: who lost it runs the command of docs/tickets.md again. Nothing is there twice then."""
    with RequestTracker() as tracker:
        again = tracker.administer()
        fields = tracker.ask("GET", "/queue/Security")["TicketCustomFields"]
        assert sorted(field["name"] for field in fields) == ["tocsin_case", "tocsin_outcome"]
        for token in {tracker.token, again}:
            (tmp_path / "rt.token").write_text(token + "\n")
            code, checks, said = doctor(CONFIG + "delivery:\n" + TICKETS.format(url=tracker.url, folder=tmp_path))
            assert code == 0 and checks["delivery.tickets"]["health"] == "good", said
    assert again != tracker.token
