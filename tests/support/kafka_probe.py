"""The engine's probe (tests/integration/kafka_engine_probe.cc) as a process, its input, and what must come out of it."""

import collections
import random
import subprocess

from support import processes
from support.kafka_client import Record, consume, consume_until

PARTITIONS = 4
TOPICS = ("logins", "transactions", "account-changes")
SECONDS_MAX = 90


class Probe:
    """One process with its own state directory, which outlives it."""

    def __init__(self, binary, brokers, prefix, folder, *options):
        self.folder, self.log = folder, folder / "probe.log"
        folder.mkdir(parents=True, exist_ok=True)
        self._command = [str(binary), "--brokers", brokers, "--prefix", prefix, "--state", str(folder / "state")]
        # A member that was killed is given up soon.
        self._command += ["--property", "session.timeout.ms=3000", "--property", "heartbeat.interval.ms=500", *options]
        self.binary, self.process = str(binary), None

    def start(self, wait=True):
        """With `wait`, returns when the topics are there and the workers run."""
        begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = processes.start(self._command, stdout=log, stderr=subprocess.STDOUT)

        def runs():
            with open(self.log, "rb") as log:
                log.seek(begin)
                said = log.read()
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {said.decode(errors='replace')}"
            return b"probe_runs" in said

        if wait:
            processes.wait_until(runs, "the probe", 30)

    def kill(self):
        processes.kill(self.process)

    def stop(self):
        assert processes.stop(self.process) == 0, self.log_tail()

    def said(self, text):
        """Whether it has ever said so."""
        return self.log.exists() and text in self.log.read_text(errors="replace")

    def log_tail(self):
        return self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""


def records_of(prefix, count, seed, first=0, keys=60):
    """Records of all topics with rising times: text "<topic index>.<number>"."""
    rng = random.Random(seed)
    for number in range(first, first + count):
        topic = rng.randrange(len(TOPICS))
        key = f"account-{rng.randrange(keys)}"
        # Equal times now and then: topics are ordered among themselves then.
        yield Record(
            prefix + TOPICS[topic], b"%d.%d" % (topic, number), key.encode(), timestamp=1_700_000_000_000 + number // 2
        )


def create_topics(kafka, prefix):
    for topic in TOPICS:
        kafka.create_topic(prefix + topic, partitions=PARTITIONS, retention_ms="-1")  # The times are old.


def merged(records):
    """What the probe must put out when all of it is there before it looks: each account in order of time, then topic."""
    index = {topic: i for i, topic in enumerate(TOPICS)}
    ordered = sorted(records, key=lambda r: (r.timestamp, index[r.topic.rpartition(".")[2]]))
    counts = collections.Counter()
    for record in ordered:
        counts[record.key] += 1
        yield b"%s %d %s" % (record.key, counts[record.key], record.value)


def outputs(kafka, prefix):
    return [record.value for record in consume(kafka.bootstrap, prefix + "tocsin.findings")]


def wait_for_outputs(kafka, prefix, count):
    topic = prefix + "tocsin.findings"
    found = consume_until(kafka.bootstrap, topic, lambda r: len(r) >= count, f"{count} outputs", SECONDS_MAX)
    return [record.value for record in found]


def each_once(records, found):
    """Every record is there once, and the counts of each key are 1, 2, 3 … without a gap."""
    texts, counts = collections.Counter(), collections.defaultdict(list)
    for line in found:
        key, count, text = line.split(b" ")
        texts[(key, text)] += 1
        counts[key].append(int(count))
    expected = collections.Counter((r.key, r.value) for r in records)
    assert texts - expected == collections.Counter(), "done twice"
    assert expected - texts == collections.Counter(), "lost"
    for key, numbers in counts.items():
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), key
    return True
