"""Every test that docs/known-mistakes.md names is there."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "known-mistakes.md"
NAMED = re.compile(r"`(?:\w+/)?([A-Z]\w+)\.([A-Z]\w+)(?:/(\w+))?`")


def sources() -> str:
    return "\n".join(file.read_text() for file in sorted((ROOT / "tests").rglob("*_test.cc")))


def test_the_tests_are_there():
    text = sources()
    missing = []
    for suite, test, case in NAMED.findall(PAGE.read_text()):
        body = re.search(rf"^TEST(?:_P|_F)?\(\s*{suite},\s*{test}\)", text, re.MULTILINE)
        if body is None or (case and not re.search(rf'\{{\s*"{case}"', text)):
            missing.append(f"{suite}.{test}" + (f"/{case}" if case else ""))
    assert missing == []


def test_every_mistake_has_one():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| what")]
    assert len(rows) >= 25
    for row in rows:
        cells = row.strip("|").split("|")
        assert len(cells) == 3 and (NAMED.search(cells[2]) or "docs/detectors.md" in cells[2]), row
