"""What older versions of the program left behind is taken over whole: state directories as they left them, with their embedded log,
outputs and what was on its way, and changelogs with states in every form that is read (recorded/segments.json: bytes of the
programs that wrote them). The way back: tests/unit/daemon/state_form_test.cc, test_operations.py."""

import json
import pathlib
import subprocess

import pytest
from support import older_state, processes
from support.embedded import post, wait_until_processed
from support.kafka_client import Record, produce
from support.mail_sink import MailSink

RECORDED = pathlib.Path(__file__).parent / "recorded"
STATES = sorted(path for path in RECORDED.iterdir() if path.is_dir())  # Recorded by support/older_state.py.
SEGMENTS = json.loads((RECORDED / "segments.json").read_text())
MAIL = """\
delivery:
  retry_waits: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s]
  mail: {{url: {url}, ca: {ca}, username: {user}, password: {{file: {secret}}}, from: security@example.com}}
"""


@pytest.fixture(name="data")
def test_databases(tocsin_binary) -> pathlib.Path:
    root = pathlib.Path(__file__).resolve().parents[2]
    return next(path for path in (tocsin_binary.parent / "test-data", root / "build/dev/test-data") if path.is_dir())


def records(folder: pathlib.Path, kind: str) -> list[dict]:
    """Of all files of this kind, also of those that were set aside."""
    return [json.loads(line) for path in sorted(folder.glob(f"{kind}*.jsonl")) for line in path.read_text().splitlines()]


def login(number: int, day: int, device: dict) -> str:
    return json.dumps({"type": "login", "source": "after", "event_id": f"after-{number}", "account_id": "anna", "tenant": "north",
                       "occurred_at": f"2026-11-{day}T08:00:00Z", "outcome": "success", "method": "password", "ip": older_state.HOME, "device": device})


@pytest.fixture(name="upgraded", params=STATES, ids=lambda path: path.name)
def an_older_programs_state(request, make_daemon, data, tmp_path):
    """(daemon of now, not started, over what an older program left; what that one showed of the account; mail server)"""
    with MailSink(tmp_path / "mail") as sink:
        (tmp_path / "secret").write_text(sink.password)
        mail = MAIL.format(url=sink.url, ca=sink.ca, user=sink.user, secret=tmp_path / "secret")
        daemon = make_daemon(older_state.config(data, mail))
        subprocess.run(["tar", "-C", daemon.folder, "-xJf", request.param / "state.tar.xz"], check=True)
        yield daemon, json.loads((request.param / "shown.json").read_text()), sink


def test_nothing_that_was_known_is_lost(upgraded, tocsin_binary):
    daemon, shown, _ = upgraded
    assert older_state.shown(tocsin_binary, daemon.folder / "state") == shown
    daemon.start(timeout=120).stop()
    assert older_state.shown(tocsin_binary, daemon.folder / "state") == shown


def test_it_goes_on_where_the_older_one_was(upgraded, tocsin_binary):
    daemon, shown, sink = upgraded
    before = {kind: records(daemon.folder / "out", kind) for kind in ("findings", "notices", "tickets", "actions")}
    daemon.start(timeout=120)
    # What was on its way arrives, to every address that it was for.
    waited = sorted((one["notice_id"], to["address"]) for one in before["notices"] for to in one["recipients"] if "deliver_after" not in one)
    assert len(waited) > 1
    processes.wait_until(lambda: len(sink.mails) >= len(waited), "the mails", 60)
    # Events of before that are sent again are no news. A device that was known is not, another one is.
    assert post(daemon, "\n".join([*older_state.story(), login(1, 17, older_state.PHONE), login(2, 18, {"id": "other", "platform": "windows"})]))[0] == 202
    wait_until_processed(daemon)
    daemon.stop()
    after = {kind: records(daemon.folder / "out", kind) for kind in before}
    for kind, had in before.items():
        assert after[kind][:len(had)] == had, kind
    new = {kind: after[kind][len(had):] for kind, had in before.items()}
    devices = [one for one in new["findings"] if one["detector"] == "new_device"]
    assert [one["cause"] for one in devices] == [["after-2"]], new["findings"]
    # It belongs to the open case, and to the ticket that there is.
    (case,) = [one for one in shown["cases"] if one["case_id"] == devices[0]["case_id"]]
    operations = {one["operation"] for one in new["tickets"] if one["reference"] == case["reference"]}
    assert operations and "open" not in operations
    now = older_state.shown(tocsin_binary, daemon.folder / "state")
    assert now["findings"][:1] == shown["findings"][:1]
    assert {one["finding_id"] for one in shown["findings"]} <= {one["finding_id"] for one in now["findings"]}
    assert now["account"][0]["payees"] == shown["account"][0]["payees"]


OVER_KAFKA = """\
log: kafka
state_dir: {{folder}}/state
kafka: {{brokers: {brokers}, group: older, input_topics: [logins, account-feedback], partitions: 1, replication: 1}}
engine: {{workers: 1}}
http: {{metrics_listen: "127.0.0.1:{{http_port}}"}}
"""


def varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def commit_of_then(records_before: int) -> Record:
    """Form 1, which knew of no form of states: sequence, no positions, records, outputs, events, chain. Commits before the seventh
    were compacted away."""
    return Record("tocsin.changelog", b"\1" + varint(7) + varint(0) + varint(records_before) + varint(0) + varint(9) + bytes(8), b"\0", partition=0)


def of_form(age: int) -> list[Record]:
    """An account whose segments are each so many versions older than the newest, or as old as is read."""
    kept = []
    for name in SEGMENTS:
        versions = SEGMENTS[name]["versions"]
        oldest_first = sorted(versions, key=int)
        version = oldest_first[max(0, len(oldest_first) - 1 - age)]
        kept.append(Record("tocsin.changelog", bytes.fromhex(versions[version]), bytes([SEGMENTS[name]["segment"]]) + f"account-{age}".encode(), partition=0))
    return kept


def test_a_changelog_of_every_form_is_read(kafka, make_daemon, tocsin_binary):
    ages = range(max(len(one["versions"]) for one in SEGMENTS.values()))
    assert len(ages) > 4
    for topic in ("logins", "account-feedback"):
        kafka.create_topic(topic, partitions=1)
    kafka.create_topic("tocsin.changelog", partitions=1, **{"cleanup.policy": "compact"})
    written = [record for age in ages for record in of_form(age)]
    produce(kafka.bootstrap, [*written, commit_of_then(len(written))])
    daemon = make_daemon(OVER_KAFKA.format(brokers=kafka.bootstrap)).start(timeout=120)
    assert daemon.metric("tocsin_partitions_stopped") == 0, daemon.log_tail()
    assert daemon.metric("tocsin_restored_records_total") == len(written) + 1
    # Each is written anew in the form of now: by an event that touches it.
    produce(kafka.bootstrap, [Record("logins", json.dumps({
        "type": "login", "event_id": f"touch-{age}", "account_id": f"account-{age}", "occurred_at": "2026-03-02T12:00:00Z", "outcome": "failure",
        "failure_reason": "bad_credentials"}).encode(), f"account-{age}".encode()) for age in ages])
    processes.wait_until(lambda: daemon.metric("tocsin_records_total") >= len(ages), "the events", 60)
    daemon.stop()
    shown = []
    for age in ages:
        done = subprocess.run([tocsin_binary, "account", "show", f"account-{age}", "--state", daemon.folder / "state", "--format", "json"],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        shown.append(json.loads(done.stdout))
    # All versions wrote the same account, down to the fourth payee of it, which the first version of payees was not asked to write.
    newest = shown[0]
    assert newest["account"][0]["contacts"] == "2" and newest["account"][0]["payees"] == "4"
    for age, one in zip(ages, shown, strict=True):
        if age >= len(SEGMENTS["payees"]["versions"]) - 1:
            one["account"][0]["payees"] = "4"
        assert one == newest, age
