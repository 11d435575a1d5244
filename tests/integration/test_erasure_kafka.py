"""An account that is erased while the daemon runs over a real broker: nothing of it is left on the daemon's disk, in its log, in
what delivery keeps, and, once the broker has compacted, in the changelogs; but the deletion itself, for as long as the topic keeps
deletions."""

import contextlib
import itertools
import json
import os
import pathlib
import subprocess
import urllib.request

import pytest
from support import kafka_settings, processes
from support.kafka_broker import KafkaCluster
from support.kafka_client import Record, consume, produce
from support.mail_sink import MailSink

TOKEN = "the-token-that-may-change-things"
ACCOUNT = "mona-account-17"  # In the middle of the others: a database's own files name the first and last keys of each table.
ADDRESS, DEVICE, MODEL, NAME = "mona.secret@example.com", "device-of-mona-9", "ThinkPad-of-Mona", "Mona Lovelace"
PERSONAL = [text.encode() for text in (ACCOUNT, ADDRESS, DEVICE, MODEL, NAME)]
CHANGELOG = {"cleanup_policy": "compact", "delete_retention_ms": "604800000", "segment_ms": "500", "max_compaction_lag_ms": "500",
             "min_cleanable_dirty_ratio": "0.001"}
MORE = """\
engine: {workers: 1, commit_interval_ms: 50, checkpoint_interval: 1s}
support: {phone: "+65 6000 0000"}
delivery:
  changelog_topic: PREFIXdelivery-changelog
  retry_waits: WAITS
  mail: {url: "URL", ca: "CA", username: "USER", password: {file: "{folder}/../mail.password"}, from: security@example.com}
http:
  metrics_listen: "127.0.0.1:{http_port}"
  admin_listen: "127.0.0.1:PORT"
  admin_token: {file: "{folder}/../admin.token"}
"""


class QuickCleaner(KafkaCluster):
    """Compacts what may be compacted at once."""

    def _more_config(self, broker) -> str:
        return "log.cleaner.backoff.ms=200\n"


@pytest.fixture(scope="module")
def kafka():
    with QuickCleaner() as cluster:
        yield cluster


def login(account: str, number: int, device: dict) -> Record:
    event = {"type": "login", "source": "test", "event_id": f"{account}-{number}", "account_id": account, "outcome": "success",
             "occurred_at": f"2026-01-{1 + number // 24:02d}T{number % 24:02d}:00:00Z", "ip": "139.12.16.10", "device": device}
    return Record("logins", json.dumps(event).encode(), account.encode())


def profile(account: str) -> Record:
    contacts = [{"channel": "email", "address": ADDRESS, "verified": True, "primary": True}]
    event = {"type": "account_profile", "source": "test", "event_id": f"p-{account}", "account_id": account, "display_name": NAME,
             "occurred_at": "2026-01-01T00:00:00Z", "contacts": contacts, "locale": "en"}
    return Record("logins", json.dumps(event).encode(), account.encode())


def in_state(daemon) -> bytes:
    """All entries of the daemon's databases, and every other file below its state directory that is no database's."""
    scan = os.environ.get("TOCSIN_STATE_SCAN") or str(pathlib.Path(__file__).resolve().parents[2] / "build/dev/tests/integration/state_scan")
    folder = daemon.folder / "state"
    entries = subprocess.run([scan, str(folder)], capture_output=True, timeout=300, check=True).stdout
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # Removed meanwhile.
            entries += path.read_bytes() if path.is_file() and path.parent.name != "db" else b""
    return entries


def found(data: bytes) -> list[bytes]:
    return [personal for personal in PERSONAL if personal in data]


def test_nothing_is_left_of_who_was_erased(kafka, make_daemon, topic_prefix, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    for name in ("changelog", "delivery-changelog"):
        kafka.create_topic(topic_prefix + name, partitions=1, **CHANGELOG)
    with MailSink(tmp_path / "mail") as sink:
        (tmp_path / "mail.password").write_text(sink.password)
        sink.plan[ADDRESS] = ["always 451 4.7.1 later"]  # Until it was seen on its way.
        more = MORE.replace("WAITS", str(["3s"] * 90)).replace("PREFIX", topic_prefix)
        more = more.replace("URL", sink.url).replace("CA", str(sink.ca)).replace("USER", sink.user)
        daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, inputs=("logins", "account-feedback"), partitions=1,
                                                 feedback_topic=f"{topic_prefix}account-feedback", more=more.replace("PORT", str(port))))
        daemon.start()
        numbers = itertools.count()

        def send(*records: Record) -> None:
            produce(kafka.bootstrap, [Record(topic_prefix + "logins", r.value, r.key) for r in records])

        def others_live() -> None:
            """Another checkpoint, another segment of the changelogs."""
            send(*(login(f"{letter}-account", number, {"id": f"phone-{letter}", "platform": "ios"})
                   for number in [next(numbers)] for letter in "az"))

        phone, laptop = {"id": "phone-1", "platform": "ios"}, {"id": DEVICE, "platform": "linux", "model": MODEL}
        send(profile(ACCOUNT), *(login(ACCOUNT, number, phone) for number in range(0, 200, 24)), login(ACCOUNT, 300, laptop))
        kept = lambda: b"".join(r.value or b"" for r in consume(kafka.bootstrap, topic_prefix + "delivery-changelog"))
        processes.wait_until(lambda: ADDRESS.encode() in kept(), "the notice on its way", 60)
        sink.plan.clear()
        processes.wait_until(lambda: sink.mails, "the notice", 60)
        processes.wait_until(lambda: others_live() or ACCOUNT.encode() in in_state(daemon), "the account on disk", 60, pause=1)
        assert {ACCOUNT.encode(), ADDRESS.encode(), NAME.encode()} <= set(found(in_state(daemon)))
        changelog = b"".join(r.value or b"" for r in consume(kafka.bootstrap, topic_prefix + "changelog"))
        assert ADDRESS.encode() in changelog

        asked = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/accounts/{ACCOUNT}/erase", method="POST",
                                       headers={"Authorization": f"Bearer {TOKEN}"}, data=b"")
        assert urllib.request.urlopen(asked, timeout=120).status == 202

        processes.wait_until(lambda: others_live() or not found(in_state(daemon)), "nothing of it on disk", 90, pause=1)

        def left_in(topic: str) -> list[Record]:
            """Records that hold something of it, seen by anybody."""
            everything = consume(kafka.bootstrap, topic_prefix + topic, committed_only=False)
            return [r for r in everything if found((r.key or b"") + b"\n" + (r.value or b""))]

        # The deletions stay for delete.retention.ms: without them an older state directory would bring the account back.
        processes.wait_until(lambda: others_live() or all(not r.value for r in left_in("changelog")), "the compaction", 90, pause=1)
        assert {ACCOUNT.encode()} == {personal for r in left_in("changelog") for personal in found(r.key)}
        processes.wait_until(lambda: others_live() or not left_in("delivery-changelog"), "delivery's compaction", 90, pause=1)
        daemon.stop()

    assert found(daemon.log.read_bytes()) == []
    assert found(in_state(daemon)) == []
    # What was put out is the platform's to keep: the topics' retention says for how long.
    assert left_in("notices") and left_in("findings")
