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


def test_each_rule_of_the_design_has_a_test():
    """The third column of the table of rules; all nine of them are there."""
    table = PAGE.read_text().partition("| rule of the design |")[2].partition("\n\n")[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ") and "|---" not in line]
    assert {row[1].split()[0] for row in rows if row[1].split()[0].isdigit()} == set("123456789")
    assert [row[1] for row in rows if not named_in(row[3])] == []


def test_a_name_that_is_not_there_is_seen():
    found = {"test_a", "test_f.py", "OneTest.Case", "OneTest.*", "OneTest.AllStop", "/Barrier"}
    good = "`test_a` in `test_f.py`, `OneTest.Case`, `.AllStop`, `OneTest.*Stop`, `OneTest.*`, `…/Barrier`, `make test`, `Worker::On`"
    assert missing(named_in(good), found) == set()
    bad = "`test_b`, `OneTest.Other`, `.Gone`, `OneTest.*Start`, `TwoTest.*`, `LiftedTest…/Fence`"
    assert missing(named_in(bad), found) == {"test_b", "OneTest.Other", "OneTest.Gone", "OneTest.*Start", "TwoTest.*", "/Fence"}
