"""What a campaign feeds: a generated population with attacks, cut into partitions, with poison, repeats and erasures among it."""

import json
import pathlib
import random

from support import population
from support.kafka_client import Record

# Behind the key of an account. None of them is an event.
POISON = (
    b"{",
    b"no event at all",
    b'{"type":"login","event_id":"x","account_id":"KEY","occurred_at":"yesterday","outcome":"success"}',
    b'{"type":"login","event_id":"","account_id":"KEY","occurred_at":"2026-01-05T00:00:00Z","outcome":"success"}',
    b'{"type":"transaction","event_id":"x","account_id":"KEY","occurred_at":"2026-01-05T00:00:00Z","amount":"1.234",'
    b'"currency":"EUR","kind":"payment","status":"completed","transaction_id":"t"}',
)


def partition_of(key: bytes, partitions: int) -> int:
    """Where the Java clients' default partitioner puts a key (murmur2)."""
    mix, mask = 0x5BD1E995, 0xFFFFFFFF
    hashed = 0x9747B28C ^ len(key)
    end = len(key) & ~3
    for i in range(0, end, 4):
        k = int.from_bytes(key[i : i + 4], "little") * mix & mask
        k = (k ^ k >> 24) * mix & mask
        hashed = (hashed * mix & mask) ^ k
    if rest := key[end:]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * mix & mask
    hashed = (hashed ^ hashed >> 13) * mix & mask
    return ((hashed ^ hashed >> 15) & 0x7FFFFFFF) % partitions


def erasure(event: dict) -> bytes:
    """Of its account, from the event's own time."""
    return json.dumps({"type": "account_change", "event_id": f"erased-{event['event_id']}", "account_id": event["account_id"],
                       "occurred_at": event["occurred_at"], "change": "erased"}).encode()


def records(binary: pathlib.Path, topic: str, partitions: int, seed: int, accounts: int, days: int) -> list[Record]:
    """In the order in which they are to be sent. Equal arguments give equal records."""
    rng = random.Random(seed)
    made: list[Record] = []
    gone: set[bytes] = set()

    def add(key: bytes, value: bytes) -> None:
        made.append(Record(topic, value, key, partition=partition_of(key, partitions)))

    for line in population.events(binary, accounts, days, seed + 1):
        event = json.loads(line)
        key = event["account_id"].encode()
        if key in gone:
            continue
        add(key, line)
        chance = rng.random()
        if chance < 0.01:
            add(key, line)  # A platform that sends it twice at once,
        elif chance < 0.02 and len(made) > 200:
            again = made[rng.randrange(len(made) - 200, len(made))]
            add(again.key, again.value)  # and one that repeats an old one.
        elif chance < 0.025:
            add(key, rng.choice(POISON).replace(b"KEY", key))
        elif chance < 0.028:
            add(key, erasure(event))
            if chance < 0.0265:
                gone.add(key)  # The others come again, as new accounts.
    return made
