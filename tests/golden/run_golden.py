#!/usr/bin/python3
"""tests/golden/run_golden.py --tocsin FILE --data DIR [--update] STORY...

Replays each story (a folder with events.jsonl, findings.jsonl and perhaps config.yaml) through the real program and compares the
findings. What differs from run to run by nature is left out: `detected_at` and `versions`. Exits 1 when a story differs.

--update writes what came out as the new expectation. Read it before you commit it: a golden file is a claim that it is right.
"""

import argparse
import difflib
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import population  # noqa: E402

VOLATILE = ("detected_at", "versions")
TIMEOUT_SECONDS = 60


def load(text: str) -> list[dict]:
    """Findings in the order of the file, without what differs by nature."""
    findings = [json.loads(line) for line in text.splitlines() if line.strip()]
    for finding in findings:
        for member in VOLATILE:
            finding.pop(member, None)
    return findings


def replay(tocsin: pathlib.Path, data: pathlib.Path, story: pathlib.Path) -> list[dict]:
    """The findings of the story. Raises RuntimeError when the program fails or refuses an event."""
    with tempfile.TemporaryDirectory(prefix="tocsin-golden-") as folder:
        found = pathlib.Path(folder) / "findings.jsonl"
        refused = pathlib.Path(folder) / "dead-letters.jsonl"
        command = [tocsin, "replay", "--events", story / "events.jsonl", "--findings", found, "--dead-letters", refused,
                   *population.geoip_options(data)]
        if (story / "config.yaml").exists():
            command += ["--config", story / "config.yaml"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        if run.returncode != 0:
            raise RuntimeError(f"replay exited with {run.returncode}:\n{run.stderr}")
        if refused.exists() and refused.read_text().strip():
            raise RuntimeError(f"an event of the story was refused:\n{refused.read_text()}")
        return load(found.read_text() if found.exists() else "")


def write(findings: list[dict]) -> str:
    return "".join(json.dumps(finding, ensure_ascii=False, separators=(",", ":")) + "\n" for finding in findings)


def pretty(findings: list[dict]) -> list[str]:
    """Indented, so that a difference is one line and has its surroundings."""
    return [line for finding in findings for line in json.dumps(finding, ensure_ascii=False, indent=2).splitlines()]


def check(tocsin: pathlib.Path, data: pathlib.Path, story: pathlib.Path, update: bool) -> bool:
    expected_file = story / "findings.jsonl"
    found = replay(tocsin, data, story)
    if update:
        expected_file.write_text(write(found))
        return True
    if not expected_file.exists():
        print(f"{story}: no findings.jsonl; run_golden.py --update writes it")
        return False
    expected = load(expected_file.read_text())
    if found == expected:
        return True
    print(f"{story}: the findings are not what they were")
    print("\n".join(difflib.unified_diff(pretty(expected), pretty(found), "expected", "found", lineterm="", n=6)))
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tocsin", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of the test databases")
    parser.add_argument("--update", action="store_true", help="write what came out as the new expectation")
    parser.add_argument("stories", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    good = True
    for story in arguments.stories:
        try:
            good = check(arguments.tocsin, arguments.data, story, arguments.update) and good
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"{story}: {error}")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
