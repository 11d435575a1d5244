"""Dead letters over a real broker: what could not be read is given back to its topic once the reason is mended, and counts once."""

import base64
import json
import subprocess

from support import kafka_settings, processes
from support.kafka_client import Record, consume, produce, wait_until_committed

TOKEN = "the-token-that-may-change-things"
MORE = """\
engine: {workers: 1, commit_interval_ms: 50}
decode: {bytes_max: BYTES}
http:
  metrics_listen: "127.0.0.1:{http_port}"
  admin_listen: "127.0.0.1:PORT"
  admin_token: {file: "{folder}/../admin.token"}
"""
ACCOUNT = b"ada"


def login(number: int, device: str, agent: str = "") -> bytes:
    event = {"type": "login", "source": "test", "event_id": f"e{number}", "account_id": ACCOUNT.decode(), "outcome": "success",
             "occurred_at": f"2026-01-{number:02d}T08:00:00Z", "ip": "139.12.16.10", "device": {"id": device, "platform": "ios"}}
    return json.dumps(event | ({"user_agent": agent} if agent else {})).encode()


def causes(kafka, prefix: str) -> list[str]:
    """Of every finding: the events that caused it."""
    return [event for record in consume(kafka.bootstrap, prefix + "findings") for event in json.loads(record.value)["cause"]]


def test_a_letter_whose_reason_is_mended_is_given_back_and_counts_once(kafka, make_daemon, topic_prefix, tocsin_binary, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    settings = kafka_settings.text(kafka.bootstrap, topic_prefix, inputs=("logins", "account-feedback"), partitions=2,
                                   feedback_topic=f"{topic_prefix}account-feedback", more=MORE.replace("PORT", str(port)))
    daemon = make_daemon(settings.replace("BYTES", "512")).start()
    logins = topic_prefix + "logins"
    produce(kafka.bootstrap, [Record(logins, login(day, "phone"), ACCOUNT) for day in range(1, 9)])
    large = login(20, "laptop", agent="Mozilla/5.0 " + "x" * 600)  # A new device, and larger than this daemon reads.
    produce(kafka.bootstrap, [Record(logins, large, ACCOUNT, headers=(("traceparent", b"00-1-2-01"),))])
    processes.wait_until(lambda: daemon.metric("tocsin_records_total") == 9, "the records", 60)
    assert daemon.metric("tocsin_events_total") == 8 and daemon.metric("tocsin_dead_letters_total") == 1
    wait_until_committed(kafka.bootstrap, f"{topic_prefix}tocsin", {logins: 2}, 9)
    assert "e20" not in causes(kafka, topic_prefix)

    def letters(*arguments: str, verb: str = "list") -> str:
        command = [str(tocsin_binary), "deadletters", verb, *arguments, "--admin", f"http://127.0.0.1:{port}",
                   "--token-file", str(tmp_path / "admin.token")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    # A commit has answered before everybody sees what it brought.
    (letter,) = map(json.loads, processes.wait_until(lambda: letters("--format", "json").splitlines(), "the letter to be listed"))
    assert letter["reason"] == "too_large" and letter["topic"] == logins

    daemon.stop()
    daemon.config.write_text(daemon.config.read_text().replace("bytes_max: 512", "bytes_max: 65536"))
    daemon.start()
    assert "1 touched" in letters(letter["id"], verb="replay")
    processes.wait_until(lambda: daemon.metric("tocsin_events_total") == 1, "the event", 60)
    (first, second) = [record for record in consume(kafka.bootstrap, logins) if record.value == large]
    assert (first.key, first.partition, first.headers) == (second.key, second.partition, second.headers)
    processes.wait_until(lambda: "e20" in causes(kafka, topic_prefix), "its finding", 60)
    told = causes(kafka, topic_prefix)
    assert daemon.metric("tocsin_dead_letters_total") == 0

    # Once more: the event's own id makes it a duplicate. What is marked is not among all.
    assert "1 touched" in letters(letter["id"], verb="replay")
    processes.wait_until(lambda: daemon.metric("tocsin_duplicate_events_total") == 1, "the duplicate", 60)
    assert "0 touched" in letters("--all", verb="replay")
    assert letters() == ""
    assert causes(kafka, topic_prefix) == told
    daemon.stop()


def test_a_forged_letter_brings_nothing_into_a_topic(kafka, make_daemon, topic_prefix, tocsin_binary, tmp_path):
    """Who may write dead letters, and no events, has an operator give back what never was there."""
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    settings = kafka_settings.text(kafka.bootstrap, topic_prefix, inputs=("logins",), partitions=1,
                                   feedback_topic=f"{topic_prefix}logins", more=MORE.replace("PORT", str(port)))
    daemon = make_daemon(settings.replace("BYTES", "65536")).start()
    logins = topic_prefix + "logins"
    produce(kafka.bootstrap, [Record(logins, b"no event", ACCOUNT)])
    processes.wait_until(lambda: daemon.metric("tocsin_dead_letters_total") == 1, "the letter", 60)
    (genuine,) = [json.loads(record.value) for record in consume(kafka.bootstrap, topic_prefix + "dead-letters")]

    def replay(*arguments: str) -> subprocess.CompletedProcess:
        command = [str(tocsin_binary), "deadletters", "replay", *arguments, "--admin", f"http://127.0.0.1:{port}",
                   "--token-file", str(tmp_path / "admin.token")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    forged = base64.b64encode(b'{"type":"feedback","event_id":"x","account_id":"ada","verdict":"me","by":"owner"}').decode()
    # Of the same place, after it: whose record is given back is not the letter's to say.
    other = dict(genuine, bytes=forged)
    produce(kafka.bootstrap, [Record(topic_prefix + "dead-letters", json.dumps(other).encode())])
    done = replay("--all")
    assert done.returncode == 0, done.stderr
    assert {record.value for record in consume(kafka.bootstrap, logins)} == {b"no event"}
    # Of a place that never was.
    nowhere = dict(other, offset=genuine["offset"] + 1_000)
    produce(kafka.bootstrap, [Record(topic_prefix + "dead-letters", json.dumps(nowhere).encode())])
    done = replay("--all")
    assert done.returncode != 0 and "names a place where no record ever was" in done.stderr
    assert {record.value for record in consume(kafka.bootstrap, logins)} == {b"no event"}
    daemon.stop()


def test_asked_in_turn_two_processes_give_each_letter_back_once(kafka, make_daemon, topic_prefix, tocsin_binary, tmp_path):
    """Both list the whole topic; each touches what is of its own partition."""
    (tmp_path / "admin.token").write_text(TOKEN)
    logins = topic_prefix + "logins"
    ports, daemons = [], []
    for _ in range(2):
        ports.append(processes.free_port())
        settings = kafka_settings.text(kafka.bootstrap, topic_prefix, inputs=("logins",), partitions=2,
                                       feedback_topic=logins, more=MORE.replace("PORT", str(ports[-1])))
        daemons.append(make_daemon(settings.replace("BYTES", "65536")).start())
    processes.wait_until(lambda: [daemon.metric("tocsin_partitions_assigned") for daemon in daemons] == [1, 1], "one partition each", 120)
    produce(kafka.bootstrap, [Record(logins, b"no event", ACCOUNT, partition=partition) for partition in (0, 1)])

    def ask(port: int, verb: str, *arguments: str) -> subprocess.CompletedProcess:
        command = [str(tocsin_binary), "deadletters", verb, *arguments, "--admin", f"http://127.0.0.1:{port}",
                   "--token-file", str(tmp_path / "admin.token")]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    listed = lambda port: [json.loads(line) for line in ask(port, "list", "--format", "json").stdout.splitlines()]
    letters = processes.wait_until(lambda: len(listed(ports[0])) == 2 and listed(ports[1]), "both letters to be listed by both", 60)
    refused = [done for letter in letters for port in ports if (done := ask(port, "drop", letter["id"])).returncode != 0]
    assert len(refused) == 2 and all("another process has it" in done.stderr for done in refused)

    produce(kafka.bootstrap, [Record(logins, b"none either", ACCOUNT, partition=partition) for partition in (0, 1)])
    processes.wait_until(lambda: sum(daemon.metric("tocsin_dead_letters_total") for daemon in daemons) == 4, "their letters", 60)
    processes.wait_until(lambda: [len(listed(port)) for port in ports] == [3, 3], "them to be listed", 60)
    assert ["1 touched" in ask(port, "replay", "--all").stderr for port in ports] == [True, True]
    assert [record.value for record in consume(kafka.bootstrap, logins)].count(b"none either") == 4
    for daemon in daemons:
        daemon.stop()
