#!/usr/bin/env python3
"""tests/bench/end_to_end.py --binary TOCSIN: events a second through the whole program, on this machine.

Replay: a generated population through all detectors, on one core, three times; user time decides, so that a noisy machine
disturbs little. The bytes of the outputs must be equal each time. Needs the test databases of the build (see --databases).
"""
import argparse
import hashlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import population  # noqa: E402

RUNS = 3


def run(command: list[str]) -> tuple[float, float]:
    """User and system seconds together of one child, and its peak memory in MB."""
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)  # Of this child alone.
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, command)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def digest(folder: pathlib.Path) -> str:
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        total.update(path.name.encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()


def replay_command(binary: pathlib.Path, events: str, databases: pathlib.Path, out: pathlib.Path) -> list[str]:
    """Writes all five outputs into the folder `out`. `events`: a file, or - for standard input."""
    return (
        [str(binary), "replay", "--events", events]
        + population.geoip_options(databases)
        + [f"--{kind}={out / kind}" for kind in ("findings", "notices", "tickets", "actions", "dead-letters")]
    )


def replay(binary: pathlib.Path, events: pathlib.Path, databases: pathlib.Path, out: pathlib.Path) -> tuple[float, float]:
    return run(replay_command(binary, str(events), databases, out))


def generate(binary: pathlib.Path, arguments: argparse.Namespace, seed: int, events: pathlib.Path) -> float:
    """Writes the population that was asked for; the seconds it took."""
    return run(population.traffic(binary, arguments.accounts, arguments.days, seed, "--out", str(events)))[0]


def parse(doc: str, accounts: int, days: int) -> argparse.Namespace:
    """What is said of one program, a population, and the databases."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--accounts", type=int, default=accounts)
    parser.add_argument("--days", type=int, default=days)
    parser.add_argument("--databases", type=pathlib.Path, help="folder of the test databases (default: beside the binary)")
    arguments = parser.parse_args()
    arguments.databases = arguments.databases or arguments.binary.parent / "test-data"
    return arguments


def main() -> int:
    arguments = parse(__doc__, accounts=20000, days=28)
    binary, databases = arguments.binary, arguments.databases

    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = pathlib.Path(name)
        events = folder / "events.jsonl"
        generated = generate(binary, arguments, 1, events)
        with events.open("rb") as lines:
            count = sum(1 for _ in lines)
        print(f"generate     {count:>12,} events  {count / generated:>12,.0f} events/s of one core")

        digests, cores, memory = set(), [], 0.0
        for attempt in range(RUNS):
            out = folder / f"out{attempt}"
            out.mkdir()
            cpu, memory = replay(binary, events, databases, out)
            cores.append(count / cpu)
            digests.add(digest(out))
        print(
            f"replay       {count:>12,} events  {statistics.median(cores):>12,.0f} events/s of one core"
            f"  ({1e6 / statistics.median(cores):.2f} µs an event; {min(cores):,.0f} to {max(cores):,.0f}), peak {memory:,.0f} MB"
        )
        if len(digests) != 1:
            print("replay: the outputs of two runs differ", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
