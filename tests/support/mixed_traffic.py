"""A generated population's events as a platform sends them: to several topics, late, twice, and some that are none.

    arrivals = mixed_traffic.arrivals(tocsin, accounts=100, days=14, seed=1)

What `tocsin generate traffic` gives (attacks, a few late and repeated events) is mixed with events of weeks ago and with
records that no decoder takes.
"""

import dataclasses
import json
import pathlib
import random

from support import population
from support.kafka_client import Record

TOPIC_OF = {
    "login": "logins",
    "transaction": "transactions",
    "account_change": "account-changes",
    "account_profile": "account-profiles",
    "feedback": "account-feedback",
}
POISON = (
    b"{",
    b"\x00\x01\x02",
    b"[" * 300,
    b'{"type":"login","event_id":"p","account_id":"null","occurred_at":"2026-01-05T08:00:00Z","outcome":"success"}',
    b'{"type":"login","event_id":"p","account_id":"a","occurred_at":"10000-01-05T08:00:00Z","outcome":"success"}',
    b'{"type":"transaction","event_id":"p","account_id":"a","occurred_at":"2026-01-05T08:00:00Z","transaction_id":"t",'
    b'"kind":"payment","status":"completed","amount":NaN,"currency":"EUR"}',
    b'{"type":"login","event_id":"\xff\xfe","account_id":"a","occurred_at":"2026-01-05T08:00:00Z","outcome":"success"}',
)


@dataclasses.dataclass(frozen=True)
class Arrival:
    """One record, in order of arrival. `poison`: it is no event."""

    topic: str
    account: str
    value: bytes
    poison: bool = False


def arrivals(tocsin: pathlib.Path, accounts: int, days: int, seed: int) -> list[Arrival]:
    """The same for the same arguments and program."""
    chance = random.Random(seed)
    mixed: list[Arrival] = []
    for line in population.events(tocsin, accounts, days, seed):
        event = json.loads(line)
        mixed.append(Arrival(TOPIC_OF[event["type"]], event["account_id"], line))
        if chance.random() < 0.002:
            # It was sent weeks ago, and stood in a queue since then: beyond what an account remembers.
            event |= {"event_id": f"old-{len(mixed)}", "occurred_at": "2025-06-01T00:00:00Z"}
            mixed.append(Arrival(TOPIC_OF[event["type"]], event["account_id"], json.dumps(event).encode()))
        if chance.random() < 0.003:
            mixed.append(chance.choice(mixed))  # Twice, at any distance.
        if chance.random() < 0.005:
            mixed.append(Arrival("logins", event["account_id"], chance.choice(POISON), poison=True))
    return mixed


def partition_of(account: str, partitions: int) -> int:
    """Where the default partitioner of Java's client, and the embedded log, put an account."""
    return (_murmur2(account.encode()) & 0x7FFFFFFF) % partitions


def records(prefix: str, sent: list[Arrival], partitions: int, first_millis: int) -> list[Record]:
    """For Kafka: appended a millisecond after another, so that topics are merged in the order of arrival."""
    return [
        Record(
            prefix + arrival.topic,
            arrival.value,
            arrival.account.encode(),
            partition=partition_of(arrival.account, partitions),
            timestamp=first_millis + i,
        )
        for i, arrival in enumerate(sent)
    ]


def _murmur2(data: bytes) -> int:
    mask, multiplier = 0xFFFFFFFF, 0x5BD1E995
    found = (0x9747B28C ^ len(data)) & mask
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        found = (found * multiplier & mask) ^ word
    if whole < len(data):
        found = (found ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    found = (found ^ found >> 13) * multiplier & mask
    return found ^ found >> 15
