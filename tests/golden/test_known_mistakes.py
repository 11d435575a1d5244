"""Every test that docs/known-mistakes.md names is there."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "known-mistakes.md"
NAMED = re.compile(r"`(?:\w+/)?([A-Z]\w+)\.([A-Z]\w+)(?:/(\w+))?`")
# Of what is no program's: tools and the tests of them.
NAMED_OF_TOOLS = re.compile(r"`(test_\w+|tools/[\w-]+)`")


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


def test_the_tools_and_their_tests_are_there():
    python = "\n".join(file.read_text() for file in sorted((ROOT / "tests").rglob("test_*.py")))
    named = NAMED_OF_TOOLS.findall(PAGE.read_text())
    assert "tools/check-includes" in named
    for name in named:
        there = (ROOT / name).is_file() if "/" in name else re.search(rf"^def {name}\(", python, re.MULTILINE)
        assert there, name


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| no.")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_mistake_has_one():
    assert len(rows()) >= 33
    for row in rows():
        assert len(row) == 4 and (NAMED.search(row[3]) or "docs/detectors.md" in row[3]), row


def test_every_finding_of_the_survey_is_there():
    numbers = [number for row in rows() for number in row[0].split(", ") if number != "—"]
    assert {int(number) for number in numbers} == set(range(1, 15))
