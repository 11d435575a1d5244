"""What `kafka.ingest: rekey` is sent, bit by bit, and the judge of what it has made of that.

    sources = Sources(kafka, topic_prefix, mixed_traffic.arrivals(...), seed=7)
    sources.send(100)
    ...
    check_moved(sources.records(), moved, letters, sources.poison, partitions=3)
    check_positions(kafka.bootstrap, group, sources.topics)
    check_nothing_open(kafka.bootstrap, [...])
"""

import collections
import json
import random
import subprocess
import time

from confluent_kafka import Consumer, TopicPartition

from support import mixed_traffic, processes
from support.compared import comparable
from support.kafka_client import Record, consume, produce

PARTITIONS_OF = {"logins": 3, "transactions": 5, "account-changes": 2, "account-profiles": 1, "account-feedback": 4}
KINDS = ("findings", "notices", "tickets", "actions")
_WAIT = 30


class Sources:
    """Topics that differ in their number of partitions. What is sent has no key, and a header with its number."""

    def __init__(self, kafka, prefix: str, arrivals: list[mixed_traffic.Arrival], seed: int):
        self.topics = {prefix + topic: count for topic, count in PARTITIONS_OF.items()}  # With their numbers of partitions.
        self.poison = {b"%d" % number for number, arrival in enumerate(arrivals) if arrival.poison}
        self.sent = 0
        self._bootstrap, self._prefix, self._arrivals = kafka.bootstrap, prefix, arrivals
        self._chance = random.Random(seed)
        for topic, count in self.topics.items():
            kafka.create_topic(topic, partitions=count)

    def send(self, count: int) -> None:
        """The next of them, each to any partition of its topic."""
        arrivals = self._arrivals[self.sent : self.sent + count]
        assert len(arrivals) == count, f"only {len(self._arrivals)} records were made for this test"
        produce(self._bootstrap, [self._record(self.sent + i, arrival) for i, arrival in enumerate(arrivals)])
        self.sent += count

    def _record(self, number: int, arrival: mixed_traffic.Arrival) -> Record:
        partition = self._chance.randrange(PARTITIONS_OF[arrival.topic])
        return Record(self._prefix + arrival.topic, arrival.value, headers=(("number", b"%d" % number),), partition=partition)

    def records(self) -> list[Record]:
        """Where each of them lies."""
        return [record for topic in self.topics for record in consume(self._bootstrap, topic)]


def place_of(record: Record) -> tuple[str, int, int]:
    """Where a moved record was first, as the headers say that moving has added."""
    names = [name for name, _ in record.headers[-3:]]
    assert names == ["tocsin_topic", "tocsin_partition", "tocsin_offset"], names
    topic, partition, offset = (value.decode() for _, value in record.headers[-3:])
    return topic, int(partition), int(offset)


def check_moved(sent: list[Record], moved: list[Record], letters: list[dict], poison: set[bytes], partitions: int) -> None:
    """Every record of the sources is there once: as it was, on its account's partition and in the order of the partition that
    it comes from, or as a dead letter when its number is in `poison`. `moved` are in the order of the topic."""
    originals = {(record.topic, record.partition, record.offset): record for record in sent}
    bad = {place for place, record in originals.items() if dict(record.headers)["number"] in poison}
    once("moved", originals.keys() - bad, collections.Counter(map(place_of, moved)))
    once("dead letters", bad, collections.Counter((one["topic"], one["partition"], one["offset"]) for one in letters))
    newest: dict[tuple[str, str, int], int] = {}
    for record in moved:
        topic, partition, offset = place = place_of(record)
        original = originals[place]
        assert (record.value, record.headers[:-3]) == (original.value, original.headers), f"{place} is not what was sent"
        account = json.loads(record.value)["account_id"]
        assert record.key == account.encode(), f"{place} has key {record.key!r}"
        assert record.partition == mixed_traffic.partition_of(account, partitions), f"{place} is on partition {record.partition}"
        before = newest.get((account, topic, partition), -1)
        assert before < offset, f"{place} comes after {before} of the same account and partition"
        newest[account, topic, partition] = offset


def once(what: str, wanted: set, found: collections.Counter) -> None:
    twice = sorted(place for place, times in found.items() if times > 1)
    lost, more = sorted(wanted - found.keys()), sorted(found.keys() - wanted)
    told = f"{what}: {len(twice)} more than once {twice[:3]}, {len(lost)} lost {lost[:3]}, {len(more)} that must not be {more[:3]}"
    assert not twice and not lost and not more, told


def replayed(tocsin, folder, moved: list[Record], partitions: int) -> dict[str, list[bytes]]:
    """What `tocsin replay` makes of the moved records, one partition at a time, sorted."""
    found = collections.defaultdict(list)
    for partition in range(partitions):
        events = folder / f"moved-{partition}.jsonl"
        events.write_bytes(b"".join(record.value + b"\n" for record in moved if record.partition == partition))
        outputs = [word for kind in KINDS for word in (f"--{kind}", str(folder / f"{kind}-{partition}"))]
        subprocess.run([str(tocsin), "replay", "--events", str(events), *outputs], capture_output=True, timeout=240, check=True)
        for kind in KINDS:
            lines = (folder / f"{kind}-{partition}").read_bytes().splitlines()
            found[kind] += [comparable(kind, line) for line in lines]
    return {kind: sorted(lines) for kind, lines in found.items()}


def check_positions(bootstrap: str, group: str, topics: dict[str, int]) -> None:
    """The group stands at the end of each partition, and nowhere where there is nothing."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    try:
        places = [TopicPartition(topic, partition) for topic, count in topics.items() for partition in range(count)]
        stands = {(p.topic, p.partition): max(p.offset, 0) for p in consumer.committed(places, _WAIT)}
        ends = {(p.topic, p.partition): consumer.get_watermark_offsets(p, _WAIT)[1] for p in places}
    finally:
        consumer.close()
    differ = {place: (stands[place], end) for place, end in ends.items() if stands[place] != end}
    assert not differ, f"{group} stands elsewhere than at the ends: {differ}"


def check_nothing_open(bootstrap: str, topics: list[str], seconds: float = 10) -> None:
    """What readers of committed records see of these topics is all there is. What ended just now may take a moment."""
    committed, everything = (
        Consumer({"bootstrap.servers": bootstrap, "group.id": "tests", "isolation.level": level})
        for level in ("read_committed", "read_uncommitted")
    )
    deadline = time.monotonic() + seconds * processes.PATIENCE
    try:
        for topic in topics:
            for partition in committed.list_topics(topic, _WAIT).topics[topic].partitions:
                place = TopicPartition(topic, partition)
                end = everything.get_watermark_offsets(place, _WAIT)[1]
                while (stable := committed.get_watermark_offsets(place, _WAIT)[1]) < end:
                    assert time.monotonic() < deadline, f"{topic}/{partition}: readable up to {stable} of {end}: a transaction is open"
                    time.sleep(0.1)
    finally:
        committed.close()
        everything.close()
