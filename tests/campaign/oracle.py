"""What one uninterrupted run gives, and whether a disturbed one gave the same.

The oracle of the outputs is `tocsin replay`, once for each partition's records in their order: one thread, a file for a
log, no Kafka, no changelog, nothing recovered. That of the states is the changelog of a run that nobody disturbed.
"""

import base64
import collections
import dataclasses
import json
import pathlib
import subprocess
import tempfile

import changelog
from confluent_kafka import Consumer, TopicPartition
from support import population
from support.kafka_client import Record, consume

KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")
_IDS = {"findings": "finding_id", "notices": "notice_id", "tickets": "ticket_id", "actions": "action_id"}


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


def comparable(kind: str, line: bytes) -> str:
    """An output without what two runs may say differently: the time of the wall clock, and where a record lay."""
    output = json.loads(line)
    output.pop("detected_at", None)
    if kind == "dead-letters":  # A file has neither keys nor times of arrival.
        for member in ("topic", "partition", "offset", "key", "appended_at"):
            output.pop(member, None)
    return json.dumps(output, sort_keys=True, ensure_ascii=False)


def expected_outputs(binary: pathlib.Path, databases: pathlib.Path, lines: list[bytes]) -> dict[str, list[str]]:
    """What a replay of one partition's records gives, in order."""
    with tempfile.TemporaryDirectory(prefix="tocsin-oracle-") as name:
        folder = pathlib.Path(name)
        (folder / "events").write_bytes(b"".join(line + b"\n" for line in lines))
        command = [str(binary), "replay", "--events", str(folder / "events")]
        command += population.geoip_options(databases)
        command += [part for kind in KINDS for part in (f"--{kind}", str(folder / kind))]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return {kind: [comparable(kind, line) for line in (folder / kind).read_bytes().splitlines()] for kind in KINDS}


def by_partition(records: list[Record], partitions: int) -> list[list[Record]]:
    parts: list[list[Record]] = [[] for _ in range(partitions)]
    for record in records:
        parts[record.partition].append(record)
    return parts


class Oracle:
    """What the records must give, partition by partition."""

    def __init__(self, binary: pathlib.Path, databases: pathlib.Path, sent: list[Record], partitions: int):
        self.partitions = partitions
        self.sent = [[r.value for r in part] for part in by_partition(sent, partitions)]
        self.outputs = [expected_outputs(binary, databases, lines) for lines in self.sent]
        self.digests: list[dict[bytes, str]] | None = None  # Of an undisturbed run: see `learn`.

    def learn(self, bootstrap: str, topics: Topics) -> None:
        """Takes the states of this run, which nobody disturbed, as what they must be."""
        parts = by_partition(consume(bootstrap, topics.changelog), self.partitions)
        self.digests = [changelog.digest(part) for part in parts]

    def check(self, bootstrap: str, topics: Topics, group: str, compacted: bool = False) -> collections.Counter[str]:
        """Raises Wrong, or says how much of each kind was compared."""
        compared: collections.Counter[str] = collections.Counter()
        self._check_input(bootstrap, topics)
        for kind in KINDS:
            found = by_partition(consume(bootstrap, topics.output(kind)), self.partitions)
            for partition, records in enumerate(found):
                got = [comparable(kind, record.value) for record in records]
                _same(kind, partition, self.outputs[partition][kind], got)
                for record in records:
                    _check_identity(kind, record, topics, self.sent[partition])
                compared[kind] += len(got)
        ends = _ends(bootstrap, topics, group, self.partitions)
        for partition, records in enumerate(by_partition(consume(bootstrap, topics.changelog), self.partitions)):
            last = changelog.read_chain(records, compacted)
            wanted = {topic: end for (topic, number), (end, _) in ends.items() if number == partition and end > 0}
            positions = {topic: position for topic, position in (last.positions if last else {}).items() if position > 0}
            if positions != wanted:
                raise Wrong(f"partition {partition}: the changelog stands at {positions}, the input ends at {wanted}")
            if last and last.events != len(self.sent[partition]):
                raise Wrong(f"partition {partition}: {last.events} events counted, {len(self.sent[partition])} sent")
            compared["commits"] += last.sequence if last else 0
            if self.digests is not None:
                states = changelog.digest(records)
                if states != self.digests[partition]:
                    differ = [key for key in states.keys() | self.digests[partition].keys()
                              if states.get(key) != self.digests[partition].get(key)]
                    raise Wrong(f"partition {partition}: {len(differ)} of {len(states)} states differ, e.g. {differ[:3]}")
                compared["states"] += len(states)
        for (topic, partition), (end, committed) in ends.items():
            if end > 0 and committed != end:
                raise Wrong(f"{topic}/{partition}: the group stands at {committed}, the input ends at {end}")
        return compared

    def _check_input(self, bootstrap: str, topics: Topics) -> None:
        """The campaign's own sending is not trusted either."""
        if len(topics.inputs) > 1:
            return  # Merged by time: the order is that of `sent`.
        for partition, records in enumerate(by_partition(consume(bootstrap, topics.inputs[0]), self.partitions)):
            assert [r.value for r in records] == self.sent[partition], "the campaign sent something else: its own fault"


def _same(kind: str, partition: int, expected: list[str], got: list[str]) -> None:
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
        text += "".join(f"\n  {name}: {record[:600]}" for record in list(records)[:2])
    raise Wrong(text)


def _check_identity(kind: str, record: Record, topics: Topics, sent: list[bytes]) -> None:
    """The envelope says the same as the record, and a dead letter is the record that lies where it says."""
    output, headers = json.loads(record.value), dict(record.headers)
    if identity := _IDS.get(kind):
        if output[identity].encode() != headers.get("ce_id"):
            raise Wrong(f"{kind}: ce_id is {headers.get('ce_id')!r}")
    elif len(topics.inputs) == 1 and base64.b64decode(output["bytes"]) != sent[output["offset"]]:
        raise Wrong(f"dead letter of offset {output['offset']}: not what lies there")


def _ends(bootstrap, topics: Topics, group: str, partitions: int) -> dict[tuple[str, int], tuple[int, int]]:
    """For each input partition: its end, and where the group stands."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False})
    try:
        places = [TopicPartition(topic, number) for topic in topics.inputs for number in range(partitions)]
        committed = {(p.topic, p.partition): p.offset for p in consumer.committed(places, timeout=30)}
        return {
            (p.topic, p.partition): (
                consumer.get_watermark_offsets(p, timeout=30)[1],
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
                stable, end = (h.get_watermark_offsets(TopicPartition(topic, number), timeout=30)[1] for h in handles)
                if stable != end:
                    raise Wrong(f"{topic}/{number}: readable up to {stable}, ends at {end}: a transaction is open")
    finally:
        for handle in handles:
            handle.close()
