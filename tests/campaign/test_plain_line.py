"""The plain run that a campaign is held against: it says what a replay says, and takes records as a log holds them."""

import base64
import dataclasses
import json
import re
import subprocess

import campaign
import fleet
import oracle
import plain_line
import pytest
import traffic
from support import population
from support.kafka_client import Record

MIDNIGHT = 1_767_225_600_000  # 2026-01-01T00:00:00Z
POPULATION = b"\xffpopulation"
LEAST = {"findings": 100, "notices": 50, "tickets": 20, "actions": 5, "dead-letters": 10}


@pytest.fixture(scope="module")
def databases(tmp_path_factory):
    return campaign.write_databases(tmp_path_factory.mktemp("geoip"))


@pytest.fixture
def given(plain_program, databases):
    return lambda *records: plain_line.run(plain_program, fleet.RULES.format(databases=databases), list(records))


def event(kind: str, account: str, at: str, **more) -> bytes:
    common = {"type": kind, "event_id": f"{kind}-{at}", "account_id": account, "occurred_at": at}
    return json.dumps(common | more, indent=2).encode()


def test_a_replay_says_the_same(given, tocsin_binary, databases, tmp_path):
    """The program, with worker, task and store, over a file: byte for byte, but that a file has no keys."""
    sent = traffic.records(tocsin_binary, "events", 1, seed=5, accounts=150, days=8)
    (tmp_path / "events").write_bytes(b"".join(record.value + b"\n" for record in sent))
    command = [str(tocsin_binary), "replay", "--events", str(tmp_path / "events"), *population.geoip_options(databases)]
    command += [part for kind in plain_line.KINDS for part in (f"--{kind}", str(tmp_path / kind))]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    said = given(*(dataclasses.replace(record, offset=line) for line, record in enumerate(sent, 1)))
    for kind, outputs in said.outputs.items():
        replayed = (tmp_path / kind).read_bytes().split(b"\n")[:-1]
        assert len(replayed) >= LEAST[kind], kind
        if kind == "dead-letters":
            outputs = [re.sub(rb'"key":"[^"]*",', b"", output) for output in outputs]
        oracle.same_outputs(kind, 0, replayed, outputs)
    assert said.states.keys() > {POPULATION} and len(said.states) > 150 / 2


def test_records_are_taken_as_they_lie_there(given):
    """Line breaks in values and keys, none at all, gaps between offsets."""
    login = event("login", "ada", "2026-01-01T00:00:00Z", outcome="success")
    records = [
        Record("logins", login, b"ada", partition=3, offset=7, timestamp=MIDNIGHT),
        Record("logins", b"{\n}\r\n\0\n", b"a\nb", partition=3, offset=8, timestamp=MIDNIGHT + 1),
        Record("logins", None, b"ada", partition=3, offset=9, timestamp=MIDNIGHT + 2),
        Record("logins", login, b"bob", partition=3, offset=11, timestamp=MIDNIGHT + 3),
    ]
    assert b"\n" in login
    found = given(*records)
    letters = [json.loads(output) for output in found.outputs["dead-letters"]]
    assert [letter["reason"] for letter in letters] == ["not_json", "empty_record", "key_mismatch"]
    for letter, record in zip(letters, records[1:], strict=True):
        assert (letter["topic"], letter["partition"], letter["offset"]) == ("logins", 3, record.offset)
        assert letter["key"].encode() == record.key
        assert base64.b64decode(letter["bytes"]) == (record.value or b"")
        assert letter["appended_at"] == f"2026-01-01T00:00:00.00{record.timestamp - MIDNIGHT}Z"
    assert found.states.keys() == {b"ada", POPULATION}
    assert all(segment for state in found.states.values() for segment in state.values())


def test_the_time_of_arrival_counts(given):
    """What is dated after it is taken for a wrong clock."""
    login = Record("logins", event("login", "ada", "2026-01-01T06:00:00Z", outcome="success"), b"ada", partition=0, offset=0)
    states = [given(dataclasses.replace(login, timestamp=at)).states for at in (MIDNIGHT, MIDNIGHT + 6 * 3_600_000, None)]
    assert states[0] != states[1] == states[2]


def test_nothing_is_left_of_who_was_erased(given):
    records = [
        Record("events", event("login", account, "2026-01-01T00:00:00Z", outcome="success"), account.encode(), partition=0, offset=n)
        for n, account in enumerate(("ada", "bob"))
    ]
    erased = event("account_change", "ada", "2026-01-01T00:10:00Z", change="erased")
    assert given(*records).states.keys() == {b"ada", b"bob", POPULATION}
    assert given(*records, Record("events", erased, b"ada", partition=0, offset=2)).states.keys() == {b"bob", POPULATION}
