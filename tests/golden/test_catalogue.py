"""Every detector in the registry has its page, a story that alerts, one that does not, its settings on the page, and a sentence in every
language for each reason it gives; docs/detectors.md is what the program says."""

import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECTIONS = ["Goal", "Method", "Techniques", "Blind spots", "False positives", "Thresholds", "Validation", "Response"]
# What tools/new-detector writes where a person has to.
UNWRITTEN = "Not written yet."


def detectors() -> list[str]:
    """Ids in the order of the registry, read from the sources."""
    registry = (ROOT / "detectors" / "registry.h").read_text()
    names = re.search(r"using Registry\s*=\s*DetectorList<([^>]*)>;", registry).group(1)
    ids = []
    for name in (part.strip() for part in names.split(",")):
        stem = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        header = (ROOT / "detectors" / f"{stem}.h").read_text()
        ids.append(re.search(r'\.id\s*=\s*"([a-z_]+)"', header).group(1))
        assert ids[-1] == stem, f"{name}: its id is not the stem of its files"
    return ids


def stories(detector: str) -> list[pathlib.Path]:
    return sorted(file.parent for file in (ROOT / "tests" / "golden" / detector).glob("*/events.jsonl"))


def findings(story: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in (story / "findings.jsonl").read_text().splitlines() if line.strip()]


def alerts(story: pathlib.Path, detector: str) -> bool:
    return any(finding["detector"] == detector for finding in findings(story))


@pytest.mark.parametrize("detector", detectors())
def test_page_has_every_section(detector):
    page = (ROOT / "detectors" / f"{detector}.md").read_text()
    assert re.fullmatch(rf"# \S.* \(`{detector}`\)", page.splitlines()[0]), "the title names the id"
    assert not re.findall(r"^#+[^#\s].*$", page, flags=re.MULTILINE), "a heading without a blank"
    rows = re.findall(r"^\| `[^|]*\|", page, flags=re.MULTILINE)
    assert len(rows) == len(set(rows)), "a row twice"
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)[1:]
    assert parts[0::2] == SECTIONS
    for section, text in zip(parts[0::2], parts[1::2]):
        assert text.strip() and UNWRITTEN not in text, f"{section} is empty"


def test_every_claim_says_its_weight():
    """One that does not would count for nothing, and nobody would see it."""
    made = [file for file in sorted((ROOT / "detectors").glob("*.cc")) if re.search(r"^\s+Claim claim;", file.read_text(), re.MULTILINE)]
    assert len(made) >= 25
    assert [file.stem for file in made if not re.search(r"\bclaim\.weight =", file.read_text())] == []


@pytest.mark.parametrize("detector", detectors())
def test_a_story_alerts(detector):
    assert any(alerts(story, detector) for story in stories(detector))


@pytest.mark.parametrize("detector", detectors())
def test_a_story_nearly_does(detector):
    assert any(not alerts(story, detector) for story in stories(detector))


LANGUAGES = sorted((ROOT / "alerts" / "messages").glob("*.json"))


def reasons(detector: str) -> set[str]:
    """Codes of reasons in the detector's source: literals that the page lists, or that are named after a reason by the code."""
    source = (ROOT / "detectors" / f"{detector}.cc").read_text()
    codes = set(re.findall(r'"(\w+)"', "".join(re.findall(r"\.code = ([^;]*?)(?:,\s*\.observed|;)", source, flags=re.DOTALL))))
    for function in re.findall(r"std::string_view \w*(?:Code|Reason)\w*\([^{]*\{(.*?)\n\}", source, flags=re.DOTALL):
        codes |= set(re.findall(r'return "(\w+)"', function))
    for given in re.findall(r"\.reasons = \{\s*\{([^,]*),", source) + re.findall(r"\bkCodes\b[^;]*;", source):
        codes |= set(re.findall(r'"(\w+)"', given))
    codes |= set(re.findall(r'reasons\.push_back\((?:\w+\()?\{?"(\w+)"', source))
    return codes | set(re.findall(r'"(takeover_stage_\w+)"', source))


@pytest.mark.parametrize("detector", detectors())
def test_every_reason_has_a_sentence_in_every_language(detector):
    assert reasons(detector), "no reason found: is it given in another form than `.code =`?"
    assert len(LANGUAGES) >= 2
    for file in LANGUAGES:
        messages = json.loads(file.read_text())
        missing = {code for code in reasons(detector) if not messages.get(f"reason.{code}")}
        assert not missing, f"{file.name}: no sentence for {sorted(missing)}"


@pytest.mark.parametrize("detector", detectors())
def test_reasons_of_the_stories_have_sentences(detector):
    codes = {reason["code"] for story in stories(detector) for finding in findings(story) for reason in finding["reasons"]}
    for file in LANGUAGES:
        messages = json.loads(file.read_text())
        assert not {code for code in codes if f"reason.{code}" not in messages}


def settings(detector: str) -> list[str]:
    """Keys of Config::kSettings, in their order: said in the row, or given to a macro that makes it (`.key = #name`)."""
    source = (ROOT / "detectors" / f"{detector}.cc").read_text()
    makers = re.findall(r"^#define (\w+)\(name\b[^\n]*(?:\\\n[^\n]*)*?\.key = #name\b", source, flags=re.MULTILINE)
    made = "".join(rf"|^\s*{maker}\((\w+)," for maker in makers)
    found = re.finditer(rf'\{{\.key = "(\w+)"{made}', source, flags=re.MULTILINE)
    return [next(key for key in row.groups() if key) for row in found]


@pytest.mark.parametrize("detector", detectors())
def test_every_setting_is_seen(detector):
    """As many as the header declares: a row in another form would be on no page, and nobody would see it."""
    header = (ROOT / "detectors" / f"{detector}.h").read_text()
    declared = re.findall(r"static const std::array<Setting<Config>, (\d+)> kSettings;", header)
    assert declared == [str(len(settings(detector)))]
    assert len(set(settings(detector))) == len(settings(detector))


@pytest.mark.parametrize("detector", detectors())
def test_every_setting_is_on_the_page(detector):
    page = (ROOT / "detectors" / f"{detector}.md").read_text()
    thresholds = re.search(r"^## Thresholds$(.*?)^## ", page, flags=re.MULTILINE | re.DOTALL).group(1)
    rows = re.findall(r"^\| `(\w+)` \|", thresholds, flags=re.MULTILINE)
    keys = settings(detector)
    assert [key for key in keys if key not in rows] == [], "no row under Thresholds"
    # Without settings of its own the page may say there what else it is set by (limit_breach).
    assert not keys or [key for key in rows if key not in keys] == [], "no setting, or none any more"


def test_the_reference_is_what_the_program_says():
    program = os.environ.get("TOCSIN")
    if program is None:
        candidates = sorted(ROOT.glob("build/*/tocsin"), key=lambda file: file.stat().st_mtime)
        assert candidates, "no program is built"
        program = candidates[-1]
    said = subprocess.run([program, "detectors", "list", "--format", "markdown"], capture_output=True, text=True, check=True).stdout
    written = (ROOT / "docs" / "detectors.md").read_text()
    assert written == said, "docs/detectors.md is stale: build/dev/tocsin detectors list --format markdown > docs/detectors.md"


def test_no_story_without_a_detector():
    told = {file.parents[1].name for file in (ROOT / "tests" / "golden").glob("*/*/events.jsonl")}
    assert told == set(detectors())


def test_every_story_has_its_findings():
    for file in (ROOT / "tests" / "golden").glob("*/*/events.jsonl"):
        assert (file.parent / "findings.jsonl").exists(), f"{file.parent}: run_golden.py --update writes them"
