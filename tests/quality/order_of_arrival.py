#!/usr/bin/env python3
"""tests/quality/order_of_arrival.py --binary TOCSIN [--seeds 24,25,31-40] [--shuffles N]: what does the order of arrival change?

Replays generated populations in the order in which things happened, then as they may arrive: each event up to five minutes late. Counts
the findings of the right order that are missed or have other causes, those that stand and should not, and those that only the wrong
order made and that were taken back. Ends with 1 when any is missed or stands, or when one in 200 is taken back.
"""
import argparse
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import population  # noqa: E402

LATE_SECONDS_MAX = 300
TAKEN_BACK_MAX = 0.005
RULES = pathlib.Path(__file__).resolve().with_name("rules.yaml")


def findings(binary: pathlib.Path, databases: pathlib.Path, events: pathlib.Path) -> tuple[dict[str, str], set[str]]:
    """Those that stand when all is read, and the ids of those that were taken back."""
    out = events.with_suffix(".findings")
    command = [str(binary), "replay", "--config", str(RULES), "--events", str(events), f"--findings={out}"]
    subprocess.run(command + population.geoip_options(databases), stderr=subprocess.DEVNULL, check=True)
    stand, taken_back = {}, set()
    with out.open("rb") as lines:
        for finding in map(json.loads, lines):
            if finding["status"] == "superseded":
                stand.pop(finding["finding_id"], None)
                taken_back.add(finding["finding_id"])
            else:
                stand[finding["finding_id"]] = f"{finding['detector']} of {finding['account_id']}, caused by {', '.join(finding['cause'])}"
    return stand, taken_back


def numbers(text: str) -> list[int]:
    ranges = [part.split("-") for part in text.split(",")]
    return [seed for one in ranges for seed in range(int(one[0]), int(one[-1]) + 1)]


def tell(what: str, wanted: dict[str, str], found: dict[str, str]) -> int:
    """Says which of `wanted` are not so in `found`, and how many that are."""
    others = [finding for key, finding in wanted.items() if found.get(key) != finding]
    for finding in others:
        print(what, finding, flush=True)
    return len(others)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--databases", type=pathlib.Path, help="folder of the test databases (default: beside the binary)")
    parser.add_argument("--accounts", type=int, default=1500)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--seeds", type=numbers, default=numbers("24,25,31-40"))
    parser.add_argument("--shuffles", type=int, default=4)
    arguments = parser.parse_args()
    databases = arguments.databases or arguments.binary.parent / "test-data"

    made = missed = left = taken_back = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-order-") as name:
        folder = pathlib.Path(name)
        for seed in arguments.seeds:
            events = folder / "events.jsonl"
            happened = [line + b"\n" for line in population.events(arguments.binary, arguments.accounts, arguments.days, seed)]
            at = [datetime.datetime.fromisoformat(json.loads(line)["occurred_at"]).timestamp() for line in happened]
            ordered = sorted(range(len(happened)), key=at.__getitem__)
            events.write_bytes(b"".join(happened[place] for place in ordered))
            right, _ = findings(arguments.binary, databases, events)
            for shuffle in range(arguments.shuffles):
                rng = random.Random(f"{seed} {shuffle}")
                arrives = [when + rng.uniform(0, LATE_SECONDS_MAX) for when in at]
                events.write_bytes(b"".join(happened[place] for place in sorted(ordered, key=arrives.__getitem__)))
                stand, back = findings(arguments.binary, databases, events)
                made += len(right)
                taken_back += len(back - right.keys())
                missed += tell(f"seed {seed}, shuffle {shuffle}: missed:", right, stand)
                left += tell(f"seed {seed}, shuffle {shuffle}: besides:", {key: stand[key] for key in stand.keys() - right.keys()}, {})
    print(f"of {made:,} findings of the right order: {missed} missed, {left} besides, {taken_back} ({taken_back / made:.2%}) made and taken back")
    return 0 if missed == left == 0 and taken_back < TAKEN_BACK_MAX * made else 1


if __name__ == "__main__":
    sys.exit(main())
