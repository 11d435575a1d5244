#!/usr/bin/python3
"""tests/bench/kafka_end_to_end.py --binary TOCSIN: the program through a real broker, exactly once, all detectors.

Rate: a generated population waits in the topics; one worker takes it. Beside it, in the same run, a bare consumer of the
same client library reads the same topics (kafka_bare_consumer). Processor time decides, since broker, daemon and whoever
else share the machine: of the worker's thread, and of the whole process with the threads of the client.

Latency: from the append of an event by the broker to reading its finding (read-committed), with events sent at half of
the rate that the daemon managed.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402
from support import mixed_traffic, population, processes  # noqa: E402
from support.daemon import Daemon  # noqa: E402
from support.kafka_broker import KafkaCluster  # noqa: E402

PARTITIONS = 4
COMMIT_METRICS = (
    "tocsin_commits_total",
    "tocsin_commit_seconds_sum",
    "tocsin_records_total",
    "tocsin_append_to_commit_seconds_sum",
)
CONFIG = """\
log: kafka
state_dir: {folder}/state
kafka: {brokers: "{brokers}", instance: bench, input_topics: [{inputs}]}
engine: {workers: 1}
geoip: {city: [{data}/city.mmdb], asn: [{data}/asn.mmdb], anonymity: {data}/anonymous-ip.mmdb}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


def generate(binary: pathlib.Path, accounts: int, days: int, one_topic: bool) -> list[tuple[str, bytes, bytes]]:
    """(topic, key, value) in order of arrival."""
    made = []
    for line in population.events(binary, accounts, days, 1):
        event = json.loads(line)
        topic = "events" if one_topic else mixed_traffic.TOPIC_OF[event["type"]]
        made.append((topic, event["account_id"].encode(), line))
    return made


def send(bootstrap: str, events, rate: float | None = None) -> None:
    """At this rate, or as fast as it goes."""
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 5})
    begin = time.monotonic()
    for i, (topic, key, value) in enumerate(events):
        if rate is not None:
            ahead = i / rate - (time.monotonic() - begin)
            if ahead > 0.002:
                producer.poll(ahead)
        while True:
            try:
                producer.produce(topic, value, key)
                break
            except BufferError:
                producer.poll(0.05)
        producer.poll(0)
    producer.flush(60)


def appended_at(bootstrap: str, starts: list[TopicPartition]) -> dict[str, float]:
    """When the broker appended each event from these places on, by event id; seconds since 1970."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "times", "enable.partition.eof": True})
    consumer.assign(starts)
    times, open_places = {}, len(starts)
    while open_places > 0:
        message = consumer.poll(1)
        if message is not None and message.error() is not None:
            open_places -= 1
        elif message is not None:
            times[json.loads(message.value())["event_id"]] = message.timestamp()[1] / 1000
    consumer.close()
    return times


def ends_of(bootstrap: str, topics) -> list[TopicPartition]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "ends"})
    places = [TopicPartition(topic, p) for topic in topics for p in range(PARTITIONS)]
    ends = [TopicPartition(p.topic, p.partition, consumer.get_watermark_offsets(p, 10)[1]) for p in places]
    consumer.close()
    return ends


class FindingReader(threading.Thread):
    """Reads findings as the next system does, and notes when each came."""

    def __init__(self, bootstrap: str):
        super().__init__(daemon=True)
        self._consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "reader", "isolation.level": "read_committed", "fetch.wait.max.ms": 10}
        )
        self._consumer.assign(ends_of(bootstrap, ["tocsin.findings"]))
        self.seen: list[tuple[float, list[str]]] = []
        self.ending = False

    def run(self) -> None:
        while not self.ending:
            message = self._consumer.poll(0.1)
            if message is not None and message.error() is None:
                finding = json.loads(message.value())
                if finding["status"] == "new":  # Others may come of an event that is no cause of theirs.
                    self.seen.append((time.time(), finding["cause"]))
        self._consumer.close()


def processor_seconds(pid: int) -> list[tuple[float, float, str]]:
    """Of each thread, the busiest first: seconds on a processor, seconds it waited for one, name."""
    threads = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        ran, waited, _ = (task / "schedstat").read_text().split()
        threads.append((int(ran) / 1e9, int(waited) / 1e9, (task / "comm").read_text().strip()))
    return sorted(threads, reverse=True)


def committed(bootstrap: str, inputs) -> int:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "tocsin"})
    try:
        places = [TopicPartition(topic, p) for topic in inputs for p in range(PARTITIONS)]
        return sum(max(place.offset, 0) for place in consumer.committed(places, 30))
    finally:
        consumer.close()


def wait_for(daemon: Daemon, count: int) -> None:
    processes.wait_until(lambda: daemon.metric("tocsin_records_total") >= count, "the events", 600, pause=0.05)


def percentile(sorted_values: list[float], share: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def rate(kafka: KafkaCluster, daemon: Daemon, bare: pathlib.Path, inputs, count: int) -> float:
    """Prints the rates; answers events a second of wall time."""
    begin = time.monotonic()
    daemon.start()
    wait_for(daemon, count)
    wall = time.monotonic() - begin
    used = processor_seconds(daemon.process.pid)
    processes.wait_until(lambda: committed(kafka.bootstrap, inputs) >= count, "the last commit", 30)
    worker, waited, _ = used[0]
    total = sum(ran for ran, _, _ in used)
    read = subprocess.run([str(bare), kafka.bootstrap, *inputs], capture_output=True, check=True, text=True).stdout.split()
    assert int(read[0]) == count, read
    bare_wall, bare_total, bare_thread = (float(text) for text in read[1:])
    print(f"kafka        {count:>12,} events  {count / worker:>12,.0f} events/s of the worker's core  ({1e6 * worker / count:.2f} µs an event)")
    print(f"             with the client's threads {count / total:,.0f} events/s of one core ({1e6 * total / count:.2f} µs), wall {count / wall:,.0f} events/s")
    threads = ", ".join(f"{name} {ran:.2f}" for ran, _, name in used[:5])
    print(f"             of {wall:.1f} s the worker ran {worker:.1f} and waited {waited:.1f} for a processor; seconds by thread: {threads}")
    commits, spent = daemon.metric("tocsin_commits_total"), daemon.metric("tocsin_commit_seconds_sum")
    print(f"             {commits:,.0f} commits of {count / commits:,.0f} events, {1e3 * spent / commits:.1f} ms each, {spent / wall:.0%} of the time")
    print(f"bare         {count:>12,} records {count / bare_wall:>12,.0f} records/s wall, {1e6 * bare_total / count:.2f} µs in all, {1e6 * bare_thread / count:.2f} µs of the reading thread")
    print(f"ratio        {bare_wall / wall:.0%} of the bare consumer's rate by wall, {bare_total / total:.0%} by processor time")
    return count / wall


def latency(kafka: KafkaCluster, daemon: Daemon, inputs, events, per_second: float) -> None:
    starts = ends_of(kafka.bootstrap, inputs)
    reader = FindingReader(kafka.bootstrap)
    reader.start()
    before = [daemon.metric(name) for name in COMMIT_METRICS]
    send(kafka.bootstrap, events, rate=per_second)
    time.sleep(2)
    reader.ending = True
    reader.join()
    commits, spent, records, waited = (daemon.metric(name) - was for name, was in zip(COMMIT_METRICS, before))
    appended = appended_at(kafka.bootstrap, starts)
    causes = ((at, [appended[cause] for cause in ids if cause in appended]) for at, ids in reader.seen)
    waits = sorted(at - max(times) for at, times in causes if times)
    if not waits:
        print("latency      no finding among the events sent")
        return
    print(
        f"latency      {len(waits):,} findings at {per_second:,.0f} events/s: p50 {1e3 * statistics.median(waits):.0f} ms,"
        f" p90 {1e3 * percentile(waits, 0.9):.0f} ms, p99 {1e3 * percentile(waits, 0.99):.0f} ms, max {1e3 * waits[-1]:.0f} ms"
    )
    print(
        f"             {commits:,.0f} commits of {records / commits:,.0f} events, {1e3 * spent / commits:.1f} ms each,"
        f" {1e3 * waited / commits:.0f} ms after the oldest event of each was appended"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--accounts", type=int, default=5000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--databases", type=pathlib.Path, help="folder of the test databases (default: beside the binary)")
    parser.add_argument("--one-topic", action="store_true", help="all types of event in one topic, instead of a topic each")
    parser.add_argument("--latency-seconds", type=float, default=15)
    parser.add_argument("--latency-rate", type=float, help="events a second (default: half of what was measured)")
    parser.add_argument("--hold", action="store_true", help="keep broker and topics until Enter, to profile by hand")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    databases = arguments.databases or binary.parent / "test-data"

    inputs = ("events",) if arguments.one_topic else tuple(mixed_traffic.TOPIC_OF.values())
    made = generate(binary, arguments.accounts, arguments.days, arguments.one_topic)
    backlog = made[: len(made) * 4 // 5]
    with KafkaCluster() as kafka, tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        for topic in inputs:
            kafka.create_topic(topic, partitions=PARTITIONS, message_timestamp_type="LogAppendTime")
        send(kafka.bootstrap, backlog)
        config = CONFIG.replace("{brokers}", kafka.bootstrap).replace("{data}", str(databases.resolve()))
        config = config.replace("{inputs}", ", ".join(inputs))
        port = processes.free_port()
        folder = pathlib.Path(name) / "daemon"
        daemon = Daemon(binary, folder, config.replace("{http_port}", str(port)).replace("{folder}", str(folder)), port)
        try:
            if arguments.hold:
                input(f"{kafka.bootstrap}; configuration {daemon.config}; Enter goes on ")
            per_second = rate(kafka, daemon, binary.parent / "kafka_bare_consumer", inputs, len(backlog)) / 2
            per_second = arguments.latency_rate or per_second
            live = made[len(backlog) :][: int(per_second * arguments.latency_seconds)]
            latency(kafka, daemon, inputs, live, per_second)
            daemon.stop()
        finally:
            daemon.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
