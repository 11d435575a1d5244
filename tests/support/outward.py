"""What left the daemon for receivers, and what came of it there."""

import collections
import json

from support import processes, ticket_words
from support.embedded import post, wait_until_processed

TICKETS = """\
  tickets:
    system: request_tracker
    url: {url}
    token: {{file: {folder}/rt.token}}
    allow_private: true
    requester: tocsin@example.com
    poll: 1s
"""


def outputs(daemon, kind: str) -> list[dict]:
    """Everything that is kept of a kind, what was set aside first. A line without its end is still being written."""
    set_aside = lambda: sorted((daemon.folder / "out").glob(f"{kind}.2*.jsonl"))  # noqa: E731

    def read() -> list[str] | None:
        files = set_aside()
        try:
            texts = [file.read_text() for file in (*files, daemon.folder / f"out/{kind}.jsonl")]
        except FileNotFoundError:
            return None
        return texts if files == set_aside() else None  # Else one was set aside, or removed, while they were read.

    texts = processes.wait_until(read, f"the files of {kind} to stay where they are", pause=0.01)
    return [json.loads(line) for text in texts for line in text.splitlines(keepends=True) if line.endswith("\n")]


def wanted_mails(daemon) -> list[tuple[str, str]]:
    """(notice id, address) of every mail that is due."""
    return [(notice["notice_id"], recipient["address"]) for notice in outputs(daemon, "notices")
            for recipient in notice["recipients"] if recipient["channel"] == "email"]


def send(daemon, events: list[str]) -> None:
    for begin in range(0, len(events), 100):
        assert post(daemon, "\n".join(events[begin : begin + 100]))[0] == 202
    wait_until_processed(daemon)


def operations(daemon) -> dict[str, list[dict]]:
    """What was to be told of tickets, by case, in order."""
    by_case = collections.defaultdict(list)
    for ticket in outputs(daemon, "tickets"):
        by_case[ticket["case_id"]].append(ticket)
    return by_case


def tickets_of(tracker, case: str) -> list[dict]:
    return tracker.tickets(f"'CF.{{tocsin_case}}' = '{case}'")


def assert_all_said(said: list[str], wanted: list[dict]) -> None:
    """Everything that was to be told of a case stands in its ticket: once and in order. An append may have been replaced
    by the one after it."""
    bodies = [ticket_words.of_markdown(operation["body"]) for operation in wanted]
    assert len(said) == len(set(said)) and set(said) <= set(bodies)
    places = [bodies.index(words) for words in said]
    assert places == sorted(places) and places[0] == 0 and places[-1] == len(bodies) - 1
    left_out = [wanted[i]["operation"] for i in range(len(bodies)) if i not in places]
    assert set(left_out) <= {"append"}


def told(tracker, daemon, case: str) -> dict:
    """The case's one ticket, once everything was said there."""

    def check() -> dict:
        found = tickets_of(tracker, case)
        assert len(found) == 1, [ticket["id"] for ticket in found]
        assert_all_said(tracker.words(found[0]["id"]), operations(daemon)[case])
        return found[0]

    return processes.eventually(check, timeout=120, pause=1)
