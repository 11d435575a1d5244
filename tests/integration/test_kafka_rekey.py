"""`kafka.ingest: rekey`: topics that differ in their number of partitions, with keys that are no accounts.

Every record that is an event is moved once, to its account's partition, with its headers, time and place; every other is
a dead letter once; and the tasks make of the moved records what a replay of them makes. The program is killed meanwhile.
"""

import collections
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource

from support import kafka_settings, mixed_traffic, processes
from support.kafka_client import Record, committed, consume, consume_until, produce, wait_until_committed

PARTITIONS = 4
SOURCES = {"logins": 3, "transactions": 5, "account-changes": 2, "account-profiles": 1, "account-feedback": 4}
KINDS = ("findings", "notices", "tickets", "actions")
SECONDS_MAX = 120

CONFIG = """\
log: kafka
state_dir: {folder}/state
kafka:
  brokers: {brokers}
  group: {prefix}tocsin
  instance: one
  ingest: rekey
  rekeyed_topic: {prefix}events
  input_topics: [{inputs}]
  partitions: 4
  changelog_topic: {prefix}changelog
  findings_topic: {prefix}findings
  notices_topic: {prefix}notices
  tickets_topic: {prefix}tickets
  actions_topic: {prefix}actions
  dead_letters_topic: {prefix}dead-letters
engine: {workers: 2, commit_events: 200}
geoip: {city: [{data}/city.mmdb], asn: [{data}/asn.mmdb], anonymity: {data}/anonymous-ip.mmdb}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""
MORE = """\
engine: {workers: 1, commit_interval_ms: 50}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


@pytest.fixture(scope="module")
def databases(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("databases")
    support = pathlib.Path(__file__).resolve().parents[1] / "support"
    command = [sys.executable, str(support / "mmdb_writer.py"), "--spec", str(support / "places.json"), "--out", str(folder)]
    subprocess.run(command, check=True, timeout=300)
    return folder


def without_clock(value: bytes) -> bytes:
    return re.sub(rb'"detected_at":"[^"]*",', b"", value, count=1)


def replayed(tocsin, folder, databases, lines: list[bytes]) -> dict[str, list[bytes]]:
    folder.mkdir()
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    command = [str(tocsin), "replay", "--events", str(folder / "events.jsonl")]
    command += ["--geoip-city", str(databases / "city.mmdb"), "--geoip-asn", str(databases / "asn.mmdb")]
    command += ["--geoip-anonymous", str(databases / "anonymous-ip.mmdb")]
    command += [word for kind in KINDS for word in (f"--{kind}", str(folder / kind))]
    ran = subprocess.run(command, capture_output=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stderr
    return {kind: [without_clock(line) for line in (folder / kind).read_bytes().splitlines()] for kind in KINDS}


def test_every_record_is_moved_once(kafka, topic_prefix, make_daemon, databases, tocsin_binary, tmp_path):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # Shown when the test fails.
    chance = random.Random(seed)
    arrivals = mixed_traffic.arrivals(tocsin_binary, accounts=80, days=14, seed=3)
    sources = {topic_prefix + topic: count for topic, count in SOURCES.items()}
    for topic, count in sources.items():
        kafka.create_topic(topic, partitions=count)
    first = int(time.time() * 1000) - len(arrivals)
    sent = [
        Record(
            topic_prefix + arrival.topic,
            arrival.value,
            chance.choice([None, b"shard-%d" % chance.randrange(9)]),
            headers=(("trace", b"%d" % i),),
            partition=chance.randrange(SOURCES[arrival.topic]),
            timestamp=first + i,
        )
        for i, arrival in enumerate(arrivals)
    ]
    produce(kafka.bootstrap, sent)

    config = CONFIG.replace("{brokers}", kafka.bootstrap).replace("{prefix}", topic_prefix)
    daemon = make_daemon(config.replace("{inputs}", ", ".join(sources)).replace("{data}", str(databases)))
    group = topic_prefix + "tocsin"
    for _ in range(4):
        daemon.start()
        time.sleep(chance.uniform(0, 0.6))
        daemon.kill()
    daemon.start()
    wait_until_committed(kafka.bootstrap, group + ".rekey", sources, len(sent))  # All of them are moved.
    moved = consume(kafka.bootstrap, topic_prefix + "events")
    ends = {record.partition: record.offset + 1 for record in moved}
    wait_until_committed(kafka.bootstrap, group, {topic_prefix + "events": PARTITIONS}, sum(ends.values()))
    daemon.stop()
    letters = [json.loads(record.value) for record in consume(kafka.bootstrap, topic_prefix + "dead-letters")]

    # Every record once: the good ones moved, the others as letters that say where they were.
    places = collections.Counter()
    for record in moved:
        headers = dict(record.headers)
        places[(headers["tocsin_topic"].decode(), int(headers["tocsin_partition"]), int(headers["tocsin_offset"]))] += 1
        assert "trace" in headers
        account = json.loads(record.value)["account_id"]
        assert record.key == account.encode() and record.partition == mixed_traffic.partition_of(account, PARTITIONS)
    unreadable = [letter for letter in letters if letter["reason"] != "late"]
    places.update((letter["topic"], letter["partition"], letter["offset"]) for letter in unreadable)
    assert len(unreadable) == sum(arrival.poison for arrival in arrivals) > 0
    assert len(places) == len(sent) and set(places.values()) == {1}
    assert collections.Counter(r.value for r in moved) == collections.Counter(a.value for a in arrivals if not a.poison)

    # And the tasks make of them what a replay makes.
    expected = collections.defaultdict(list)
    for partition in range(PARTITIONS):
        lines = [record.value for record in moved if record.partition == partition]
        for kind, found in replayed(tocsin_binary, tmp_path / f"replay-{partition}", databases, lines).items():
            expected[kind] += found
    assert len(expected["findings"]) > 0
    for kind in KINDS:
        found = [without_clock(record.value) for record in consume(kafka.bootstrap, topic_prefix + kind)]
        assert sorted(found) == sorted(expected[kind]), kind


def test_producers_that_place_accounts_differently_are_told_of(kafka, topic_prefix, make_daemon, databases, tocsin_binary):
    arrivals = mixed_traffic.arrivals(tocsin_binary, accounts=80, days=14, seed=3)
    for topic in SOURCES:
        kafka.create_topic(topic_prefix + topic, partitions=PARTITIONS)
    records = mixed_traffic.records(topic_prefix, arrivals, PARTITIONS, int(time.time() * 1000) - len(arrivals))
    turned = [
        Record(r.topic, r.value, r.key, partition=(r.partition + r.topic.endswith("transactions")) % PARTITIONS, timestamp=r.timestamp)
        for r in records
    ]
    produce(kafka.bootstrap, turned)
    config = CONFIG.replace("{brokers}", kafka.bootstrap).replace("{prefix}", topic_prefix).replace("  ingest: rekey\n", "")
    inputs = ", ".join(topic_prefix + topic for topic in SOURCES)
    daemon = make_daemon(config.replace("{inputs}", inputs).replace("{data}", str(databases))).start()
    alarms = lambda: [line["msg"] for line in daemon.said() if line["code"] == "kafka_keys_differ"]  # noqa: E731
    processes.wait_until(lambda: any("transactions: none that is known" in alarm for alarm in alarms()), "the alarm", 60)
    daemon.stop()


def moves_logins(kafka, topic_prefix, **more) -> str:
    rekey = {"ingest": "rekey", "rekeyed_topic": topic_prefix + "events", "partitions": 2, **more}
    return kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE, **rekey)


def login(number: int) -> bytes:
    event = {"type": "login", "event_id": f"e{number}", "account_id": "ada", "outcome": "success"}
    return json.dumps({**event, "occurred_at": f"2026-01-01T00:00:{number:02}Z"}).encode()


def check_first_is_too_large(kafka, topic_prefix, daemon, noise: bytes) -> None:
    """Of two records the one with so long a header is a dead letter, and the other is moved."""
    logins, events = topic_prefix + "logins", topic_prefix + "events"
    produce(kafka.bootstrap, [Record(logins, login(1), headers=(("noise", noise),)), Record(logins, login(2))])
    daemon.start()
    moved = consume_until(kafka.bootstrap, events, lambda records: records, "what follows it", SECONDS_MAX)
    assert [record.value for record in moved] == [login(2)]
    (letter,) = [json.loads(record.value) for record in consume(kafka.bootstrap, topic_prefix + "dead-letters")]
    assert (letter["reason"], letter["topic"], letter["offset"]) == ("too_large", logins, 0)
    daemon.stop()


def test_a_record_that_does_not_fit_where_it_is_moved_is_a_dead_letter(kafka, topic_prefix, make_daemon):
    kafka.create_topic(topic_prefix + "logins")
    kafka.create_topic(topic_prefix + "events", partitions=2, max_message_bytes="100000")
    daemon = make_daemon(moves_logins(kafka, topic_prefix))
    check_first_is_too_large(kafka, topic_prefix, daemon, random.Random(5).randbytes(99_900))


def test_a_record_that_the_client_does_not_send_is_a_dead_letter(kafka, topic_prefix, make_daemon):
    """However much the topic takes."""
    kafka.create_topic(topic_prefix + "logins")
    daemon = make_daemon(moves_logins(kafka, topic_prefix, properties={"message.max.bytes": "50000"}))
    check_first_is_too_large(kafka, topic_prefix, daemon, random.Random(6).randbytes(60_000))


def test_no_more_is_sent_at_once_than_the_topic_takes(kafka, topic_prefix, make_daemon):
    """A backlog of records each of which fits is no record too large."""
    logins, events = topic_prefix + "logins", topic_prefix + "events"
    kafka.create_topic(logins)
    kafka.create_topic(events, partitions=2, max_message_bytes="100000")
    chance = random.Random(7)
    backlog = [Record(logins, login(i % 60), headers=(("noise", chance.randbytes(3000)),)) for i in range(600)]
    produce(kafka.bootstrap, backlog)
    daemon = make_daemon(moves_logins(kafka, topic_prefix)).start()
    moved = consume_until(kafka.bootstrap, events, lambda records: records, "the backlog", SECONDS_MAX)
    assert [record.value for record in moved] == [record.value for record in backlog]
    daemon.stop()


def test_the_topic_that_is_made_has_room_for_what_moving_adds(kafka, topic_prefix, make_daemon):
    kafka.create_topic(topic_prefix + "logins")
    make_daemon(moves_logins(kafka, topic_prefix)).start().stop()
    resource = ConfigResource("topic", topic_prefix + "events")
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    (settings,) = admin.describe_configs([resource]).values()
    assert settings.result(30)["max.message.bytes"].value == "4194304"


def test_a_source_whose_records_are_gone_is_counted_as_stopped(kafka, topic_prefix, make_daemon, probe_binary):
    logins, events = topic_prefix + "logins", topic_prefix + "events"
    kafka.create_topic(logins, partitions=2)
    produce(kafka.bootstrap, [Record(logins, login(0), partition=0)], transactional_id=topic_prefix + "platform")
    daemon = make_daemon(moves_logins(kafka, topic_prefix)).start()
    consume_until(kafka.bootstrap, events, lambda records: records, "the first", SECONDS_MAX)
    # What ends a transaction is no record that waits.
    processes.wait_until(lambda: daemon.metric("tocsin_lag_events") == 0, "nothing to wait", 30)
    daemon.stop()

    produce(kafka.bootstrap, [Record(logins, login(i), partition=0) for i in range(1, 11)])  # Offsets 2 to 11.
    subprocess.run([probe_binary, "--delete-records", kafka.bootstrap, logins, "0", "7"], check=True, timeout=120)
    daemon.start()
    processes.wait_until(lambda: daemon.metric("tocsin_partitions_stopped") == 1, "the count that the alert sees", 30)
    processes.wait_until(lambda: daemon.metric("tocsin_lag_events") == 5, "what waits there", 30)
    processes.wait_until(lambda: "kafka_input_lost" in daemon.log.read_text(), "the alarm", 30)
    processes.wait_until(lambda: daemon.metric("tocsin_lag_seconds") > 1, "the time it has waited", 30)
    produce(kafka.bootstrap, [Record(logins, login(20), partition=1)])
    consume_until(kafka.bootstrap, events, lambda records: len(records) == 2, "the other partition", SECONDS_MAX)
    daemon.stop()


def test_the_end_of_a_transaction_is_no_record_that_was_missed(kafka, topic_prefix, make_daemon, probe_binary):
    """Retention takes it as it takes records, and the group stands behind it."""
    logins, events = topic_prefix + "logins", topic_prefix + "events"
    kafka.create_topic(logins)
    produce(kafka.bootstrap, [Record(logins, login(1))], transactional_id=topic_prefix + "platform")
    daemon = make_daemon(moves_logins(kafka, topic_prefix)).start()
    stands = lambda: committed(kafka.bootstrap, topic_prefix + "tocsin.rekey", {logins: 1})  # noqa: E731
    processes.wait_until(lambda: stands() == 2, "it to stand behind the end", 30)
    daemon.stop()
    subprocess.run([probe_binary, "--delete-records", kafka.bootstrap, logins, "0", "2"], check=True, timeout=120)
    daemon.start()
    produce(kafka.bootstrap, [Record(logins, login(2))])
    moved = consume_until(kafka.bootstrap, events, lambda records: len(records) == 2, "the next", SECONDS_MAX)
    assert [record.value for record in moved] == [login(1), login(2)]
    assert "kafka_input_lost" not in daemon.log.read_text()
    daemon.stop()


@pytest.mark.parametrize("count", [3, 9])
def test_a_source_that_is_made_anew_is_moved_from_its_beginning(kafka, topic_prefix, make_daemon, count):
    """Five records of the old one were moved: in the place of the sixth there is nothing, or another record."""
    logins, events = topic_prefix + "logins", topic_prefix + "events"
    kafka.create_topic(logins)
    produce(kafka.bootstrap, [Record(logins, login(i)) for i in range(5)])
    daemon = make_daemon(moves_logins(kafka, topic_prefix)).start()
    consume_until(kafka.bootstrap, events, lambda records: len(records) == 5, "the old ones", SECONDS_MAX)
    processes.pause(daemon.process)  # It sees nothing of the moment between.
    kafka.delete_topic(logins)
    kafka.create_topic(logins)
    produce(kafka.bootstrap, [Record(logins, login(10 + i)) for i in range(count)])
    daemon.process.send_signal(signal.SIGCONT)
    consume_until(kafka.bootstrap, events, lambda records: len(records) >= 5 + count, "the new ones", SECONDS_MAX)
    produce(kafka.bootstrap, [Record(logins, login(20))])  # And it goes on.
    moved = consume_until(kafka.bootstrap, events, lambda records: len(records) >= 6 + count, "one more", SECONDS_MAX)
    assert [record.value for record in moved] == [login(i) for i in [*range(5), *range(10, 10 + count), 20]]
    assert "made anew" in daemon.log.read_text() and daemon.metric("tocsin_partitions_stopped") == 0
    daemon.stop()
