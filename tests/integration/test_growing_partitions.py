"""From two partitions to four, as docs/kafka.md says under "Growing partitions", with the same commands: what is found before is what two
partitions find, and afterwards what four partitions find that have seen everything from the beginning. Nothing is found twice.
"""

import json
import pathlib
import re
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

from support import kafka_settings, mixed_traffic, processes
from support.compared import OF_THE_POPULATION, comparable
from support.kafka_client import Record, committed, consume, produce, wait_until_committed

ROOT = pathlib.Path(__file__).resolve().parents[2]
INPUTS = tuple(mixed_traffic.TOPIC_OF.values())
KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")
SECONDS_MAX = 120
MORE = """\
engine: {workers: 1, commit_events: 200}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


def settings(kafka, prefix: str, name: str, inputs: list[str], outputs: str = "", **more) -> str:
    """`name`: of group and changelog, which begin anew together. `outputs`: what the output topics' names begin with."""
    topics = {f"{kind.replace('-', '_')}_topic": prefix + outputs + kind for kind in KINDS}
    return kafka_settings.text(kafka.bootstrap, prefix, inputs, MORE, group=prefix + name, changelog_topic=f"{prefix}{name}.changelog",
                               **topics, **more)


def outputs(kafka, prefix: str) -> dict[str, list[bytes]]:
    return {kind: sorted(comparable(kind, record.value) for record in consume(kafka.bootstrap, prefix + kind)) for kind in KINDS}


def by_partition(arrivals: list[mixed_traffic.Arrival], partitions: int) -> list[list[bytes]]:
    return [[a.value for a in arrivals if mixed_traffic.partition_of(a.account, partitions) == p] for p in range(partitions)]


def replayed(tocsin, folder: pathlib.Path, *pieces: list[list[bytes]]) -> list[dict[str, list[bytes]]]:
    """What each piece gives, after those before it; a piece is the records of each partition."""
    folder.mkdir()
    found = [{kind: [] for kind in KINDS} for _ in pieces]
    for piece, of_piece in zip(pieces, found):
        for partition, lines in enumerate(piece):
            (folder / "events.jsonl").write_bytes(b"\n".join(lines))
            command = [str(tocsin), "replay", "--events", str(folder / "events.jsonl"), "--state", str(folder / f"state-{partition}"),
                       *(word for kind in KINDS for word in (f"--{kind}", str(folder / kind)))]
            ran = subprocess.run(command, capture_output=True, timeout=900, check=False)
            assert ran.returncode == 0, ran.stderr
            for kind in KINDS:
                of_piece[kind] += [comparable(kind, line) for line in (folder / kind).read_bytes().splitlines()]
    return [{kind: sorted(lines) for kind, lines in of_piece.items()} for of_piece in found]


def copy_topics(kafka, pairs: dict[str, str], *more: str) -> int:
    command = [sys.executable, str(ROOT / "tools/copy-topics"), "--brokers", kafka.bootstrap, *more, *(f"{a}={b}" for a, b in pairs.items())]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr
    return int(re.fullmatch(r"(\d+) records copied\n", ran.stdout).group(1))


def run_until_done(kafka, make_daemon, config: str, group: str, topics: dict[str, int], count: int):
    """Starts it, and stops it when nothing waits: `count` records of `topics` are processed."""
    daemon = make_daemon(config).start()
    wait_until_committed(kafka.bootstrap, group, topics, count)
    processes.wait_until(lambda: daemon.metric("tocsin_lag_events") == 0, "no lag", 30)
    daemon.stop()
    return daemon


def committed_in(kafka, group: str, topic: str, partition: int) -> int:
    consumer = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": group})
    try:
        return max(consumer.committed([TopicPartition(topic, partition)], 30)[0].offset, 0)
    finally:
        consumer.close()


def of_accounts_alone(values: list[bytes]) -> list[str]:
    findings = [json.loads(value) for value in values]
    return sorted(f["finding_id"] for f in findings if f["status"] == "new" and f["detector"] not in OF_THE_POPULATION)


def test_the_documented_way(kafka, topic_prefix, make_daemon, tocsin_binary, tmp_path):
    prefix, start = topic_prefix, int(time.time() * 1000) - 3_600_000
    arrivals = mixed_traffic.arrivals(tocsin_binary, accounts=50, days=14, seed=7)
    history, later = arrivals[: len(arrivals) * 2 // 3], arrivals[len(arrivals) * 2 // 3 :]
    old = {prefix + name: 2 for name in INPUTS}
    new = {f"{prefix}{name}-4": 4 for name in INPUTS}
    pairs = dict(zip(old, new))
    for topic in old:
        kafka.create_topic(topic, partitions=2)
    produce(kafka.bootstrap, mixed_traffic.records(prefix, history, 2, start))
    run_until_done(kafka, make_daemon, settings(kafka, prefix, "two", INPUTS), prefix + "two", old, len(history))

    for topic in new:
        kafka.create_topic(topic, partitions=4)
    assert copy_topics(kafka, pairs) == len(history)
    assert copy_topics(kafka, pairs) == 0  # Once.
    inputs = [f"{name}-4" for name in INPUTS]
    taught = run_until_done(kafka, make_daemon, settings(kafka, prefix, "four", inputs, "taught."), prefix + "four", new, len(history))

    # The same process goes on with the outputs that are read; its producers know the new topics.
    final = settings(kafka, prefix, "four", inputs).replace("{folder}", str(taught.folder))
    records = mixed_traffic.records(prefix, later, 4, start + len(history))
    produce(kafka.bootstrap, [Record(f"{r.topic}-4", r.value, r.key, partition=r.partition, timestamp=r.timestamp) for r in records])
    run_until_done(kafka, make_daemon, final, prefix + "four", new, len(arrivals))

    before, whole = replayed(tocsin_binary, tmp_path / "two", by_partition(history, 2), by_partition(later, 2))
    learnt, after = replayed(tocsin_binary, tmp_path / "four", by_partition(history, 4), by_partition(later, 4))
    found = outputs(kafka, prefix)
    lessons = outputs(kafka, prefix + "taught.")
    for kind in KINDS:
        assert lessons[kind] == learnt[kind], kind
        assert found[kind] == sorted(before[kind] + after[kind]) and len(after[kind]) > 3, kind
    # As if nothing had been grown, but for what counts the population of a partition.
    assert of_accounts_alone(found["findings"]) == of_accounts_alone(before["findings"] + whole["findings"])


def test_a_topic_that_was_grown_while_it_was_read(kafka, topic_prefix, make_daemon, tocsin_binary, tmp_path):
    """Somebody gave `logins` more partitions: the daemon stops reading and says where the way is; what came since waits, and is judged
    once by the new one, which is taught what the old one had processed."""
    prefix, start = topic_prefix, int(time.time() * 1000) - 3_600_000
    arrivals = mixed_traffic.arrivals(tocsin_binary, accounts=40, days=14, seed=7)
    records = mixed_traffic.records(prefix, arrivals, 2, start)
    old = {prefix + name: 2 for name in INPUTS}
    for topic in old:
        kafka.create_topic(topic, partitions=2)
    config = settings(kafka, prefix, "two", INPUTS, properties={"topic.metadata.refresh.interval.ms": "500"})
    half = len(arrivals) * 2 // 3
    produce(kafka.bootstrap, records[:half])  # All of them: else nobody says which of two topics is read first.
    daemon = make_daemon(config).start()
    processes.wait_until(lambda: committed(kafka.bootstrap, prefix + "two", old) > 0, "the first commits", SECONDS_MAX)
    logins = prefix + "logins"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_partitions([NewPartitions(logins, 4)])[logins].result(30)
    processes.wait_until(lambda: "Growing partitions" in daemon.log.read_text(), "the refusal", 60)
    assert "has 4 partitions now, 2 when" in daemon.log.read_text()
    grown = mixed_traffic.records(prefix, arrivals, 4, start)  # Where producers place accounts from now on.
    produce(kafka.bootstrap, [after if after.topic == logins else before for before, after in zip(records[half:], grown[half:])])
    daemon.stop()

    # By place: how far it came, and with that what of the arrivals waits.
    new = {f"{prefix}{name}-4": 4 for name in INPUTS}
    for topic in new:
        kafka.create_topic(topic, partitions=4)
    processed, waiting = split(kafka, prefix + "two", old, arrivals, half)
    inputs = [f"{name}-4" for name in INPUTS]
    assert copy_topics(kafka, dict(zip(old, new)), "--up-to", prefix + "two") == len(processed)
    taught = run_until_done(kafka, make_daemon, settings(kafka, prefix, "four", inputs, "taught."), prefix + "four", new, len(processed))
    assert copy_topics(kafka, dict(zip(old, new))) == len(waiting) > 0
    final = settings(kafka, prefix, "four", inputs).replace("{folder}", str(taught.folder))
    run_until_done(kafka, make_daemon, final, prefix + "four", new, len(arrivals))

    [before] = replayed(tocsin_binary, tmp_path / "two", by_partition(processed, 2))
    _, after = replayed(tocsin_binary, tmp_path / "four", by_partition(processed, 4), by_partition(waiting, 4))
    found = outputs(kafka, prefix)
    for kind in KINDS:
        assert found[kind] == sorted(before[kind] + after[kind]), kind
    assert len(found["findings"]) > 10 and len(after["findings"]) > 3


def split(kafka, group: str, topics: dict[str, int], arrivals: list, half: int) -> tuple[list, list]:
    """What the group has processed of the arrivals, and what not. Nothing of the second half, in which the topic was grown, lies before
    anything of the first."""
    left = {(topic, partition): committed_in(kafka, group, topic, partition) for topic, count in topics.items() for partition in range(count)}
    processed, waiting = [], []
    for number, arrival in enumerate(arrivals):
        topic = next(topic for topic in topics if topic.endswith("." + arrival.topic))
        count = 4 if number >= half and arrival.topic == "logins" else 2
        place = topic, mixed_traffic.partition_of(arrival.account, count)
        (processed if left.get(place, 0) > 0 else waiting).append(arrival)
        left[place] = left.get(place, 0) - 1
    return processed, waiting


def values_of(kafka, topic: str, partitions: int) -> list[list[bytes]]:
    records = consume(kafka.bootstrap, topic)
    return [[record.value for record in records if record.partition == p] for p in range(partitions)]


def test_the_documented_way_with_rekey(kafka, topic_prefix, make_daemon, tocsin_binary, tmp_path):
    """Producers know of nothing: their records have no keys and wait in the source."""
    prefix = topic_prefix
    values = [a.value for a in mixed_traffic.arrivals(tocsin_binary, accounts=30, days=14, seed=7) if not a.poison]
    half = len(values) // 2
    kafka.create_topic(prefix + "sent")

    def rekey(topic: str, partitions: int, changelog: str) -> str:
        config = settings(kafka, prefix, "group", ["sent"], ingest="rekey", rekeyed_topic=prefix + topic, partitions=partitions)
        return config.replace("group.changelog", changelog)

    produce(kafka.bootstrap, [Record(prefix + "sent", value) for value in values[:half]])
    run_until_done(kafka, make_daemon, rekey("moved", 2, "two"), prefix + "group", {prefix + "moved": 2}, half)
    produce(kafka.bootstrap, [Record(prefix + "sent", value) for value in values[half:]])

    kafka.create_topic(prefix + "moved-4", partitions=4)
    assert copy_topics(kafka, {prefix + "moved": prefix + "moved-4"}) == half
    history = values_of(kafka, prefix + "moved-4", 4)
    lessons = settings(kafka, prefix, "group", ["moved-4"], "taught.").replace("group.changelog", "four")
    taught = run_until_done(kafka, make_daemon, lessons, prefix + "group", {prefix + "moved-4": 4}, half)
    final = rekey("moved-4", 4, "four").replace("{folder}", str(taught.folder))
    run_until_done(kafka, make_daemon, final, prefix + "group", {prefix + "moved-4": 4}, len(values))

    whole = values_of(kafka, prefix + "moved-4", 4)
    assert sorted(value for of_partition in whole for value in of_partition) == sorted(values)
    [before] = replayed(tocsin_binary, tmp_path / "two", values_of(kafka, prefix + "moved", 2))
    later = [of_partition[len(known) :] for of_partition, known in zip(whole, history)]
    _, after = replayed(tocsin_binary, tmp_path / "four", history, later)
    found = outputs(kafka, prefix)
    for kind in KINDS:
        assert found[kind] == sorted(before[kind] + after[kind]), kind
    assert len(before["findings"]) > 3 and len(after["findings"]) > 3


def test_a_copy_waits_for_open_transactions(kafka, topic_prefix):
    old, new = topic_prefix + "old", topic_prefix + "new"
    kafka.create_topic(old)
    kafka.create_topic(new, partitions=2)
    writer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": topic_prefix + "writer"})
    writer.init_transactions(60)
    writer.begin_transaction()
    writer.produce(old, b"late", b"account-1")
    writer.flush(240)
    later = threading.Timer(2.0, writer.commit_transaction, [60])
    later.start()

    assert copy_topics(kafka, {old: new}) == 1
    later.join()
