"""Zammad, Zendesk and Jira Service Management, by contract: servers of our own that take only what the published interfaces
describe, and answer as they describe. The real server of the tests is Request Tracker (test_request_tracker.py)."""

import json
import subprocess
import time

import pytest
from support import processes, takeovers, ticket_words
from support.embedded import CONFIG, post, wait_until_processed
from support.ticket_systems import Jira, Zammad, Zendesk


OUTCOMES = ("tocsin-false-positive", "tocsin-fraud")


@pytest.fixture(params=[Zammad, Zendesk, Jira], ids=lambda system: system.__name__)
def system(request):
    with request.param() as running:
        yield running
        assert running.wrong == []


def configured(system, tmp_path) -> str:
    (tmp_path / "token").write_text(system.token)
    config = CONFIG + "delivery:\n  retry_waits: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s]\n  tickets:\n"
    settings = system.settings | {"url": system.url, "token": f"{{file: {tmp_path}/token}}", "allow_private": "true", "poll": "1s"}
    return config + "".join(f"    {key}: {value}\n" for key, value in settings.items())


@pytest.fixture
def daemon(make_daemon, system, tmp_path):
    return make_daemon(configured(system, tmp_path)).start()


def send(daemon, events: list[str]) -> None:
    assert post(daemon, "\n".join(events))[0] == 202
    wait_until_processed(daemon)


def operations(daemon) -> list[dict]:
    return [json.loads(line) for line in (daemon.folder / "out/tickets.jsonl").read_text().splitlines()]


def feedback(operation: dict, verdict: str, by: str, number: int) -> str:
    return json.dumps({"type": "feedback", "event_id": f"feedback-{number}", "account_id": operation["account_id"],
                       "case_id": operation["case_id"], "verdict": verdict, "by": by, "occurred_at": int(time.time() * 1000)})


def told(system, daemon) -> str:
    """The name of the case's one ticket, once it holds the words of every operation but appends that were replaced, once
    and in order."""

    def check() -> str:
        wanted = operations(daemon)
        names = system.of_case(wanted[0]["case_id"])
        assert len(names) == 1
        said = system.words(names[0])
        bodies = [ticket_words.of_markdown(operation["body"]) for operation in wanted]
        assert set(said) <= set(bodies)
        places = [bodies.index(words) for words in said]
        assert places == sorted(set(places)) and places[0] == 0 and places[-1] == len(bodies) - 1
        return names[0]

    return processes.eventually(check)


def comes_to(system, name: str, member: str, value: str) -> None:
    processes.wait_until(lambda: system.tickets[name][member] == value, f"{member} to be {value}")


def test_a_case_is_one_ticket_from_its_opening_to_its_end(daemon, system):
    send(daemon, takeovers.recent_events(2))
    wanted = operations(daemon)
    name = told(system, daemon)
    comes_to(system, name, "title", wanted[-1]["subject"])
    assert wanted[-1]["subject"] != wanted[0]["subject"]
    comes_to(system, name, "stage", system.stages["new"])
    comes_to(system, name, "priority", system.priorities[wanted[-1]["priority"]])

    send(daemon, [feedback(wanted[0], "not_me", "owner", 1)])
    told(system, daemon)
    comes_to(system, name, "priority", system.priorities["P1"])
    urgent = operations(daemon)[-1]["subject"]
    assert "P1: " in urgent and urgent != wanted[-1]["subject"]
    comes_to(system, name, "title", urgent)

    # An agent closes it; the outcome is read, detection agrees, and what it says then is in the ticket.
    system.tickets[name]["stage"] = system.stages["closed"]
    system.decide(name, "false positive")
    processes.wait_until(lambda: daemon.metric("tocsin_ticket_outcomes_total", outcome="false_positive") == 1, "the outcome")
    processes.wait_until(lambda: operations(daemon)[-1]["operation"] == "resolve", "detection to hear of it")
    told(system, daemon)
    comes_to(system, name, "stage", system.stages["closed"])
    assert system.token not in daemon.log.read_text()
    daemon.stop()


@pytest.mark.parametrize("system", [Jira], indirect=True, ids=["Jira"])
def test_labels_of_an_agents_own_say_nothing_and_both_outcomes_decide_nothing(daemon, system):
    send(daemon, takeovers.recent_events(2))
    name = told(system, daemon)
    ticket = system.tickets[name]

    def labelled(*labels: str) -> None:
        ticket["labels"] = sorted({label for label in ticket["labels"] if label not in OUTCOMES} | set(labels))

    def taken(outcome: str) -> float:
        return daemon.metric("tocsin_ticket_outcomes_total", outcome=outcome)

    # The last label, and as long as that of a case.
    labelled("tocsin-vip", "tocsin-watched-for-a-week-by-the-desk-1", "tocsinwatched", "tocsin-false-positive")
    processes.wait_until(lambda: taken("false_positive") == 1, "the outcome")
    labelled(*OUTCOMES)
    processes.wait_until(lambda: "ticket_undecided" in daemon.log.read_text(), "the warning")
    time.sleep(2.5)  # Two more looks.
    assert (taken("fraud"), taken("false_positive")) == (0, 1)
    assert daemon.log.read_text().count("ticket_undecided") == 1
    labelled("tocsin-fraud")
    processes.wait_until(lambda: taken("fraud") == 1, "what was thought again")
    daemon.stop()


def test_news_open_a_closed_ticket_again(daemon, system):
    send(daemon, takeovers.recent_events(2))
    wanted = operations(daemon)
    name = told(system, daemon)
    system.tickets[name]["stage"] = system.stages["closed"]
    send(daemon, [feedback(wanted[0], "not_me", "owner", 1)])
    told(system, daemon)
    comes_to(system, name, "stage", system.stages["open"])
    daemon.stop()


def test_twins_are_merged(daemon, system, tocsin_binary):
    send(daemon, takeovers.recent_events(2))
    name = told(system, daemon)
    twin = system.twin(name)
    command = [str(tocsin_binary), "tickets", "reconcile", "--config", str(daemon.config)]

    def reconcile(*options: str) -> tuple[int, str]:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout

    pair = f"{operations(daemon)[0]['case_id']}\t{twin}\t{name}\n"
    assert reconcile("--dry-run") == (1, pair)
    assert reconcile() == (0, pair)
    assert reconcile() == (0, "")
    daemon.stop()


@pytest.mark.parametrize(("system", "new"), [(Zendesk, Zammad), (Jira, Zendesk)], indirect=["system"], ids=["Zammad", "Zendesk"])
def test_another_system_gets_tickets_of_its_own(daemon, system, new, tmp_path):
    send(daemon, takeovers.recent_events(2))
    told(system, daemon)
    daemon.stop()
    with new() as other:
        stranger = {"case": "", "title": "Printer on floor 3", "stage": new.stages["closed"], "priority": "low",
                    "outcome": "", "articles": [], "tags": [], "words": []}
        other.tickets["1"] = dict(stranger)
        daemon.config.write_text(daemon.config.read_text().partition("delivery:")[0] + "delivery:"
                                 + configured(other, tmp_path).partition("delivery:")[2])
        daemon.start()
        send(daemon, [feedback(operations(daemon)[0], "not_me", "owner", 1)])
        case, last = operations(daemon)[0]["case_id"], operations(daemon)[-1]

        def has_its_own() -> None:
            own = other.of_case(case)
            assert len(own) == 1 and ticket_words.of_markdown(last["body"]) in other.words(own[0])

        processes.eventually(has_its_own)
        assert other.tickets["1"] == stranger and other.wrong == []
        daemon.stop()


@pytest.mark.parametrize("system", [Zendesk], indirect=True, ids=["Zendesk"])
def test_an_answer_that_is_lost_makes_no_second_ticket(daemon, system):
    system.lose.append(("POST", "/api/v2/tickets"))
    send(daemon, takeovers.recent_events(2))
    told(system, daemon)
    assert system.lose == []
    daemon.stop()


@pytest.mark.parametrize("system", [Zendesk], indirect=True, ids=["Zendesk"])
def test_a_ticket_that_was_closed_for_good_is_followed_by_another(daemon, system):
    send(daemon, takeovers.recent_events(2))
    case = operations(daemon)[0]["case_id"]
    name = told(system, daemon)
    system.tickets[name]["stage"] = "closed"
    send(daemon, [feedback(operations(daemon)[0], "not_me", "owner", 1)])
    processes.wait_until(lambda: len(system.of_case(case)) == 2, "another ticket")
    comes_to(system, system.of_case(case)[1], "priority", "urgent")
    daemon.stop()


@pytest.mark.parametrize(
    ("system", "lacks", "code", "health", "remedy"),
    [
        (Zammad, set(), 0, "good", ""),
        (Zammad, {"queue"}, 78, "bad", "delivery.tickets.queue"),
        (Zammad, {"field"}, 78, "bad", "delivery.tickets.case_field"),
        (Zammad, {"outcome"}, 78, "bad", "delivery.tickets.outcome_field"),
        (Zammad, {"right"}, 0, "warning", "admin.group"),
        (Zendesk, set(), 0, "good", ""),
        (Zendesk, {"right"}, 69, "unavailable", "delivery.tickets.token"),
        (Zendesk, {"field"}, 78, "bad", "tocsin_false_positive"),
        (Jira, set(), 0, "good", ""),
        (Jira, {"queue"}, 78, "bad", "delivery.tickets.queue"),
        (Jira, {"place"}, 69, "unavailable", "delivery.tickets.url"),
        (Jira, {"type"}, 78, "bad", "delivery.tickets.request_type"),
    ],
    indirect=["system"],
    ids=lambda value: value.__name__ if isinstance(value, type) else "-".join(value) if isinstance(value, set) else "",
)
def test_the_doctor_asks_for_what_an_administrator_makes(doctor, system, tmp_path, lacks, code, health, remedy):
    config = configured(system, tmp_path)
    system.lacks = lacks
    exit_code, checks, said = doctor(config)
    check = checks["delivery.tickets"]
    assert (exit_code, check["health"]) == (code, health) and remedy in check.get("remedy", ""), said
    assert system.tickets == {}

    system.authorization = "of somebody else"
    exit_code, checks, said = doctor(config)
    assert exit_code == 69 and "delivery.tickets.token" in checks["delivery.tickets"]["remedy"], said
    assert system.token not in said
