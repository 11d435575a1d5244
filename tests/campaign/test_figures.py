"""What soak.py reports of its runs, and the figures that it prints for docs/guarantees.md. Without brokers."""

import collections
import json
import pathlib
import subprocess
import sys

import campaign
import changelog
import figures
import fleet
import oracle
import pytest

SOAK = pathlib.Path(__file__).with_name("soak.py")
ABOUT = {"date": "2026-01-05", "command": "tests/campaign/soak.py --seed 7", "program": "build/release/tocsin", "tree": "0123abc",
         "cores": 2, "load": [2.2, 4.9], "interrupted": False}


def outcome(seed: int, brokers: int, static: bool, **faults: int) -> campaign.Outcome:
    return campaign.Outcome(campaign.Plan.of(seed, brokers, static=static), collections.Counter(faults),
                            collections.Counter({"EndTxn mute": seed}), collections.Counter(findings=1000, states=50), seconds=90.0,
                            quiet_seconds=float(seed), kills=seed, pauses=3, long_pauses=2, retries=1)


def failure(seed: int, error: Exception) -> figures.Failure:
    return figures.Failure(campaign.Plan.of(seed, 1, static=True), error)


FIRST = figures.report([outcome(7, 1, True, kill=5, twin=1), outcome(8, 3, False, kill=4, guest=2)],
                       [failure(9, oracle.Wrong("two")), failure(11, fleet.Broken("ended"))], 3600)
SECOND = figures.report([outcome(10, 1, False, kill=1)], [], 1800)


def test_a_report_adds_up():
    assert (FIRST["runs"], FIRST["equal"], FIRST["seeds"], FIRST["hours"]) == (4, 2, [7, 8, 9, 11], 1.0)
    assert FIRST["runs_over_brokers"] == {"1": 3, "3": 1} and FIRST["runs_of_dynamic_members"] == 1
    assert FIRST["faults"] == {"kill": 9, "guest": 2, "twin": 1} and FIRST["faults_total"] == 12
    assert (FIRST["kills"], FIRST["pauses"], FIRST["pauses_beyond_the_session"]) == (15, 6, 4)
    assert FIRST["compared"] == {"findings": 2000, "states": 100} and FIRST["compared_total"] == 2100
    assert FIRST["requests_hurt"] == {"EndTxn mute": 15}
    assert (FIRST["differed"], FIRST["without_verdict"], len(FIRST["failed"])) == ([9], ["11 (Broken)"], 2)


@pytest.mark.parametrize(("error", "differed"), [
    (oracle.Wrong("lost"), True),
    (changelog.ChangelogError("a gap"), True),
    (campaign.NoEnd("one waits"), False),
    (fleet.Broken("ended"), False),
    (RuntimeError("no broker"), False),
])
def test_what_was_judged_and_what_was_not(error, differed):
    assert failure(1, error).differed == differed


def test_the_table_of_several_reports(tmp_path):
    files = []
    for number, one in enumerate((FIRST, SECOND)):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(ABOUT | one))
    printed = subprocess.run([sys.executable, "-B", SOAK, "--markdown", *files], capture_output=True, text=True, check=True)
    assert printed.stdout == """\
2026-01-05, `build/release/tocsin` (tree 0123abc), 2 cores (load 2 to 5), seeds 7 to 11: `tests/campaign/soak.py --seed 7`.

| | |
|---|---|
| runs | 5: 4 over one broker, 1 over three |
| of them of dynamic members | 2 |
| in which everything was equal | 3 |
| in which an output, a state or a position differed, or a transaction stayed open | 1: seed 9 |
| not brought to the verdict | 1: seed 11 (Broken) |
| faults in the 3 runs | 13 |
| SIGKILL to a process of ours in them | 25 |
| SIGSTOP, 6 of them for longer than the session | 9 |
| outputs, commits and states compared | 3,150 |
| time in the 3 runs | 4 minutes |
| hours in total | 1.5 |

Faults in the 3 runs: `kill` 10, `guest` 2, `twin` 1.

Requests that were hurt in them: `EndTxn mute` 25.
"""


def test_seeds_with_a_gap():
    assert figures._ranges([1, 2, 3, 7, 9, 10]) == "1 to 3, 7, 9 to 10"
    assert figures._ranges([]) == "none"
