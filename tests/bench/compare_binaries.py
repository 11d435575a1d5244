#!/usr/bin/env python3
"""tests/bench/compare_binaries.py --before TOCSIN --after TOCSIN: is the second as right, and how much faster?

Replays one generated population through both programs, in turn, so that whatever else the machine does disturbs both.
The five outputs must be equal byte for byte; speed is by processor time. Needs the test databases of the build.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

from end_to_end import digest, generate, replay


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True, type=pathlib.Path)
    parser.add_argument("--after", required=True, type=pathlib.Path)
    parser.add_argument("--accounts", type=int, default=20000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--databases", type=pathlib.Path, help="folder of the test databases (default: beside the second)")
    arguments = parser.parse_args()
    binaries = {"before": arguments.before.resolve(), "after": arguments.after.resolve()}
    databases = arguments.databases or binaries["after"].parent / "test-data"

    with tempfile.TemporaryDirectory(prefix="tocsin-compare-") as name:
        folder = pathlib.Path(name)
        events = folder / "events.jsonl"
        generate(binaries["after"], arguments, 1, events)
        with events.open("rb") as lines:
            count = sum(1 for _ in lines)

        seconds: dict[str, list[float]] = {"before": [], "after": []}
        digests = set()
        for _ in range(arguments.runs):
            for which, binary in binaries.items():
                out = folder / which
                out.mkdir(exist_ok=True)
                cpu, memory = replay(binary, events, databases, out)
                seconds[which].append(cpu)
                digests.add(digest(out))
                print(f"{which:8} {count:>12,} events  {1e6 * cpu / count:>8.2f} µs an event  peak {memory:,.0f} MB")
        ratios = [before / after for before, after in zip(seconds["before"], seconds["after"])]
        print(f"the second is {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})")
        if len(digests) != 1:
            print("the outputs differ", file=sys.stderr)
            return 1
        print("the outputs are equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
