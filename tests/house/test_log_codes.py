"""Every code of a log line is in docs/log-codes.md, and the page names no code that is gone."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/log-codes.md"
SAID = re.compile(r'(?:LogLine\(\s*(?:[^,"]*\?[^,"]*|LogLevel::\w+)\s*,|[rR]eport(?:_|Warning)?\(|\bFail\()\s*"([a-z0-9_]+)"')


def codes_in(text: str) -> set[str]:
    return set(SAID.findall(text))


def codes_of_the_program() -> set[str]:
    return set().union(*(codes_in(file.read_text()) for file in (ROOT / "daemon").rglob("*.cc")))


def codes_of_the_page(text: str) -> set[str]:
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`([a-z0-9_*]+)`", row)}


def test_page_and_program_name_the_same_codes():
    program = {code + "*" if code.endswith("_") else code for code in codes_of_the_program()}
    page = codes_of_the_page(PAGE.read_text())
    assert len(program) > 30
    assert program - page == set(), "not in docs/log-codes.md"
    assert page - program == set(), "only in docs/log-codes.md"


def test_a_code_is_seen_however_the_call_is_broken():
    assert codes_in('LogLine(\n    LogLevel::kWarning, "one",\n    text)') == {"one"}
    assert codes_in('LogLine(bad ? LogLevel::kError : LogLevel::kInfo, "two", text)') == {"two"}
    assert codes_in('Report("three", text); report_("four", x); if (report)\n  report("five",\n y)') == {"three", "four", "five"}
    assert codes_in('LogLine(level, code, "text")') == set()
