"""A short campaign: every kind of fault once or more, one after the other under load, from fixed seeds.

A longer one, and what else can be asked of it: tests/campaign/soak.py.
"""

import campaign
import pytest

COURSES = {
    "processes": ["kill", "pause_long", "guest_killed", "kill_all", "twin", "rolling_restart", "kill", "reload"],
    "directories": ["state_deleted", "state_old", "disk_full", "kill", "state_flipped", "disk_full_and_killed", "state_old"],
    "line": ["end_txn_late", "offsets_lost", "produce_late", "line_cut", "end_txn_mute", "line_frozen", "init_producer_mute",
             "offsets_late", "kill", "produce_mute", "join_held", "end_txn_late"],
    "brokers": ["broker_killed", "kill", "broker_hangs", "broker_stopped"],
}


@pytest.mark.parametrize("course", COURSES)
def test_what_comes_out_is_what_one_uninterrupted_run_gives(arena, course):
    faults = COURSES[course]
    plan = campaign.Plan(seed=0, brokers=1, members=2, workers=2, static=course != "processes", compacted=course == "brokers",
                         backlog=0.2, accounts=100)
    outcome = arena.run(plan, len(faults), only=faults)
    assert outcome.compared["findings"] > 20 and outcome.compared["states"] > 50
