#!/usr/bin/python3
"""tests/campaign/measure.py: how long a partition is not served when it moves, what of its states stays in memory, how fast state comes
back, how big it is.

One broker on the loopback, the release build. Figures go to docs/performance.md with the machine they were taken on.
"""

import argparse
import itertools
import json
import pathlib
import statistics
import struct
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/campaign")]

import campaign  # noqa: E402
import oracle  # noqa: E402
import traffic  # noqa: E402
from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402
from support.kafka_client import members  # noqa: E402
from support.processes import wait_until  # noqa: E402

PARTITIONS = campaign.PARTITIONS


def times(bootstrap: str, topic: str, offset_of=None) -> list[dict[int, int]]:
    """For each partition: the time of each record, by its offset or by what `offset_of` makes of its value."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "measure", "enable.partition.eof": True,
                         "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
    found: list[dict[int, int]] = [{} for _ in range(PARTITIONS)]
    open_partitions = set(range(PARTITIONS))
    while open_partitions:
        message = consumer.poll(5)
        if message.error():
            open_partitions.discard(message.partition())
        else:
            key = offset_of(message.value()) if offset_of else message.offset()
            found[message.partition()][key] = message.timestamp()[1]
    consumer.close()
    return found


def owners(bootstrap: str, group: str) -> dict[int, str]:
    """Which member has which partition of the only topic, as the group's coordinator says."""
    found = {}
    for member in members(bootstrap, group):
        assigned = member.assignment
        (name_bytes,) = struct.unpack_from(">h", assigned, 6)  # Behind the version and the number of topics.
        (count,) = struct.unpack_from(">i", assigned, 8 + name_bytes)
        found |= dict.fromkeys(struct.unpack_from(f">{count}i", assigned, 12 + name_bytes), member.id)
    return found


def told(delays: list[int]) -> str:
    return f"{statistics.median(delays):5.0f} ms, longest {max(delays):6.0f} ms" if delays else f"{'none':>24}"


def measure_moves(arena: campaign.Arena) -> None:
    """Every record is poison: its dead letter says when it was processed."""
    topics = arena.topics("moves")
    fleet = arena.make_fleet("moves", topics, direct=True, static=False)
    first, second = fleet.add("first"), fleet.add("second")
    first.start()
    ended = threading.Event()
    marks: dict[str, float] = {}
    owned: dict[str, dict[int, str]] = {}  # Before each step, and at the end.

    def send():
        producer = Producer({"bootstrap.servers": arena.cluster.bootstrap, "linger.ms": 1})
        while not ended.wait(0.01):
            for number in range(PARTITIONS):
                producer.produce(topics.inputs[0], b"{", b"account", partition=number)
            producer.poll(0)
        producer.flush(30)

    wait_until(lambda: first.metric("tocsin_partitions_assigned") == PARTITIONS, "the first process", 60)
    sender = threading.Thread(target=send)
    sender.start()

    def step(name, change):
        time.sleep(6)
        owned[name] = owners(arena.cluster.bootstrap, fleet.group)
        marks[name] = time.time() * 1000
        change()

    step("nothing happens", lambda: None)
    step("a process joins", second.start)
    step("it leaves in good order", second.stop)
    step("it joins again", second.start)
    step("it is killed (session 3 s)", second.kill)
    time.sleep(10)
    owned["the end"] = owners(arena.cluster.bootstrap, fleet.group)
    ended.set()
    sender.join()
    arena.wait_until_quiet(fleet, topics)
    first.stop()
    sent = times(arena.cluster.bootstrap, topics.inputs[0])
    done = times(arena.cluster.bootstrap, topics.output("dead-letters"), lambda value: json.loads(value)["offset"])
    names = [*marks, "the end"]
    marks["the end"] = marks[names[-2]] + 9000
    for name, after in itertools.pairwise(names):
        moved: dict[bool, list[int]] = {False: [], True: []}
        for number in range(PARTITIONS):
            moved[owned[name][number] != owned[after][number]] += [
                done[number][offset] - at for offset, at in sent[number].items() if marks[name] - 500 <= at < marks[after] - 500
            ]
        print(f"{name:32} partitions that stay: median {told(moved[False])}; that move: median {told(moved[True])}")


def measure_kept(arena: campaign.Arena, accounts: int, days: int) -> None:
    """Half of the partitions stay where they are when a second process joins or leaves."""
    topics = arena.topics("kept")
    fleet = arena.make_fleet("kept", topics, direct=True, static=False)
    first, second = fleet.add("first"), fleet.add("second")
    first.start()
    records = traffic.records(arena.binary, topics.inputs[0], PARTITIONS, 0, accounts, days)
    arena.send_all(records)
    arena.wait_until_quiet(fleet, topics, 900)
    held = first.metric("tocsin_states_in_memory")
    for name, change, count in (("a process joins", second.start, PARTITIONS // 2), ("it leaves in good order", second.stop, PARTITIONS)):
        resumed = first.metric("tocsin_resumes_total")
        change()
        wait_until(lambda: first.metric("tocsin_partitions_assigned") == count, name, 60)  # noqa: B023
        kept = first.metric("tocsin_states_in_memory")
        resumed = first.metric("tocsin_resumes_total") - resumed
        print(f"{name:32} of {held:,.0f} states in memory {kept:,.0f} are there; {resumed:.0f} of {count} partitions went on with theirs")
        held = kept
    first.stop()


def measure_recovery(arena: campaign.Arena, accounts: int, days: int) -> None:
    topics = arena.topics("recovery")
    fleet = arena.make_fleet("recovery", topics, direct=True, checkpoint="600s")
    for member in (fleet.add("only"),):
        member.config.write_text(member.config.read_text().replace("commit_events: 60", "commit_events: 10000"))
    only = fleet.members[0]
    records = traffic.records(arena.binary, topics.inputs[0], PARTITIONS, 0, accounts, days)
    for begin in range(0, len(records), 50000):
        arena.send_all(records[begin : begin + 50000])
    only.start()
    arena.wait_until_quiet(fleet, topics, 900)
    only.stop()
    known = len({record.key for record in records})
    changes = sum(oracle._ends(arena.cluster.bootstrap, oracle.Topics("", (topics.changelog,)), "none", PARTITIONS)[place][0]
                  for place in [(topics.changelog, number) for number in range(PARTITIONS)])
    print(f"{len(records):,} records of {known:,} accounts; {changes:,} records in the changelog")
    for name in ("restart with a checkpoint", "restore from nothing"):
        if name == "restore from nothing":
            only.delete_state()
        start = time.monotonic()
        only.start()
        wait_until(lambda: only.metric("tocsin_restores_total") >= PARTITIONS, name, 600, 0.02)
        taken = time.monotonic() - start
        busy = only.metric("tocsin_restore_seconds_sum")
        rate = f", {changes / busy:,.0f} records/s" if name == "restore from nothing" else ""
        print(f"{name:32} {taken:6.2f} s from start to serving all partitions; {busy:.2f} s of it restoring{rate}")
        only.stop()
    only.start()
    wait_until(lambda: only.metric("tocsin_restores_total") >= PARTITIONS, "the state", 600)
    size = only.metric("tocsin_state_disk_bytes")
    print(f"{'state on disk':32} {size / known:6.0f} bytes an account")
    only.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/tocsin")
    parser.add_argument("--accounts", type=int, default=50000)
    parser.add_argument("--days", type=int, default=2)
    options = parser.parse_args()
    with campaign.Arena(options.binary.resolve()) as arena:
        measure_moves(arena)
        measure_kept(arena, options.accounts, options.days)
        measure_recovery(arena, options.accounts, options.days)
    return 0


if __name__ == "__main__":
    sys.exit(main())
