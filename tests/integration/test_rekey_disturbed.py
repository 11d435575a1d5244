"""The mover of `kafka.ingest: rekey` is disturbed at every step of its transactions, alone and beside another one: killed, stopped for
longer than its session, fenced, its requests lost, held or delivered late, its broker killed, its group joined and left. Meanwhile
records without keys come to topics that differ in their number of partitions.

In the end each record is moved once, in the order of the partition that it comes from; the findings are those of a replay of what was
moved; the group stands at the ends of what it reads, and no transaction is open.
"""

import dataclasses
import json
import os
import random
import signal
import time

import pytest
from confluent_kafka import Consumer, Producer
from support import kafka_settings, mixed_traffic, moved, processes
from support.compared import comparable
from support.fault_proxy import FaultProxy
from support.kafka_broker import KafkaCluster
from support.kafka_client import Record, consume, members, produce, wait_until_committed

PARTITIONS = 3
HELD_SECONDS = 5  # Until after its dismissal, and for less than a transaction lives.
SECONDS_MAX = 60
STEPS = ("Produce", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn")  # Of a transaction, in order.
PROPERTIES = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500"}
MORE = """\
engine: {workers: 1, commit_interval_ms: 50}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


@pytest.fixture(scope="module")
def proxy():
    with FaultProxy() as made:
        yield made


@pytest.fixture(scope="module")
def kafka(proxy):
    with KafkaCluster(front_ports=proxy.ports) as made:
        proxy.forward_to(made.back_ports)
        yield made


@pytest.fixture(scope="module")
def arrivals(tocsin_binary):
    return mixed_traffic.arrivals(tocsin_binary, accounts=60, days=21, seed=5)


class Movers:
    """Processes that move, what they are sent, and what is done to them. All that is done is printed, for a test that fails."""

    def __init__(self, kafka, proxy, prefix, make_daemon, arrivals, seed):
        self.kafka, self.proxy, self.prefix, self.group = kafka, proxy, prefix, f"{prefix}tocsin"
        self.sources = moved.Sources(kafka, prefix, arrivals, seed)
        self.chance = random.Random(seed)
        self._make_daemon = make_daemon
        self.daemons = []
        print(f"seed {seed}")

    def add(self, name: str, instance: str | None = None):
        """A process whose mover's transactions have this name, not started yet; with an instance a static member of it."""
        settings = {"instance": instance} if instance else {}
        settings |= {"ingest": "rekey", "rekeyed_topic": self.prefix + "events", "partitions": PARTITIONS, "properties": PROPERTIES}
        daemon = self._make_daemon(kafka_settings.text(self.kafka.front, self.prefix, moved.PARTITIONS_OF, MORE, **settings))
        (daemon.folder / "state").mkdir()
        (daemon.folder / "state/producer-id").write_text(name + "\n")
        self.daemons.append(daemon)
        return daemon

    def did(self, what: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} after {self.sources.sent} records: {what}", flush=True)

    def transactions_of(self, name: str) -> str:
        return f"{self.group}.{name}.rekey"

    def meet(self, name: str, api: str, action: str, seconds: float = 1.0) -> None:
        """Back when the next request of this kind of this mover has met with this."""
        what = f"{api} {action}"
        met = self.proxy.happened[what]
        self.proxy.hurt(api, action, seconds=seconds, of=self.transactions_of(name))
        sent_at = 0.0

        def meets() -> bool:
            nonlocal sent_at
            if time.monotonic() - sent_at > 2:  # In a rebalance all of them may go to another mover.
                self.sources.send(60)
                sent_at = time.monotonic()
            return self.proxy.happened[what] > met

        processes.wait_until(meets, f"{what} of {name}", SECONDS_MAX)

    def catch(self, name: str, step: str, what: str, seconds: float = 1.0) -> None:
        """Back when this mover stands at this step of a transaction, for so long."""
        self.meet(name, step, "hold", seconds)
        self.did(f"{what} while {step} of {name} is held for {seconds} s")

    def wait_until_moved(self) -> None:
        wait_until_committed(self.kafka.bootstrap, f"{self.group}.rekey", self.sources.topics, self.sources.sent)

    def complaints(self, daemon) -> int:
        return sum(line["code"] == "rekey_recovers" for line in daemon.said())

    def end(self) -> list[Record]:
        """Waits until all is moved and judged, and ends the processes; what was moved."""
        self.proxy.heal()
        self.sources.send(100)
        self.wait_until_moved()
        events = self.prefix + "events"
        ends = {record.partition: record.offset + 1 for record in consume(self.kafka.bootstrap, events)}
        wait_until_committed(self.kafka.bootstrap, self.group, {events: PARTITIONS}, sum(ends.values()))
        for daemon in self.daemons:
            if daemon.running:
                daemon.stop()
        return consume(self.kafka.bootstrap, events)

    def check(self, tocsin, folder) -> None:
        """That nothing came of what was done."""
        found = self.end()
        outputs = {kind: consume(self.kafka.bootstrap, self.prefix + kind) for kind in kafka_settings.OUTPUTS}
        letters = [json.loads(record.value) for record in outputs["dead-letters"]]
        unreadable = [letter for letter in letters if letter["topic"] in self.sources.topics]  # The others are of the tasks.
        sent = self.sources.records()
        assert len(sent) == self.sources.sent
        moved.check_moved(sent, found, unreadable, self.sources.poison, PARTITIONS)
        moved.check_positions(self.kafka.bootstrap, f"{self.group}.rekey", self.sources.topics)
        written = [self.prefix + name for name in ("events", "changelog", *kafka_settings.OUTPUTS)]
        moved.check_nothing_open(self.kafka.bootstrap, [*written, "__consumer_offsets"])
        expected = moved.replayed(tocsin, folder, found, PARTITIONS)
        assert len(expected["findings"]) > 0
        for kind, lines in expected.items():
            assert sorted(comparable(kind, record.value) for record in outputs[kind]) == lines, kind


@pytest.fixture
def movers(kafka, proxy, topic_prefix, make_daemon, arrivals):
    made = Movers(kafka, proxy, topic_prefix, make_daemon, arrivals, seed=int(os.environ.get("TOCSIN_SEED", "20261130")))
    yield made
    proxy.heal()


def restart(movers, daemon) -> None:
    daemon.kill()
    time.sleep(movers.chance.uniform(0, 0.3))
    daemon.start()


def test_one_mover_that_is_disturbed_moves_each_record_once(movers, kafka, proxy, tocsin_binary, tmp_path):
    one = movers.add("one", instance="one").start()

    def late_end():
        movers.wait_until_moved()
        movers.did("a late end of a transaction comes in the middle of a later one")
        before = proxy.happened["TxnOffsetCommit hold"]
        proxy.hurt("TxnOffsetCommit", "hold", seconds=0, of=movers.transactions_of("one"))  # Of the transaction that ends late.
        proxy.hurt("TxnOffsetCommit", "hold", seconds=2, of=movers.transactions_of("one"))
        movers.meet("one", "EndTxn", "detach", seconds=1.5)
        movers.sources.send(60)
        processes.wait_until(lambda: proxy.happened["TxnOffsetCommit hold"] >= before + 2, "the later one", SECONDS_MAX)

    def hurt(api, action):
        movers.did(f"{api} {action}")
        movers.meet("one", api, action, seconds=movers.chance.uniform(0.3, 1.5))

    def unsure_twice():
        movers.did("EndTxn lost, and then the answer to who goes on")
        proxy.hurt("InitProducerId", "mute", of=movers.transactions_of("one"))
        movers.meet("one", "EndTxn", "lose")

    def fence(step):
        movers.catch("one", step, "another producer takes its name")
        before = movers.complaints(one)
        Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": movers.transactions_of("one")}).init_transactions(SECONDS_MAX)
        processes.wait_until(lambda: movers.complaints(one) > before, "it to notice", SECONDS_MAX)

    def kill(step):
        movers.catch("one", step, "SIGKILL")
        restart(movers, one)

    def sleep(step):
        movers.catch("one", step, "SIGSTOP for a second", seconds=0.5)
        processes.pause(one.process)
        time.sleep(1)
        one.process.send_signal(signal.SIGCONT)

    def kill_broker(step):
        movers.catch("one", step, "the broker is killed")
        kafka.kill()
        kafka.start()

    hurts = [("EndTxn", "mute"), ("EndTxn", "lose"), ("TxnOffsetCommit", "mute"), ("TxnOffsetCommit", "lose")]
    hurts += [("TxnOffsetCommit", "detach"), ("AddOffsetsToTxn", "mute"), ("AddPartitionsToTxn", "mute")]
    hurts += [("Produce", "mute"), ("Produce", "detach")]
    done = [late_end, unsure_twice]
    done += [lambda hurting=hurting: hurt(*hurting) for hurting in hurts]
    done += [lambda step=step: fence(step) for step in ("Produce", "TxnOffsetCommit", "EndTxn")]
    done += [lambda step=step: kill(step) for step in ("Produce", "EndTxn")]
    done += [lambda: sleep("EndTxn"), lambda: kill_broker(movers.chance.choice(STEPS))]
    movers.chance.shuffle(done)
    for disturb in done:
        disturb()
        movers.sources.send(movers.chance.randrange(10, 60))
    movers.check(tocsin_binary, tmp_path)


def test_two_movers_that_are_disturbed_move_each_record_once(movers, kafka, tocsin_binary, tmp_path):
    one, two = movers.add("one", instance="one").start(), movers.add("two").start()
    group = f"{movers.group}.rekey"
    processes.wait_until(lambda: len(members(kafka.bootstrap, group)) == 2, "both to be members")

    def guest(step):
        """A member comes, which moves nothing, and leaves again: twice the partitions go while a batch is open."""
        movers.catch(movers.chance.choice(["one", "two"]), step, "another member comes and leaves", seconds=0.7)
        visitor = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": group, "enable.auto.commit": False})
        assigned = []
        visitor.subscribe(list(movers.sources.topics), on_assign=lambda _, places: assigned.append(places))
        processes.wait_until(lambda: (visitor.poll(0.1), assigned)[1], "its partitions", SECONDS_MAX)
        movers.sources.send(60)
        visitor.close()

    def sleep(step):
        """The other takes over. It wakes before what is held comes to the broker, and hears that it was dismissed."""
        movers.catch("one", step, "SIGSTOP for longer than the session", HELD_SECONDS)
        processes.pause(one.process)
        movers.sources.send(30)
        processes.wait_until(lambda: len(members(kafka.bootstrap, group)) == 1, "its dismissal", SECONDS_MAX)
        movers.wait_until_moved()
        one.process.send_signal(signal.SIGCONT)
        processes.wait_until(lambda: len(members(kafka.bootstrap, group)) == 2, "it to join again", SECONDS_MAX)

    def kill(step):
        movers.catch("two", step, "SIGKILL")
        restart(movers, two)

    def leave():
        movers.did("two leaves in good order and comes again")
        movers.sources.send(60)
        two.stop()
        two.start()

    done = [lambda step=step: guest(step) for step in STEPS]
    done += [lambda step=step: sleep(step) for step in ("Produce", "EndTxn")]
    done += [lambda: kill("EndTxn"), leave]
    movers.chance.shuffle(done)
    for disturb in done:
        disturb()
        movers.sources.send(movers.chance.randrange(10, 60))

    # An operator's mistake: it costs time, not records.
    twin = movers.add("twin", instance="one")
    movers.did("a second process of the name one")
    before = movers.complaints(one)
    twin.start(wait=False)
    processes.wait_until(lambda: movers.complaints(one) > before, "the first to be fenced", SECONDS_MAX)
    for _ in range(8):
        movers.sources.send(20)
        time.sleep(movers.chance.uniform(0, 0.6))
    one.kill()
    movers.check(tocsin_binary, tmp_path)


def _moved(record: Record, offset: int, partition: int) -> Record:
    place = (("tocsin_topic", record.topic.encode()), ("tocsin_partition", b"%d" % record.partition), ("tocsin_offset", b"%d" % record.offset))
    return Record("events", record.value, b"ada", record.headers + place, partition, offset)


@dataclasses.dataclass(frozen=True)
class Mistake:
    name: str
    told: str
    make: object  # Of the moved records and the letters, other ones.


MISTAKES = (
    Mistake("lost", "1 lost", lambda records, letters: (records[:-1], letters)),
    Mistake("twice", "1 more than once", lambda records, letters: (records + records[:1], letters)),
    Mistake("disordered", "comes after", lambda records, letters: (records[::-1], letters)),
    Mistake("changed", "is not what was sent", lambda records, letters: ([dataclasses.replace(records[0], value=b"{}"), *records[1:]], letters)),
    Mistake("unkeyed", "has key", lambda records, letters: ([dataclasses.replace(records[0], key=None), *records[1:]], letters)),
    Mistake("misplaced", "is on partition", lambda records, letters: ([dataclasses.replace(records[0], partition=7), *records[1:]], letters)),
    Mistake("no_letter", "dead letters: 0 more than once [], 1 lost", lambda records, _: (records, [])),
    Mistake("letter_twice", "dead letters: 1 more than once", lambda records, letters: (records, letters * 2)),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_the_judge_sees(mistake):
    account = b'{"account_id":"ada"}'
    sent = [Record("logins", account, None, (("number", b"%d" % i),), partition=1, offset=i) for i in range(4)]
    sent.append(Record("logins", b"{", None, (("number", b"4"),), partition=1, offset=4))
    home = mixed_traffic.partition_of("ada", PARTITIONS)
    good = [_moved(record, 10 + record.offset, home) for record in sent[:4]]
    letters = [{"topic": "logins", "partition": 1, "offset": 4}]
    moved.check_moved(sent, good, letters, {b"4"}, PARTITIONS)
    with pytest.raises(AssertionError) as seen:
        moved.check_moved(sent, *mistake.make(good, letters), {b"4"}, PARTITIONS)
    assert mistake.told in str(seen.value)
