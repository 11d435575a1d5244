#!/usr/bin/env python3
"""tests/bench/steady_replay.py --binary TOCSIN [--accounts N] [--days N]: does a replay slow down, or grow, the longer it is?

Feeds ten million generated events (50,000 accounts, 60 days) through standard input and notes at each million how much processor time
an event of that million took and how much memory the process has: the pipe holds 64 KiB, so what was written has nearly been read. Twice;
the outputs must be equal. The days begin on 5 January 2026; those that have not come yet are judged as of now, which is another
measurement. Needs about 12 GB of disk, and the test databases of the build.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from end_to_end import digest, generate, parse, replay_command

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
STEP = 1_000_000


def seconds_and_megabytes(pid: int) -> tuple[float, float]:
    """Processor time so far, of user and system; resident memory."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS, int(fields[21]) * PAGE / 1e6


def replay(binary: pathlib.Path, events: pathlib.Path, databases: pathlib.Path, out: pathlib.Path) -> list[tuple[float, float]]:
    """Microseconds an event and megabytes, of each million."""
    out.mkdir()
    command = replay_command(binary, "-", databases, out)
    table, before = [], 0.0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child, events.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            child.stdin.write(line)
            if number % STEP == 0:
                child.stdin.flush()
                used, memory = seconds_and_megabytes(child.pid)
                table.append(((used - before) * 1e6 / STEP, memory))
                before = used
        child.stdin.close()
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, command)
    return table


def main() -> int:
    arguments = parse(__doc__, accounts=50_000, days=60)
    binary, databases = arguments.binary, arguments.databases
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder = pathlib.Path(name)
        events = folder / "events.jsonl"
        generate(binary, arguments, 11, events)
        first, second = (replay(binary, events, databases, folder / f"out{run}") for run in range(2))
        print("million   µs an event      MB resident")
        for number, ((micros, memory), (again, memory_again)) in enumerate(zip(first, second), 1):
            print(f"{number:>7}   {micros:>5.2f}  {again:>5.2f}   {memory:>6,.0f}  {memory_again:>6,.0f}")
        if digest(folder / "out0") != digest(folder / "out1"):
            print("replay: the outputs of two runs differ", file=sys.stderr)
            return 1
        print("both runs said the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
