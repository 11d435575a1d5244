"""Three brokers, of which one after the other dies: leaders and coordinators move, and the work goes on."""

import campaign
import courses
import pytest


@pytest.fixture(scope="module")
def three(tocsin_binary, plain_program):
    with campaign.Arena(tocsin_binary, brokers=3, plain=plain_program) as made:
        yield made


def test_leaders_and_coordinators_move(three):
    course = courses.THREE_BROKERS
    plan = campaign.Plan(seed=0, brokers=3, members=1, workers=1, static=course.static, compacted=course.compacted, backlog=0.2,
                         accounts=100)
    outcome = three.run(plan, len(course.faults), only=course.faults)
    # Whoever recovers asks the new leaders, not those it once knew.
    assert outcome.quiet_seconds < 60
    assert outcome.compared["findings"] > 20
