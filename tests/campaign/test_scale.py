"""However the work is shared, the same comes out; and the judge of the campaign sees what is wrong."""

import collections
import copy
import dataclasses

import campaign
import changelog
import oracle
import plain_line
import pytest

PLAN = campaign.Plan(seed=0, brokers=1, members=1, workers=1, static=True, compacted=False, backlog=1.0, accounts=100)


@dataclasses.dataclass(frozen=True)
class Run:
    """One that nobody disturbed: what it must leave, what it left, and how much of it was compared."""

    judge: oracle.Oracle
    expected: list[plain_line.Given]
    found: oracle.Found
    compared: collections.Counter


def share(arena, members: int, workers: int) -> Run:
    name = f"scale-{members}-{workers}"
    topics = arena.topics(name)
    records = arena.records(topics.inputs[0], PLAN)
    fleet = arena.make_fleet(name, topics, direct=True, workers=workers)
    for number in range(members):
        fleet.add(f"member{number}").start()
    for begin in range(0, len(records), 400):
        arena.send_all(records[begin : begin + 400])
    arena.wait_until_quiet(fleet, topics)
    for member in fleet.members:
        member.stop()
    bootstrap, judge = arena.cluster.bootstrap, arena.judge(records)
    expected, found = judge.expected(bootstrap, topics), oracle.Found.by(bootstrap, topics, name, campaign.PARTITIONS)
    return Run(judge, expected, found, judge.compare(expected, found))


@pytest.mark.parametrize(("members", "workers"), [(1, 2), (1, 4), (2, 1), (2, 2)])
def test_workers_and_processes_share_the_work_and_give_the_same(arena, members, workers):
    assert share(arena, members, workers).compared["states"] > 50


@pytest.fixture(scope="module")
def alone(arena):
    """One process with one worker."""
    run = share(arena, 1, 1)
    assert run.compared["states"] > 50 and all(run.compared[kind] > 0 for kind in oracle.KINDS)
    return run


def changed(outputs: list[bytes]) -> dict[str, list[bytes]]:
    return {
        "lost": outputs[1:],
        "twice": outputs[:1] + outputs,
        "another order": outputs[1:2] + outputs[:1] + outputs[2:],
        "another content": [outputs[0].replace(b"2026", b"2027")] + outputs[1:],
    }


@pytest.mark.parametrize("mistake", ["lost", "twice", "another order", "another content"])
def test_the_judge_sees_wrong_outputs(alone, mistake):
    outputs = alone.expected[0].outputs["findings"]
    assert len(outputs) > 2
    with pytest.raises(oracle.Wrong):
        oracle.same_outputs("findings", 0, outputs, changed(outputs)[mistake])


def wrong_states(states: plain_line.States) -> dict[str, plain_line.States]:
    """What a run that lost or invented something leaves."""
    one, other = [key for key in states if len(states[key]) > 1][:2]
    segment, value = next(iter(states[one].items()))
    rest = {number: kept for number, kept in states[one].items() if number != segment}
    return {
        "a state is missing": {key: states[key] for key in states if key != one},
        "a state is there that must not be": states | {one + b"x": states[one]},
        "two accounts have each other's": states | {one: states[other], other: states[one]},
        "a segment is missing": states | {one: rest},
        "a segment is there that must not be": states | {one: states[one] | {59: b"x"}},
        "a segment is another": states | {one: states[one] | {segment: bytes([value[0] ^ 1]) + value[1:]}},
        "a segment is cut short": states | {one: states[one] | {segment: value[:-1]}},
    }


def test_the_judge_sees_wrong_states(alone):
    states = changelog.states(alone.found.changelog[0])
    oracle.same_states(0, alone.expected[0].states, states)
    assert len(states) > 5 and b"\xffpopulation" in states
    for mistake, wrong in wrong_states(states).items():
        with pytest.raises(oracle.Wrong, match="states differ"):
            oracle.same_states(0, alone.expected[0].states, wrong)
            pytest.fail(mistake)


def test_some_accounts_are_erased_for_good(alone):
    gone = 0
    for records, given in zip(alone.found.changelog, alone.expected, strict=True):
        known = {record.key[1:] for record in records if record.key[0] != changelog.COMMIT}
        gone += len(known - given.states.keys())
    assert gone > 0


def with_one(partitions: list, number: int, other) -> list:
    return [*partitions[:number], other, *partitions[number + 1 :]]


def test_a_verdict_is_about_each_kind_of_output_and_the_states(alone):
    """The run is right; so it is wrong for an oracle that expects anything else."""
    for kind in oracle.KINDS:
        number = next(number for number, given in enumerate(alone.expected) if given.outputs[kind])
        outputs = alone.expected[number].outputs
        other = dataclasses.replace(alone.expected[number], outputs=outputs | {kind: outputs[kind][1:]})
        with pytest.raises(oracle.Wrong, match=f"{kind} of partition {number}: 0 lost, 1 more"):
            alone.judge.compare(with_one(alone.expected, number, other), alone.found)
    last = len(alone.expected) - 1
    states = wrong_states(alone.expected[last].states)["a segment is another"]
    other = dataclasses.replace(alone.expected[last], states=states)
    with pytest.raises(oracle.Wrong, match=f"partition {last}: 1 of"):
        alone.judge.compare(with_one(alone.expected, last, other), alone.found)


def test_a_verdict_is_about_what_surrounds_an_output(alone):
    findings = alone.found.outputs["findings"]
    number = next(number for number, records in enumerate(findings) if records)
    first = dataclasses.replace(findings[number][0], headers=(("ce_id", b"another"),))
    other = with_one(findings, number, [first, *findings[number][1:]])
    with pytest.raises(oracle.Wrong, match="ce_id is b'another'"):
        alone.judge.compare(alone.expected, dataclasses.replace(alone.found, outputs=alone.found.outputs | {"findings": other}))


def test_a_verdict_is_about_the_positions_and_the_chain(alone):
    place, (end, committed) = max(alone.found.ends.items())
    ends = {"the input ends at": (end + 1, committed + 1), "the group stands at": (end, committed - 1)}
    for mistake, other in ends.items():
        with pytest.raises(oracle.Wrong, match=mistake):
            alone.judge.compare(alone.expected, dataclasses.replace(alone.found, ends=alone.found.ends | {place: other}))
    kept = with_one(alone.found.changelog, place[1], alone.found.changelog[place[1]][1:])
    with pytest.raises(changelog.ChangelogError):
        alone.judge.compare(alone.expected, dataclasses.replace(alone.found, changelog=kept))
    sent = alone.judge.sent[place[1]]
    judge = copy.copy(alone.judge)
    judge.sent = with_one(judge.sent, place[1], [*sent, sent[-1]])
    with pytest.raises(oracle.Wrong, match=f"{len(sent)} events counted, {len(sent) + 1} sent"):
        judge.compare(alone.expected, alone.found)


def test_the_judge_sees_broken_chains(alone):
    records = alone.found.changelog[0]
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
