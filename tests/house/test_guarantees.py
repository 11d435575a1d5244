"""Each test that docs/guarantees.md names as the proof of a promise is there."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/guarantees.md"


def named_in(text: str) -> set[str]:
    """Names of tests in backticks: `test_x`, `SuiteTest.Case`, `SuiteTest.*`, `.Case` of the suite named last, `…/Parameter`."""
    named, suite = set(), ""
    for token in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"test_\w+(\.py)?", token):
            named.add(token)
        elif of_suite := re.fullmatch(r"(\w*)\.(\*?[A-Z]\w*|\*)", token):
            suite = of_suite[1] or suite
            named.add(f"{suite}.{of_suite[2]}")
        elif parameter := re.fullmatch(r"\w*…/(\w+)", token):
            named.add(f"/{parameter[1]}")
    return named


def there(root: pathlib.Path) -> set[str]:
    found = set()
    for file in (root / "tests").rglob("*.py"):
        found |= {file.name, *re.findall(r"^def (test_\w+)\(", file.read_text(), re.M)}
    for file in (root / "tests").rglob("*.cc"):
        text = file.read_text()
        for suite, case in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", text):
            found |= {f"{suite}.{case}", f"{suite}.*"}
        found |= {f"/{name}" for name in re.findall(r'Lifted\{\s*"(\w+)"', text)}
    return found


def missing(named: set[str], found: set[str]) -> set[str]:
    def is_there(name: str) -> bool:
        suite, star, end = name.partition(".*")
        return name in found or (star != "" and any(one.startswith(suite + ".") and one.endswith(end) for one in found))
    return {name for name in named if not is_there(name)}


def test_the_page_names_tests_that_are_there():
    named = named_in(PAGE.read_text())
    assert len(named) > 40
    assert missing(named, there(ROOT)) == set()


def rules() -> list[list[str]]:
    """The table of rules: rule, where, condition or kind of test, tests."""
    table = PAGE.read_text().partition("| rule of the design |")[2].partition("\n\n")[0]
    return [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ") and "|---" not in line]


def test_each_rule_of_the_design_has_a_test():
    """All nine of them are there, each with tests and a word of what they are."""
    assert {rule.split()[0] for rule, *_ in rules() if rule.split()[0].isdigit()} == set("123456789")
    assert [rule for rule, _, _, tests in rules() if not named_in(tests)] == []
    assert [rule for rule, _, kind, _ in rules() if not re.fullmatch(r" (`k[A-Z]\w+`|(unit|integration)(, integration)?) ", kind)] == []


def defences(header: str) -> list[str]:
    return re.findall(r"^  (k[A-Z]\w+),", header, re.M)


def test_each_condition_is_of_the_program_and_is_lifted():
    """What the simulator lifts is asked by code that is shipped, never by a stand-in of the simulator, and is on the page."""
    names = defences((ROOT / "daemon/log/defence.h").read_text())
    assert len(names) > 10
    assert sorted(names) == sorted(kind.strip(" `") for _, _, kind, _ in rules() if "`" in kind)
    shipped = "".join(file.read_text() for file in (ROOT / "daemon").rglob("*") if file.suffix in {".cc", ".h"})
    assert [name for name in names if f"Holds(Defence::{name})" not in shipped] == []
    standing_in, lifting = "", ""
    for file in (ROOT / "tests").rglob("*.cc"):
        if file.name.endswith("_test.cc"):
            lifting += file.read_text()
        else:
            standing_in += file.read_text()
    assert [name for name in names if f"Defence::{name}" not in lifting] == []
    assert re.findall(r"Defence::k\w+", standing_in) == []


def test_a_name_that_is_not_there_is_seen():
    found = {"test_a", "test_f.py", "OneTest.Case", "OneTest.*", "OneTest.AllStop", "/Barrier"}
    good = "`test_a` in `test_f.py`, `OneTest.Case`, `.AllStop`, `OneTest.*Stop`, `OneTest.*`, `…/Barrier`, `make test`, `Worker::On`"
    assert missing(named_in(good), found) == set()
    bad = "`test_b`, `OneTest.Other`, `.Gone`, `OneTest.*Start`, `TwoTest.*`, `LiftedTest…/Fence`"
    assert missing(named_in(bad), found) == {"test_b", "OneTest.Other", "OneTest.Gone", "OneTest.*Start", "TwoTest.*", "/Fence"}
