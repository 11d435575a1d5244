"""The engine over a real broker: whatever is killed, stopped, restarted or added, every record counts exactly once.

The probe (kafka_engine_probe.cc) puts out "<key> <count> <value>" for each record. When every record of a key is
there once, with counts 1, 2, 3 … in the order of the records' times, then nothing was lost, nothing was done twice,
and no record met an old state.
"""

import collections
import os
import pathlib
import random
import shutil
import subprocess
import time

import pytest

from support import processes
from support.kafka_client import Record, consume, consume_until, produce

PARTITIONS = 4
TOPICS = ("logins", "transactions", "account-changes")
SECONDS_MAX = 90


@pytest.fixture(scope="session")
def probe_binary() -> pathlib.Path:
    named = os.environ.get("TOCSIN_PROBE")
    root = pathlib.Path(__file__).resolve().parents[2]
    binary = pathlib.Path(named) if named else root / "build/dev/tests/integration/kafka_engine_probe"
    assert binary.is_file(), f"no program at {binary}"
    return binary


class Probe:
    """One process with its own state directory, which outlives it."""

    def __init__(self, binary, kafka, prefix, folder, *options):
        self.folder, self.log = folder, folder / "probe.log"
        folder.mkdir(parents=True, exist_ok=True)
        self._command = [str(binary), "--brokers", kafka.bootstrap, "--prefix", prefix, "--state", str(folder / "state")]
        # A member that was killed is given up soon.
        self._command += ["--property", "session.timeout.ms=3000", "--property", "heartbeat.interval.ms=500", *options]
        self.process = None

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

    def log_tail(self):
        return self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""


@pytest.fixture
def make_probe(request, probe_binary, kafka, topic_prefix, tmp_path):
    probes = []

    def make(*options, name=None):
        folder = tmp_path / (name or f"probe-{len(probes)}")
        probes.append(Probe(probe_binary, kafka, topic_prefix, folder, *options))
        return probes[-1]

    yield make
    for probe in probes:
        if probe.process and probe.process.poll() is None:
            probe.kill()
        request.node.add_report_section("teardown", str(probe.log), probe.log_tail())


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


def test_topics_are_merged_by_time_and_a_clean_restart_goes_on(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    first = list(records_of(topic_prefix, 3000, seed=1))
    produce(kafka.bootstrap, first)
    probe = make_probe("--instance", "one")
    probe.start()
    assert sorted(wait_for_outputs(kafka, topic_prefix, len(first))) == sorted(merged(first))
    probe.stop()

    more = list(records_of(topic_prefix, 1000, seed=2, first=3000))
    produce(kafka.bootstrap, more)
    probe.start()
    assert sorted(wait_for_outputs(kafka, topic_prefix, 4000)) == sorted(merged(first + more))
    probe.stop()


def test_killed_again_and_again(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260301)
    records = list(records_of(topic_prefix, 12000, seed=3))
    produce(kafka.bootstrap, records)
    probe = make_probe("--instance", "one", "--workers", "2")
    for _ in range(12):
        probe.start(wait=False)
        time.sleep(rng.uniform(0.2, 2.0))
        probe.kill()
    probe.start()
    assert sorted(wait_for_outputs(kafka, topic_prefix, len(records))) == sorted(merged(records))
    probe.stop()


def test_killed_while_records_arrive(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260302)
    probe = make_probe("--instance", "one")
    records = []
    for round_ in range(8):
        probe.start()
        for _ in range(5):
            batch = list(records_of(topic_prefix, 100, seed=len(records), first=len(records)))
            produce(kafka.bootstrap, batch)
            records += batch
            time.sleep(rng.uniform(0, 0.3))
        probe.kill()
        if round_ == 4:  # The changelog alone is enough.
            shutil.rmtree(probe.folder / "state", ignore_errors=True)
    probe.start()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    probe.stop()
    assert each_once(records, outputs(kafka, topic_prefix))


def test_members_join_and_leave(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260303)
    steady, guest = make_probe("--workers", "2"), make_probe()
    steady.start()
    records = []
    for round_ in range(6):
        if round_ % 2 == 0:
            guest.start()
        for _ in range(8):
            batch = list(records_of(topic_prefix, 100, seed=1000 + len(records), first=len(records)))
            produce(kafka.bootstrap, batch)
            records += batch
            time.sleep(rng.uniform(0, 0.4))
        if round_ == 1:
            guest.stop()
        elif round_ % 2 == 1:
            guest.kill()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    steady.stop()


@pytest.mark.parametrize("fall", ["kill", "stop"])
def test_the_broker_restarts(kafka, topic_prefix, make_probe, fall):
    create_topics(kafka, topic_prefix)
    probe = make_probe("--instance", "one", "--workers", "2")
    probe.start()
    records = []
    for round_ in range(3):
        batch = list(records_of(topic_prefix, 2000, seed=2000 + round_, first=len(records)))
        produce(kafka.bootstrap, batch)
        records += batch
        if round_ < 2:
            time.sleep(0.5)
            getattr(kafka, fall)()
            kafka.start()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    probe.stop()
