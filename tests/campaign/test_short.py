"""The campaign that runs with every test: processes, the line and directories are hurt as in the long ones, and judged as there."""

import collections

import campaign
import courses


def test_what_is_hurt_gives_what_an_undisturbed_run_gives(arena):
    course = courses.SHORT
    plan = campaign.Plan(seed=0, brokers=1, members=2, workers=1, static=course.static, compacted=course.compacted, backlog=0.2,
                         accounts=60)
    outcome = arena.run(plan, len(course.faults), only=course.faults)
    # Nothing of it came to something smaller, as an old state of which there is no copy does.
    assert outcome.faults == collections.Counter(course.faults)
    assert set(course.requests) <= outcome.requests.keys()
    assert outcome.kills >= 4 and outcome.long_pauses == 1
    assert outcome.compared["findings"] > 10 and outcome.compared["states"] > 50
