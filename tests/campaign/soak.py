#!/usr/bin/python3
"""Disturbs real processes over a real Kafka cluster for as long as asked, and compares what they did with what one
uninterrupted run does: none lost, none twice.

    make soak MINUTES=30            # or: tests/campaign/soak.py --minutes 30 --seed 1
    tests/campaign/soak.py --seed 7 --runs 1        # one run again

Every run is a number (its seed); one that fails prints its number, what was wrong, and where the logs are. Two clusters take
turns, one of one broker and one of three. The report at the end is also written as JSON with --report.
"""

import argparse
import collections
import json
import pathlib
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/campaign")]

import campaign  # noqa: E402


def report(outcomes: list[campaign.Outcome], failed: list[tuple[str, str]], seconds: float) -> dict:
    faults, requests, compared = collections.Counter(), collections.Counter(), collections.Counter()
    for outcome in outcomes:
        faults += outcome.faults
        requests += outcome.requests
        compared += outcome.compared
    return {
        "runs": len(outcomes) + len(failed),
        "failed": [plan for plan, _ in failed],
        "hours": round(seconds / 3600, 2),
        "kills": sum(outcome.kills for outcome in outcomes),
        "pauses": sum(outcome.pauses for outcome in outcomes),
        "faults": dict(faults.most_common()),
        "requests_hurt": dict(requests.most_common()),
        "compared": dict(compared),
        "longest_quiet_seconds": round(max((outcome.quiet_seconds for outcome in outcomes), default=0), 1),
        "starts_tried_again": sum(outcome.retries for outcome in outcomes),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/tocsin")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=0, help="so many, however long that takes")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next has the next number")
    parser.add_argument("--faults", type=int, default=20, help="of each run")
    parser.add_argument("--only", default="", help="these faults in turn, comma separated")
    parser.add_argument("--without", default="", help="never these faults, comma separated")
    parser.add_argument("--brokers", type=int, choices=(1, 3), help="always so many")
    parser.add_argument("--report", type=pathlib.Path)
    options = parser.parse_args()

    def say(text: str) -> None:
        print(text, flush=True)

    def names(text: str) -> list[str]:
        return [name for name in text.split(",") if name]

    started = time.monotonic()
    outcomes: list[campaign.Outcome] = []
    failed: list[tuple[str, str]] = []
    arenas: dict[int, campaign.Arena] = {}
    seed = options.seed
    try:
        while seed - options.seed < options.runs if options.runs else time.monotonic() - started < options.minutes * 60:
            brokers = options.brokers or (3 if seed // 5 % 2 else 1)
            plan = campaign.Plan.of(seed, brokers)
            say(str(plan))
            try:
                if brokers not in arenas:
                    for idle in arenas.values():  # Two clusters at once are a lot for a small machine.
                        idle.__exit__(None, None, None)
                    arenas = {brokers: campaign.Arena(options.binary.resolve(), brokers, say)}
                outcome = arenas[brokers].run(plan, options.faults, names(options.only), names(options.without))
                outcomes.append(outcome)
                say(f"  equal after {outcome.seconds:.0f} s: {outcome.kills} kills, {outcome.pauses} pauses, "
                    f"{outcome.faults.total()} faults, {outcome.compared.total()} things compared")
            except Exception as error:  # Every kind of failure is a result.
                failed.append((str(plan), str(error)))
                say(f"  FAILED ({plan}): {type(error).__name__}: {error}")
                if not isinstance(error, AssertionError):
                    traceback.print_exc()
            seed += 1
    except KeyboardInterrupt:
        say("  interrupted")
    finally:
        for arena in arenas.values():
            arena.__exit__(None, None, None)
    made = report(outcomes, failed, time.monotonic() - started)
    say(json.dumps(made, indent=2))
    if options.report:
        options.report.write_text(json.dumps(made, indent=2) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
