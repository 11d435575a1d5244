"""Every detector in the registry has its page, a story that alerts and a story that does not."""

import json
import pathlib
import re

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
    assert f"`{detector}`" in page.splitlines()[0], "the title names the id"
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)[1:]
    assert parts[0::2] == SECTIONS
    for section, text in zip(parts[0::2], parts[1::2]):
        assert text.strip() and UNWRITTEN not in text, f"{section} is empty"


@pytest.mark.parametrize("detector", detectors())
def test_a_story_alerts(detector):
    assert any(alerts(story, detector) for story in stories(detector))


@pytest.mark.parametrize("detector", detectors())
def test_a_story_nearly_does(detector):
    assert any(not alerts(story, detector) for story in stories(detector))


def test_no_story_without_a_detector():
    told = {file.parents[1].name for file in (ROOT / "tests" / "golden").glob("*/*/events.jsonl")}
    assert told == set(detectors())


def test_every_story_has_its_findings():
    for file in (ROOT / "tests" / "golden").glob("*/*/events.jsonl"):
        assert (file.parent / "findings.jsonl").exists(), f"{file.parent}: run_golden.py --update writes them"
