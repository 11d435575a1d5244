"""The tests' own view of Kafka: produce as a platform service does, read as the next system does.

It uses Debian's Python client, so a mistake in the daemon's use of its client does not hide itself.
"""

import dataclasses
import logging
import time
from collections.abc import Iterable

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from support import processes

# Java clients' default partitioner: what a platform service written for the JVM does with a key.
_PARTITIONER = "murmur2_random"
_SECONDS_MAX = 240  # Of one call that a broker does not answer, or is slow to answer.


@dataclasses.dataclass(frozen=True)
class Record:
    """One record, as written or as read. `partition` and `offset` are None before it is written.

    `timestamp` is in milliseconds; None lets the client take the time.
    """

    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None
    offset: int | None = None
    timestamp: int | None = None


def produce(bootstrap: str, records: Iterable[Record], transactional_id: str | None = None, commit: bool = True) -> None:
    """Writes the records and returns when the broker has them all.

    With a `transactional_id` they are one transaction, which `commit=False` leaves aborted. A record with a
    partition goes there; one without goes where the key says.
    """
    # Idempotent: a batch that a young topic refuses at first must not come after those that were sent behind it.
    config = {"bootstrap.servers": bootstrap, "partitioner": _PARTITIONER, "linger.ms": 5, "enable.idempotence": True}
    if transactional_id:
        config["transactional.id"] = transactional_id
    producer = Producer(config)
    if transactional_id:
        producer.init_transactions(_SECONDS_MAX)
        producer.begin_transaction()
    failed: list = []

    def delivered(error, _message):
        if error:
            failed.append(error)

    for record in records:
        place = {} if record.partition is None else {"partition": record.partition}
        if record.timestamp is not None:
            place["timestamp"] = record.timestamp
        while True:
            try:
                producer.produce(
                    record.topic, record.value, record.key, headers=list(record.headers), on_delivery=delivered, **place
                )
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    waiting = producer.flush(_SECONDS_MAX)
    if waiting or failed:
        raise RuntimeError(f"{waiting} records not delivered in {_SECONDS_MAX} s, {len(failed)} refused: {failed[:3]}")
    if transactional_id:
        producer.commit_transaction(_SECONDS_MAX) if commit else producer.abort_transaction(_SECONDS_MAX)


def consume(bootstrap: str, topic: str, committed_only: bool = True, timeout: float = 60) -> list[Record]:
    """Everything the topic holds now, partition by partition, each in offset order. TimeoutError when nothing comes for long.

    `committed_only` reads what a reader of exactly-once output sees: nothing of aborted transactions. Those that are
    open are waited for: a commit has answered before its markers are in every partition.
    """
    uncommitted = _consumer(bootstrap, "read_uncommitted")
    consumer = _consumer(bootstrap, "read_committed") if committed_only else uncommitted
    try:
        partitions = _partitions_of(consumer, topic)
        held = {p: held_by(uncommitted, TopicPartition(topic, p)) for p in partitions}
        consumer.assign([TopicPartition(topic, p, start) for p, (start, _) in held.items()])
        return _read_to_end(consumer, topic, {p: end for p, (_, end) in held.items()}, timeout)
    finally:
        consumer.close()
        if committed_only:
            uncommitted.close()


def _consumer(bootstrap: str, isolation: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "tests",  # Never joined: partitions are assigned by hand.
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "isolation.level": isolation,
        }
    )


def _asked_again(question, timeout: float = 60):
    """Its answer. A broker that has just started, or been woken, may not know it yet: it is asked until it does."""
    deadline = time.monotonic() + timeout * processes.PATIENCE
    while True:
        try:
            return question()
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise
            logging.getLogger(__name__).debug("asked a broker again: %s", error)
            time.sleep(0.2)


def _partitions_of(consumer: Consumer, topic: str) -> list[int]:
    ask = lambda: sorted(_asked_again(lambda: consumer.list_topics(topic, 30)).topics[topic].partitions)  # noqa: E731
    return processes.wait_until(ask, f"topic {topic}", pause=0.2)


def held_by(consumer: Consumer, partition: TopicPartition) -> tuple[int, int]:
    """The partition's first offset, and the one behind its last. One question may wait all its time for a leader that it was
    not told of; and what a client has once heard of a topic it believes, so it is told anew each time."""

    def told_anew() -> tuple[int, int]:
        consumer.list_topics(partition.topic, 5)
        return consumer.get_watermark_offsets(partition, 5)

    return _asked_again(told_anew)


def _read_to_end(consumer: Consumer, topic: str, ends: dict[int, int], timeout: float) -> list[Record]:
    records: list[Record] = []
    open_partitions = set(ends)
    came = time.monotonic()
    while open_partitions:
        message = consumer.poll(0.2)
        if message is None:
            if time.monotonic() - came > timeout * processes.PATIENCE:
                raise TimeoutError(f"reading {topic}: nothing came for {timeout * processes.PATIENCE} s; {len(records)} records so far")
            continue
        came = time.monotonic()
        if message.error() is None:
            headers = tuple(message.headers() or ())
            at = message.timestamp()[1]
            records.append(
                Record(topic, message.value(), message.key(), headers, message.partition(), message.offset(), at)
            )
        elif message.error().name() == "_PARTITION_EOF":
            if message.offset() >= ends[message.partition()]:
                open_partitions.discard(message.partition())
        elif message.error().fatal() or not message.error().retriable():
            raise KafkaException(message.error())
    return sorted(records, key=lambda record: (record.partition, record.offset))


def consume_until(bootstrap: str, topic: str, condition, what: str, timeout: float = 60) -> list[Record]:
    """Reads the topic again and again until `condition(records)` holds; answers the records. TimeoutError when it does not, and
    no more of them come."""
    records: list[Record] = []

    def holds() -> bool:
        records[:] = consume(bootstrap, topic)
        return condition(records)

    processes.wait_while_it_goes_on(holds, f"{what} in {topic}", lambda: len(records), quiet=timeout, pause=0.2)
    return records


def committed(bootstrap: str, group: str, partitions: dict[str, int]) -> int:
    """How many records of these topics, by their number of partitions, the group has committed."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group})
    try:
        places = [TopicPartition(topic, p) for topic, count in partitions.items() for p in range(count)]
        return sum(max(place.offset, 0) for place in _asked_again(lambda: consumer.committed(places, 30)))
    finally:
        consumer.close()


def wait_until_committed(bootstrap: str, group: str, partitions: dict[str, int], count: int) -> None:
    """Until the group has committed so many records of these topics, for as long as it goes on."""
    done = lambda: committed(bootstrap, group, partitions)  # noqa: E731
    processes.wait_while_it_goes_on(lambda: done() >= count, f"{count} records to be committed", done, pause=0.2)


def members(bootstrap: str, group: str) -> list:
    """Who is in the group now."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    return [member for found in _asked_again(lambda: admin.list_groups(group, 10)) for member in found.members]
