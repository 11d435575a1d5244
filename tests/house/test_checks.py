"""The checks of the house can fail: each rule is broken once, and the breach must be named."""

import importlib.machinery
import importlib.util
import os
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load(name: str):
    """A script of tools/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


check_includes = load("check-includes").check
check_tree = load("check-tree").check


@pytest.fixture
def write(tmp_path):
    """write(name, text, mode=0o644) puts a file into the tree that is checked."""

    def put(name: str, text: str, mode: int = 0o644) -> None:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.chmod(file, mode)

    return put


# A small tree that keeps every rule; each case below adds one file that breaks one.
@pytest.fixture
def tree(write, tmp_path):
    for folder in ("base", "schemas", "detectors", "alerts", "daemon"):
        write(f"{folder}/own.h", "#pragma once\n#include <string>\n")
    write("schemas/codec.cc", '#include "base/own.h"\n#include <simdjson.h>\n')
    write("daemon/store/rocks.cc", '#include <rocksdb/db.h>\n#include <unistd.h>\n#include "detectors/own.h"\n')
    write("daemon/clock.cc", "auto now = std::chrono::system_clock::now();\n")
    write("tests/unit/a_test.cc", '#include <gtest/gtest.h>\n#include <rocksdb/db.h>\n#include "daemon/own.h"\n')
    write("tools/run", "#!/bin/sh\nexit 0\n", 0o755)
    write("docs/page.md", "# One two: three\n[here](#one-two-three) [there](other.md#b)\n")
    write("docs/other.md", "## B\n```\n[not a link](nowhere.md)\n```\n`[nor this](nowhere.md)` [out](https://example.com)\n")
    return tmp_path


def test_a_good_tree_has_no_breach(tree):
    assert check_includes(tree) == []
    assert check_tree(tree) == []


@pytest.mark.parametrize(
    "file, line, breach",
    [
        ("base/a.cc", '#include "schemas/own.h"', "base/ must not include schemas/"),
        ("schemas/a.cc", '#include "detectors/own.h"', "schemas/ must not include detectors/"),
        ("detectors/a.cc", '#include "alerts/own.h"', "detectors/ must not include alerts/"),
        ("alerts/a.cc", '#include "detectors/own.h"', "alerts/ must not include detectors/"),
        ("alerts/a.cc", '#include "daemon/own.h"', "alerts/ must not include daemon/"),
        ("daemon/a.cc", '#include "tests/unit/a_test.cc"', "daemon/ must not include tests/"),
        ("daemon/a.cc", '  #  include "base/missing.h"', "no such file"),
        ("daemon/a.cc", '#include "own.h"', "from the project root"),
        ("daemon/a.cc", "#include <rocksdb/db.h>", "only for daemon/store/*"),
        ("detectors/deep/a.cc", "#include <simdjson.h>", "only for schemas/*.cc"),
        ("daemon/a.cc", "#include <gtest/gtest.h>", "only for tests"),
        ("daemon/a.cc", "#include <boost/any.hpp>", "unknown library"),
        ("daemon/a.cc", "#include <regex>", "re2"),
        ("detectors/a.cc", "#include <thread>", "detectors/ is pure"),
        ("alerts/a.cc", "#include <sys/socket.h>", "the operating system"),
        ("alerts/a.cc", "auto now = std::chrono::system_clock::now();", "system_clock"),
        ("base/a.cc", "std::random_device seed;", "random_device"),
    ],
)
def test_includes_that_break_a_rule(tree, write, file, line, breach):
    write(file, f"// A comment may speak of system_clock.\n{line}\n")
    (found,) = check_includes(tree)
    assert found.startswith(f"{file}:2: ")
    assert breach in found


# What makes a replay give the verdicts of the day itself: nothing that judges can ask what time it is now.
@pytest.mark.parametrize("folder", ["base", "schemas", "detectors", "detectors/state", "alerts", "daemon/detection", "daemon/enrich"])
@pytest.mark.parametrize(
    "clock",
    [
        "const auto now = std::chrono::system_clock::now();",
        "const auto now = std::chrono::steady_clock::now();",
        "using Clock = std::chrono::high_resolution_clock;",
        "const auto now = std::chrono::utc_clock::now();",
        "clock_gettime(CLOCK_REALTIME, &now);",
        "gettimeofday(&now, nullptr);",
        "const auto now = std::time(nullptr);",
        "const auto now = time(nullptr);",
        "time(&now);",
        "const auto spent = clock();",
        "const int chance = std::rand();",
    ],
)
def test_no_clock_where_events_are_judged(tree, write, folder, clock):
    write(f"{folder}/a.cc", f"// What time it is.\n{clock}\n")
    (found,) = check_includes(tree)
    assert found.startswith(f"{folder}/a.cc:2: ")
    assert found.endswith("time and chance come in as values here")


def test_what_only_sounds_like_a_clock(tree, write):
    write("detectors/a.cc", "const auto at = event.time(0);\nconst auto of = use->clock();\nWriteTime(0);\nRuntime(nullptr);\n")
    write("daemon/a.cc", "const auto now = std::time(nullptr);\n")
    assert check_includes(tree) == []


def test_a_header_is_guarded(tree, write):
    write("base/b.h", "#include <string>\n")
    assert check_includes(tree) == ["base/b.h:1: a header needs #pragma once"]


def test_a_library_known_to_two_files(tree, write):
    for name in ("user_agent.cc", "user_agent_cache.cc"):
        write(f"daemon/enrich/{name}", "#include <re2/re2.h>\n")
    (found,) = check_includes(tree)
    assert "re2/ is for 1 file(s) only" in found


@pytest.mark.parametrize(
    "file, text, breach",
    [
        ("base/a.cc", "int a;  // TO" "DO: later\n", ":1: TO" "DO without an issue"),
        ("base/a.cc", 'auto p = "/ro' 'ot/a";\n', ":1: names a machine's folder"),
        ("docs/a.md", "fine\nsee /ho" "me/ann/tocsin\n", ":2: names a machine's folder"),
        ("a.json", '{"url": "https://registry.npm' 'js.org/a"}\n', "names a package host"),
        ("base/a.cc", "int a;\n" * 451, "more than 450 lines"),
        ("docs/a.md", "[gone](gone.md)\n", "link to gone.md, which is not there"),
        ("docs/a.md", "[gone](page.md#four)\n", "page.md#four: no such heading"),
        ("docs/a.md", "![gone](gone.png)\n", "link to gone.png"),
        ("tools/a", "#!/bin/sh\n", "not executable"),
        ("base/a.cc", b"// \xff\n", "not UTF-8 at byte 3"),
        ("base/a.cc", "int a; \n", "blanks at the end"),
        ("base/a.cc", "\tint a;\n", "tab"),
        ("base/a.cc", "int a;", "no newline"),
    ],
)
def test_trees_that_break_a_rule(tree, write, file, text, breach):
    write(file, text)
    (found,) = check_tree(tree)
    assert found.startswith(f"{file}:")
    assert breach in found


def test_a_page_marked_executable(tree, write):
    write("docs/a.md", "text\n", 0o755)
    assert check_tree(tree) == ["docs/a.md:1: executable, but does not start with #!"]


def test_open_work_with_an_issue_is_allowed(tree, write):
    write("base/a.cc", "// TO" "DO(#12): faster\n")
    assert check_tree(tree) == []


def test_two_decisions_with_one_number(tree, write):
    write("docs/adr/0003-a.md", "# A\n")
    write("docs/adr/0003-b.md", "# B\n")
    assert check_tree(tree) == ["docs/adr/0003-b.md:1: 0003 is taken by 0003-a.md"]
