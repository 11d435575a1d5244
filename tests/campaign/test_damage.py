"""A state directory that was damaged while nobody looked: dropped, restored from the changelog, nothing else."""

import campaign

PLAN = campaign.Plan(seed=0, brokers=1, members=1, workers=1, static=True, compacted=False, backlog=1.0, accounts=100)
ROUNDS = ("CURRENT", "MANIFEST", "a table is missing", "everything")


def damage(database, what: str) -> None:
    tables, manifests = sorted(database.glob("*.sst")), sorted(database.glob("MANIFEST*"))
    chosen = {"CURRENT": [database / "CURRENT"], "MANIFEST": manifests, "a table is missing": tables[:1],
              "everything": tables + manifests}[what]
    assert chosen
    for path in chosen:
        if what == "a table is missing":
            path.unlink()
            continue
        data = bytearray(path.read_bytes())
        for at in range(len(data) // 3, len(data), 101):
            data[at] ^= 0x10
        path.write_bytes(data)


def test_a_damaged_state_directory_is_restored(arena):
    topics = arena.topics("damage")
    fleet = arena.make_fleet("damage", topics, direct=True)
    member = fleet.add("only")
    records = arena.records(topics.inputs[0], PLAN)
    judge = arena.judge(records)
    size = len(records) // (len(ROUNDS) + 1) + 1
    for number in range(len(ROUNDS) + 1):
        if number:
            damage(member.state / "state" / "db", ROUNDS[number - 1])
        member.start()
        arena.send_all(records[number * size : (number + 1) * size])
        arena.wait_until_quiet(fleet, topics, 60)
        member.stop()
    assert judge.check(arena.cluster.bootstrap, topics, "damage")["states"] > 50
    assert member.log.read_text().count("state_dropped") >= 2
