"""What the records of a run give, and whether that came out of it.

The oracle is a plain run over what lies in the input, partition by partition (plain_line.cc): one thread and a map. Nothing of
what the campaign is about has a part in it: no worker, no task, no table of states, no RocksDB, no Kafka, no changelog, nothing
recovered. It says both the outputs and the states.
"""

import base64
import collections
import dataclasses
import json
import pathlib
import re

import changelog
import plain_line
from confluent_kafka import Consumer, TopicPartition
from support.kafka_client import Record, consume, held_by

KINDS = plain_line.KINDS
_IDS = {"findings": "finding_id", "notices": "notice_id", "tickets": "ticket_id", "actions": "action_id"}
_CLOCK = re.compile(rb'"detected_at":"[^"\\]*"')


class Wrong(AssertionError):
    """The promise is broken."""


@dataclasses.dataclass(frozen=True)
class Topics:
    """The names of one run's topics."""

    prefix: str
    inputs: tuple[str, ...]

    @property
    def changelog(self) -> str:
        return f"{self.prefix}changelog"

    def output(self, kind: str) -> str:
        return f"{self.prefix}{kind}"


def comparable(output: bytes) -> bytes:
    """An output without what two runs may say differently: the time of the wall clock."""
    return _CLOCK.sub(b'"detected_at":""', output)


def by_partition(records: list[Record], partitions: int) -> list[list[Record]]:
    parts: list[list[Record]] = [[] for _ in range(partitions)]
    for record in records:
        parts[record.partition].append(record)
    return parts


@dataclasses.dataclass(frozen=True)
class Found:
    """What a run left, by partition."""

    outputs: dict[str, list[list[Record]]]  # Of each kind.
    changelog: list[list[Record]]
    ends: dict[tuple[str, int], tuple[int, int]]  # Of each input partition: its end, and where the group stands.

    @staticmethod
    def by(bootstrap: str, topics: Topics, group: str, partitions: int) -> "Found":
        outputs = {kind: by_partition(consume(bootstrap, topics.output(kind)), partitions) for kind in KINDS}
        kept = by_partition(consume(bootstrap, topics.changelog), partitions)
        return Found(outputs, kept, _ends(bootstrap, topics, group, partitions))


class Oracle:
    """What must come of the records that a campaign sends."""

    def __init__(self, program: pathlib.Path, config: str, sent: list[Record], partitions: int):
        """`config`: the part of the processes' configuration that decides what is found."""
        self.partitions = partitions
        self.sent = by_partition(sent, partitions)
        self._program, self._config = program, config

    def expected(self, bootstrap: str, topics: Topics) -> list[plain_line.Given]:
        """What the records in the input give, for each partition: topic, place and time of a record count."""
        return [plain_line.run(self._program, self._config, records) for records in self._input(bootstrap, topics)]

    def check(self, bootstrap: str, topics: Topics, group: str, compacted: bool = False) -> collections.Counter[str]:
        """Raises Wrong, or says how much of each kind was compared."""
        return self.compare(self.expected(bootstrap, topics), Found.by(bootstrap, topics, group, self.partitions), compacted)

    def compare(self, expected: list[plain_line.Given], found: Found, compacted: bool = False) -> collections.Counter[str]:
        compared: collections.Counter[str] = collections.Counter()
        for kind in KINDS:
            for partition, records in enumerate(found.outputs[kind]):
                wanted = [comparable(output) for output in expected[partition].outputs[kind]]
                same_outputs(kind, partition, wanted, [comparable(record.value) for record in records])
                for record in records:
                    _check_identity(kind, record, self.sent[partition])
                compared[kind] += len(records)
        for partition, records in enumerate(found.changelog):
            last = changelog.read_chain(records, compacted)
            wanted = {topic: end for (topic, number), (end, _) in found.ends.items() if number == partition and end > 0}
            positions = {topic: position for topic, position in (last.positions if last else {}).items() if position > 0}
            if positions != wanted:
                raise Wrong(f"partition {partition}: the changelog stands at {positions}, the input ends at {wanted}")
            if last and last.events != len(self.sent[partition]):
                raise Wrong(f"partition {partition}: {last.events} events counted, {len(self.sent[partition])} sent")
            compared["commits"] += last.sequence if last else 0
            states = changelog.states(records)
            same_states(partition, expected[partition].states, states)
            compared["states"] += len(states)
        for (topic, partition), (end, committed) in found.ends.items():
            if end > 0 and committed != end:
                raise Wrong(f"{topic}/{partition}: the group stands at {committed}, the input ends at {end}")
        return compared

    def _input(self, bootstrap: str, topics: Topics) -> list[list[Record]]:
        """As it lies in the one topic; the campaign's own sending is not trusted either."""
        (topic,) = topics.inputs
        parts = by_partition(consume(bootstrap, topic), self.partitions)
        for records, sent in zip(parts, self.sent, strict=True):
            same = [(r.key, r.value) for r in records] == [(r.key, r.value) for r in sent]
            assert same, "the campaign sent something else: its own fault"
        return parts


def same_outputs(kind: str, partition: int, expected: list[bytes], got: list[bytes]) -> None:
    if got == expected:
        return
    wanted, found = collections.Counter(expected), collections.Counter(got)
    lost, more = wanted - found, found - wanted
    text = f"{kind} of partition {partition}: {lost.total()} lost, {more.total()} more than there must be"
    if not lost and not more:
        text = f"{kind} of partition {partition}: the same records in another order"
    identity = _IDS.get(kind)
    if identity:
        twice = [key for key, n in collections.Counter(json.loads(o)[identity] for o in got).items() if n > 1]
        twice_wanted = [key for key, n in collections.Counter(json.loads(o)[identity] for o in expected).items() if n > 1]
        text += f"; ids there more than once: {len(twice)} (expected {len(twice_wanted)})"
    for name, records in (("lost", lost), ("more", more)):
        text += "".join(f"\n  {name}: {record[:600].decode(errors='replace')}" for record in list(records)[:2])
    raise Wrong(text)


def same_states(partition: int, expected: plain_line.States, got: plain_line.States) -> None:
    """Byte for byte, each segment of each state."""
    differ = [key for key in sorted(expected.keys() | got.keys()) if expected.get(key) != got.get(key)]
    if not differ:
        return
    text = f"partition {partition}: {len(differ)} of {len(expected)} states differ"
    for key in differ[:3]:
        wanted, found = expected.get(key, {}), got.get(key, {})
        segments = [number for number in sorted(wanted.keys() | found.keys()) if wanted.get(number) != found.get(number)]
        text += f"\n  {key!r}: segments {segments}"
    raise Wrong(text)


def _check_identity(kind: str, record: Record, sent: list[Record]) -> None:
    """The envelope says the same as the record, and a dead letter is the record that lies where it says."""
    output, headers = json.loads(record.value), dict(record.headers)
    if identity := _IDS.get(kind):
        if output[identity].encode() != headers.get("ce_id"):
            raise Wrong(f"{kind}: ce_id is {headers.get('ce_id')!r}")
    elif base64.b64decode(output["bytes"]) != sent[output["offset"]].value:
        raise Wrong(f"dead letter of offset {output['offset']}: not what lies there")


def _ends(bootstrap, topics: Topics, group: str, partitions: int) -> dict[tuple[str, int], tuple[int, int]]:
    """For each input partition: its end, and where the group stands."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    try:
        places = [TopicPartition(topic, number) for topic in topics.inputs for number in range(partitions)]
        committed = {(p.topic, p.partition): p.offset for p in consumer.committed(places, timeout=30)}
        return {
            (p.topic, p.partition): (
                held_by(consumer, p)[1],
                max(committed[(p.topic, p.partition)], 0),
            )
            for p in places
        }
    finally:
        consumer.close()


def lag(bootstrap: str, topics: Topics, group: str, partitions: int) -> int:
    return sum(end - committed for end, committed in _ends(bootstrap, topics, group, partitions).values())


def check_nothing_open(bootstrap: str, topics: Topics, partitions: int) -> None:
    """No transaction was left open: what readers of committed records see is all there is."""
    handles = [
        Consumer({"bootstrap.servers": bootstrap, "group.id": "campaign", "isolation.level": level})
        for level in ("read_committed", "read_uncommitted")
    ]
    try:
        for topic in [topics.changelog, *map(topics.output, KINDS)]:
            for number in range(partitions):
                stable, end = (held_by(handle, TopicPartition(topic, number))[1] for handle in handles)
                if stable != end:
                    raise Wrong(f"{topic}/{number}: readable up to {stable}, ends at {end}: a transaction is open")
    finally:
        for handle in handles:
            handle.close()
