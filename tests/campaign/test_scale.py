"""However the work is shared, the same comes out; and the judge of the campaign sees what is wrong."""

import dataclasses

import campaign
import changelog
import oracle
import pytest
from support.kafka_client import consume

PLAN = campaign.Plan(seed=0, brokers=1, members=1, workers=1, static=True, compacted=False, backlog=1.0, accounts=100)


@pytest.mark.parametrize(("members", "workers"), [(1, 2), (1, 4), (2, 1), (2, 2)])
def test_workers_and_processes_share_the_work_and_give_the_same(arena, members, workers):
    judge = arena.reference(PLAN)  # One process of one worker, equal to a replay.
    name = f"scale-{members}-{workers}"
    topics = arena.topics(name)
    fleet = arena.make_fleet(name, topics, direct=True, workers=workers)
    for number in range(members):
        fleet.add(f"member{number}").start()
    records = arena.records(topics.inputs[0], PLAN)
    for begin in range(0, len(records), 400):
        arena.send_all(records[begin : begin + 400])
    arena.wait_until_quiet(fleet, topics)
    for member in fleet.members:
        member.stop()
    assert judge.check(arena.cluster.bootstrap, topics, name)["states"] > 50


@pytest.fixture(scope="module")
def judged(arena):
    """An undisturbed run, its topics, and its records."""
    judge = arena.reference(PLAN)
    return judge, oracle.Topics("undisturbed-0-100-4.", ("undisturbed-0-100-4.events",))


def changed(outputs: list[str]) -> dict[str, list[str]]:
    return {
        "lost": outputs[1:],
        "twice": outputs[:1] + outputs,
        "another order": outputs[1:2] + outputs[:1] + outputs[2:],
        "another content": [outputs[0].replace("2026", "2027")] + outputs[1:],
    }


@pytest.mark.parametrize("mistake", ["lost", "twice", "another order", "another content"])
def test_the_judge_sees_wrong_outputs(judged, mistake):
    outputs = judged[0].outputs[0]["findings"]
    assert len(outputs) > 2
    with pytest.raises(oracle.Wrong):
        oracle._same("findings", 0, outputs, changed(outputs)[mistake])


def test_the_judge_sees_broken_chains_and_states(arena, judged):
    records = [r for r in consume(arena.cluster.bootstrap, judged[1].changelog) if r.partition == 0]
    last = changelog.read_chain(records)
    assert last.sequence > 1 and last.segments > 1
    commits = [i for i, record in enumerate(records) if record.key[0] == changelog.COMMIT]
    middle = commits[-2] + 1
    other = dataclasses.replace(records[middle], value=records[middle].value + b"x")
    mistakes = {
        "a segment is missing": records[:middle] + records[middle + 1 :],
        "a segment is there twice": records[:middle] + records[middle : middle + 1] + records[middle:],
        "a segment is another": records[:middle] + [other] + records[middle + 1 :],
        "a commit is missing": records[: commits[-2]] + records[commits[-2] + 1 :],
        "a commit and its segments are missing": records[: commits[-3] + 1] + records[commits[-2] + 1 :],
        "a commit is there twice": records[: middle] + records[commits[-3] + 1 : middle] + records[middle:],
        "the end is missing": records[:-1],
    }
    for mistake, wrong in mistakes.items():
        with pytest.raises(changelog.ChangelogError):
            changelog.read_chain(wrong)
            pytest.fail(mistake)
    assert changelog.digest(records[:middle] + [other] + records[middle + 1 :]) != changelog.digest(records)
