"""One run of the campaign: a fleet of real processes over a real cluster, disturbed as a seed says, and judged."""

import collections
import contextlib
import dataclasses
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence

import faults
import fleet
import oracle
import plain_line
import traffic
from confluent_kafka import Producer
from support import mmdb_writer
from support.fault_proxy import FaultProxy
from support.kafka_broker import KafkaCluster
from support.kafka_client import Record

PARTITIONS = 6
QUIET_SECONDS_MAX = 150  # Between two records processed, after the last fault.
TAIL = 0.15  # Of the records comes after the last fault: what survived must be good to go on with.


class NoEnd(oracle.Wrong):
    """Work that was not done in time: there is nothing to judge."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a seed stands for."""

    seed: int
    brokers: int
    members: int
    workers: int
    static: bool
    compacted: bool
    backlog: float  # This part of the records is there before the first process starts.
    accounts: int = 300
    days: int = 4

    @staticmethod
    def of(seed: int, brokers: int = 1, **changes) -> "Plan":
        rng = random.Random(seed)
        plan = Plan(
            seed=seed,
            brokers=brokers,
            members=rng.choice((1, 2, 2, 3)),
            workers=rng.choice((1, 1, 2)),
            static=rng.random() < 0.6,
            compacted=rng.random() < 0.4,
            backlog=rng.choice((0.0, 0.3)),
        )
        return dataclasses.replace(plan, **changes)

    def __str__(self) -> str:
        return (f"seed {self.seed}: {self.brokers} broker(s), {self.members} process(es) of {self.workers} worker(s), "
                f"{'static' if self.static else 'dynamic'} members{', compacted changelog' if self.compacted else ''}")


@dataclasses.dataclass
class Outcome:
    """What happened in a run."""

    plan: Plan
    faults: collections.Counter
    requests: collections.Counter
    compared: collections.Counter
    seconds: float = 0.0
    quiet_seconds: float = 0.0
    kills: int = 0  # Processes of ours that got SIGKILL,
    pauses: int = 0  # and SIGSTOP,
    long_pauses: int = 0  # for longer than the session.
    retries: int = 0


class Sender:
    """A platform that sends steadily, in order, and sends nothing twice: an idempotent producer on its own thread.

    What `allow` has not allowed yet it sends one by one, so that each fault finds records on their way however long the one
    before it took."""

    def __init__(self, bootstrap: str, records: list[Record], rng: random.Random, pause: float):
        self._records, self._rng, self._pause = records, rng, pause
        self._allowed = 0
        self.hurry = threading.Event()
        self._failed: list[object] = []
        self._producer = Producer({"bootstrap.servers": bootstrap, "log_level": 2, "enable.idempotence": True, "linger.ms": 5,
                                   "message.timeout.ms": 300000, "socket.timeout.ms": 10000})
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        sent = 0
        while sent < len(self._records):
            size = self._rng.randrange(1, 120) if sent < self._allowed else 1
            if self.hurry.is_set():
                size = len(self._records)
            send(self._producer, self._records[sent : sent + size], self._failed)
            sent += size
            self.hurry.wait(self._rng.uniform(0, self._pause))
        self._producer.flush(300)

    def allow(self, share: float) -> None:
        """Of all the records."""
        self._allowed = int(len(self._records) * share)

    def finish(self) -> None:
        self.hurry.set()
        self._thread.join()
        if self._failed:
            raise RuntimeError(f"the campaign could not send: {self._failed[:3]}")


def send(producer: Producer, records: list[Record], failed: list[object]) -> None:
    def delivered(error, _message):
        if error:
            failed.append(error)

    for record in records:
        place = {} if record.timestamp is None else {"timestamp": record.timestamp}
        while True:
            try:
                producer.produce(record.topic, record.value, record.key, partition=record.partition,
                                 on_delivery=delivered, **place)
                break
            except BufferError:
                producer.poll(0.1)
    producer.poll(0)


def write_databases(folder: pathlib.Path) -> pathlib.Path:
    places = pathlib.Path(mmdb_writer.__file__).with_name("places.json")
    subprocess.run([sys.executable, mmdb_writer.__file__, "--spec", places, "--out", folder], check=True)
    return folder


class Arena:
    """A cluster behind a proxy, for many runs."""

    def __init__(self, binary: pathlib.Path, brokers: int = 1, say=print, plain: pathlib.Path | None = None):
        """`plain`: the program plain_line."""
        self.binary, self.brokers, self.say = binary, brokers, say
        self.plain = plain or plain_line.of(binary)
        self._stack = contextlib.ExitStack()
        try:
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-campaign-"))
            self._stack.callback(shutil.rmtree, self.folder, True)
            self.databases = write_databases(self.folder / "geoip")
            self.proxy = self._stack.enter_context(FaultProxy(brokers))
            self.cluster = self._stack.enter_context(KafkaCluster(brokers, front_ports=self.proxy.ports))
            self.proxy.forward_to(self.cluster.back_ports)
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> "Arena":
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def topics(self, name: str, compacted: bool = False, inputs: tuple[str, ...] = ("events",)) -> oracle.Topics:
        topics = oracle.Topics(f"{name}.", tuple(f"{name}.{topic}" for topic in inputs))
        durable = {"min_insync_replicas": "2"} if self.brokers > 1 else {}
        for topic in topics.inputs:
            self.cluster.create_topic(topic, PARTITIONS, retention_ms="-1", **durable)
        for kind in oracle.KINDS:
            self.cluster.create_topic(topics.output(kind), PARTITIONS, max_message_bytes="4194304", **durable)
        # With small segments the cleaner has work at once.
        cleaned = {"segment_bytes": "200000", "min_cleanable_dirty_ratio": "0.01"} if compacted else {
            "min_cleanable_dirty_ratio": "0.9", "segment_bytes": "134217728"}
        self.cluster.create_topic(topics.changelog, PARTITIONS, cleanup_policy="compact",
                                  delete_retention_ms="604800000", **cleaned, **durable)
        return topics

    def make_fleet(self, name: str, topics: oracle.Topics, direct: bool = False, **options) -> fleet.Fleet:
        brokers = self.cluster.bootstrap if direct else self.cluster.front
        made = fleet.Fleet(self.binary, self.folder / name, brokers, name, topics, self.databases, **options)
        self._stack.callback(made.close)
        return made

    def send_all(self, records: list[Record]) -> None:
        failed: list[object] = []
        producer = Producer({"bootstrap.servers": self.cluster.bootstrap, "enable.idempotence": True, "linger.ms": 5})
        send(producer, records, failed)
        assert producer.flush(120) == 0 and not failed, failed[:3]

    def wait_until_quiet(self, members: fleet.Fleet, topics: oracle.Topics, seconds_max: float = QUIET_SECONDS_MAX) -> float:
        """Until all that was sent is committed as processed. Answers how long that took. Wrong when for `seconds_max` there were
        not fewer that wait: a slow machine comes to an end as well."""
        start = since = time.monotonic()
        fewest = float("inf")
        while True:
            members.supervise()
            with contextlib.suppress(Exception):  # A cluster that has just come back does not answer at once.
                lag = oracle.lag(self.cluster.bootstrap, topics, members.group, PARTITIONS)
                if lag == 0:
                    return time.monotonic() - start
                if lag < fewest:
                    fewest, since = lag, time.monotonic()
            if time.monotonic() - since > seconds_max:
                raise NoEnd(f"no end: {fewest} records wait, and have been no fewer for {seconds_max:.0f} s")
            time.sleep(0.3)

    def records(self, topic: str, plan: Plan) -> list[Record]:
        return traffic.records(self.binary, topic, PARTITIONS, plan.seed % 4, plan.accounts, plan.days)

    def judge(self, sent: list[Record]) -> oracle.Oracle:
        return oracle.Oracle(self.plain, fleet.RULES.format(databases=self.databases), sent, PARTITIONS)

    def run(self, plan: Plan, count: int, only: Sequence[str] = (), without: Sequence[str] = ()) -> Outcome:
        """`count` faults one after the other (those of `only` in turn, when given), then the verdict: raises
        oracle.Wrong or fleet.Broken."""
        started = time.monotonic()
        rng = random.Random(plan.seed)
        name = f"run-{plan.seed}-{int(time.time() * 1000)}"
        topics = self.topics(name, plan.compacted)
        records = self.records(topics.inputs[0], plan)
        judge = self.judge(records)
        tail = len(records) - int(len(records) * TAIL)
        backlog = int(len(records) * plan.backlog)
        members = self.make_fleet(name, topics, workers=plan.workers, static=plan.static,
                                  checkpoint=rng.choice(("1s", "1s", "5s")))
        outcome = Outcome(plan, collections.Counter(), collections.Counter(), collections.Counter())
        before = collections.Counter(self.proxy.happened)
        self.send_all(records[:backlog])
        for number in range(plan.members):
            members.add(f"member{number}").start()
        # So slowly that the records last for all the faults.
        sender = Sender(self.cluster.bootstrap, records[backlog:tail], random.Random(plan.seed + 1),
                        pause=2 * 2.8 * count * 60 / max(1, tail - backlog))
        injected = faults.Faults(rng, self.cluster, self.proxy, members)
        try:
            for number in range(count):
                fault = only[number % len(only)] if only else injected.pick(without)
                sender.allow((number + 1) / count)
                injected.sleep(0, 0.8)
                self.say(f"  {time.monotonic() - started:6.1f} s  {fault}")
                outcome.faults[injected.inject(fault)] += 1
            injected.meet()
            self.proxy.heal()
            for member in members.members:
                member.disk.empty()
                if member.wanted:
                    member.resume()
            sender.finish()
            outcome.quiet_seconds = self.wait_until_quiet(members, topics)
            self.send_all(records[tail:])
            self.wait_until_quiet(members, topics)
            for member in members.members:
                member.stop()
                outcome.kills += member.kills
                outcome.pauses += member.pauses
                outcome.long_pauses += member.long_pauses
                outcome.retries += member.retries
            oracle.check_nothing_open(self.cluster.bootstrap, topics, PARTITIONS)
            outcome.compared = judge.check(self.cluster.bootstrap, topics, name, plan.compacted)
        except Exception:
            self._keep_evidence(members)
            raise
        finally:
            self.proxy.heal()
            if not self.cluster.running or len(self.cluster.running) < self.brokers:
                self.cluster.start()
            members.close()
        outcome.requests = self.proxy.happened - before
        outcome.seconds = time.monotonic() - started
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return outcome

    def _keep_evidence(self, members: fleet.Fleet) -> None:
        """The logs of a run that failed, beside the report."""
        kept = pathlib.Path(tempfile.mkdtemp(prefix=f"tocsin-campaign-failed-{members.group}-"))
        for member in members.members:
            if member.log.exists():
                shutil.copy(member.log, kept / f"{member.folder.name}.log")
        self.say(f"  logs of the processes: {kept}")
