"""A short campaign: every kind of fault that one broker can have once or more, one after the other under load, from fixed seeds.

What three can have: test_three_brokers.py. A longer one, and what else can be asked of it: tests/campaign/soak.py.
"""

import collections

import campaign
import courses
import pytest


@pytest.mark.parametrize("name", courses.ONE_BROKER)
def test_what_comes_out_is_what_one_uninterrupted_run_gives(arena, name):
    course = courses.ONE_BROKER[name]
    plan = campaign.Plan(seed=0, brokers=1, members=2, workers=2, static=course.static, compacted=course.compacted, backlog=0.2,
                         accounts=100)
    outcome = arena.run(plan, len(course.faults), only=course.faults)
    assert outcome.faults == collections.Counter(course.faults)
    assert set(course.requests) <= outcome.requests.keys()
    assert outcome.compared["findings"] > 20 and outcome.compared["states"] > 50
