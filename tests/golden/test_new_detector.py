"""tools/new-detector: its skeleton compiles, is registered, and cannot be mistaken for a finished detector."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path):
    """A copy of what the tool and the compiler need."""
    for folder in ("base", "schemas", "detectors"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copytree(ROOT / "tests" / "support", tmp_path / "tests" / "support", ignore=shutil.ignore_patterns("kafka", "__pycache__"))
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "new-detector", tmp_path / "tools" / "new-detector")
    return tmp_path


def new_detector(tree, *arguments):
    return subprocess.run([tree / "tools" / "new-detector", *arguments], capture_output=True, text=True, check=False)


def snapshot(tree):
    return {file: file.read_bytes() for file in tree.rglob("*") if file.is_file()}


def compiles(tree, *sources):
    compiler = os.environ.get("CXX", "c++")
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", "-fsyntax-only", "-I", tree]
    run = subprocess.run([compiler, *flags, *(tree / s for s in sources)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_skeleton_compiles_and_is_registered(tree):
    made = new_detector(tree, "slow_walk", "--family", "takeover", "--severity", "high", "--weight", "1.5",
                        "--events", "login,transaction", "--technique", "T1110.001", "--technique", "F1006")
    assert made.returncode == 0, made.stderr
    registry = (tree / "detectors" / "registry.h").read_text()
    assert '#include "detectors/slow_walk.h"' in registry
    assert re.search(r"UserReported,\s*SlowWalk>;", registry)
    compiles(tree, "detectors/slow_walk.cc", "detectors/detector_set.cc", "tests/unit/detectors/slow_walk_test.cc")


def test_skeleton_is_not_a_finished_detector(tree):
    assert new_detector(tree, "slow_walk").returncode == 0
    page = (tree / "detectors" / "slow_walk.md").read_text()
    assert page.count("Not written yet.") == 8
    expected = (tree / "tests" / "golden" / "slow_walk" / "alerts" / "findings.jsonl").read_text()
    assert "Not written yet." in expected, "no run of the program gives this"


@pytest.mark.parametrize("arguments", [
    ["SlowWalk"], ["slow-walk"], ["_slow"], [""], ["../slow"],
    ["new_device"],  # There already.
    ["slow_walk", "--technique", "X99"],
    ["slow_walk", "--events", "login,logout"],
    ["slow_walk", "--family", "kitchen"],
    ["slow_walk", "--weight", "-1"],
])
def test_nothing_is_changed_when_it_refuses(tree, arguments):
    before = snapshot(tree)
    assert new_detector(tree, *arguments).returncode != 0
    assert snapshot(tree) == before
