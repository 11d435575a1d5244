"""`kafka.ingest: rekey`: topics that differ in their number of partitions, with keys that are no accounts.

Every record that is an event is moved once, to its account's partition, with its headers, time and place; every other is
a dead letter once; and the tasks make of the moved records what a replay of them makes. The program is killed meanwhile.
"""

import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import time

import pytest
from confluent_kafka import Consumer, TopicPartition

from support import mixed_traffic, processes
from support.kafka_client import Record, consume, produce

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


@pytest.fixture(scope="module")
def databases(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("databases")
    support = pathlib.Path(__file__).resolve().parents[1] / "support"
    command = [sys.executable, str(support / "mmdb_writer.py"), "--spec", str(support / "places.json"), "--out", str(folder)]
    subprocess.run(command, check=True, timeout=60)
    return folder


def committed(kafka, group: str, partitions: dict[str, int]) -> int:
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": group})
    try:
        places = [TopicPartition(topic, p) for topic, count in partitions.items() for p in range(count)]
        return sum(max(place.offset, 0) for place in consumer.committed(places, 30))
    finally:
        consumer.close()


def without_clock(value: bytes) -> bytes:
    return re.sub(rb'"detected_at":"[^"]*",', b"", value, count=1)


def replayed(tocsin, folder, databases, lines: list[bytes]) -> dict[str, list[bytes]]:
    folder.mkdir()
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    command = [str(tocsin), "replay", "--events", str(folder / "events.jsonl")]
    command += ["--geoip-city", str(databases / "city.mmdb"), "--geoip-asn", str(databases / "asn.mmdb")]
    command += ["--geoip-anonymous", str(databases / "anonymous-ip.mmdb")]
    command += [word for kind in KINDS for word in (f"--{kind}", str(folder / kind))]
    ran = subprocess.run(command, capture_output=True, timeout=120, check=False)
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
    processes.wait_until(
        lambda: committed(kafka, group + ".rekey", sources) >= len(sent), "all records to be moved", SECONDS_MAX, pause=0.2
    )
    moved = consume(kafka.bootstrap, topic_prefix + "events")
    ends = {record.partition: record.offset + 1 for record in moved}
    processes.wait_until(
        lambda: committed(kafka, group, {topic_prefix + "events": PARTITIONS}) >= sum(ends.values()), "the tasks", SECONDS_MAX, pause=0.2
    )
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
    processes.wait_until(lambda: "kafka_keys_differ" in daemon.log.read_text(), "the alarm", 60)
    assert "transactions: none that is known" in daemon.log.read_text()
    daemon.stop()
