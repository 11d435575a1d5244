#!/usr/bin/python3
"""Disturbs real processes over a real Kafka cluster for as long as asked, and compares what they did with what a plain run over
the same records gives: none lost, none twice.

    make soak MINUTES=30            # or: tests/campaign/soak.py --minutes 30 --seed 1
    tests/campaign/soak.py --seed 7 --runs 1        # one run again
    tests/campaign/soak.py --markdown a.json b.json # the figures of docs/guarantees.md, of these reports together

Every run is a number (its seed); one that fails prints its number, what was wrong, and where the logs are. Two clusters take
turns, one of one broker and one of three. The report at the end is also written as JSON with --report.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/campaign")]

import campaign  # noqa: E402
import faults  # noqa: E402
import figures  # noqa: E402
import plain_line  # noqa: E402


def command(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """What makes these runs again, but for the program."""
    said = [f"--{name} {getattr(options, name)}" for name in ("minutes", "runs", "seed", "faults", "brokers", "only", "without")
            if getattr(options, name) != parser.get_default(name)]
    return " ".join(["tests/campaign/soak.py", *said])


def circumstances(parser: argparse.ArgumentParser, options: argparse.Namespace) -> dict:
    tree = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"], capture_output=True, text=True,
                          check=False)
    binary = options.binary.resolve()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "command": command(parser, options),
        "program": str(binary.relative_to(ROOT) if binary.is_relative_to(ROOT) else binary.name),
        "tree": tree.stdout.strip() or "unknown",
        "cores": os.cpu_count(),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/release/tocsin")
    parser.add_argument("--plain-line", type=pathlib.Path,
                        help="what it is held against; default: plain_line beside the binary (tools/build campaign), else in build/dev")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--runs", type=int, default=0, help="so many, however long that takes")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next has the next number")
    parser.add_argument("--faults", type=int, default=20, help="of each run")
    parser.add_argument("--only", default="", help="these faults in turn, comma separated; members are static when one of them needs it")
    parser.add_argument("--without", default="", help="never these faults, comma separated")
    parser.add_argument("--brokers", type=int, choices=(1, 3), help="always so many")
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path, nargs="+", metavar="REPORT", help="prints figures, and runs nothing")
    options = parser.parse_args()
    if options.markdown:
        print(figures.markdown([json.loads(path.read_text()) for path in options.markdown]), end="")
        return 0
    plain = options.plain_line or plain_line.of(options.binary)
    if not plain.is_file():
        parser.error(f"no program at {plain}: tools/build campaign makes build/release/plain_line")

    def say(text: str) -> None:
        print(text, flush=True)

    def names(text: str) -> list[str]:
        return [name for name in text.split(",") if name]

    only, without = names(options.only), names(options.without)
    changes = {"static": True} if set(only) & set(faults.OF_NAMES) else {}
    about = circumstances(parser, options)
    started = time.monotonic()
    outcomes: list[campaign.Outcome] = []
    failures: list[figures.Failure] = []
    load: list[float] = []
    arenas: dict[int, campaign.Arena] = {}
    seed = options.seed
    interrupted = False
    try:
        while seed - options.seed < options.runs if options.runs else time.monotonic() - started < options.minutes * 60:
            brokers = options.brokers or (3 if seed // 5 % 2 else 1)
            plan = campaign.Plan.of(seed, brokers, **changes)
            say(str(plan))
            try:
                if brokers not in arenas:
                    for idle in arenas.values():  # Two clusters at once are a lot for a small machine.
                        idle.__exit__(None, None, None)
                    arenas = {brokers: campaign.Arena(options.binary.resolve(), brokers, say, plain.resolve())}
                outcome = arenas[brokers].run(plan, options.faults, only, without)
                outcomes.append(outcome)
                say(f"  equal after {outcome.seconds:.0f} s: {outcome.kills} kills, {outcome.pauses} pauses, "
                    f"{outcome.faults.total()} faults, {outcome.compared.total()} things compared")
            except Exception as error:  # Every kind of failure is a result.
                failures.append(figures.Failure(plan, error))
                say(f"  FAILED ({plan}): {type(error).__name__}: {error}")
                if not isinstance(error, AssertionError):
                    traceback.print_exc()
            load.append(round(os.getloadavg()[0], 1))
            seed += 1
    except KeyboardInterrupt:
        interrupted = True
        say("  interrupted")
    finally:
        for arena in arenas.values():
            arena.__exit__(None, None, None)
    made = about | {"interrupted": interrupted, "load": load} | figures.report(outcomes, failures, time.monotonic() - started)
    if options.report:
        options.report.write_text(json.dumps(made, indent=2) + "\n")
    say(json.dumps(made, indent=2))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
