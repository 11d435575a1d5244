"""What does not fit together in the sentences and forms of notices stops the build: the program that the build runs over
them (alerts/messages/main.cc) names file, line, key and remedy; the compiler stops at a key that is in no catalogue."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2] / "alerts"
EN, ZH = "messages/en.json", "messages/zh-CN.json"
TEXT, PAGE = "notice_templates/notice.txt.mustache", "notice_templates/notice.html.mustache"
FILES = (EN, ZH, PAGE, TEXT)
NEVER = '"never": "We never ask'


def line_of(file: str, part: str) -> int:
    return next(n for n, line in enumerate((ROOT / file).read_text().splitlines(), 1) if part in line)


def check(folder: pathlib.Path) -> tuple[int, str]:
    command = [os.environ["CHECK_MESSAGES"], "keys.h", *FILES]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr


@pytest.fixture
def copy(tmp_path):
    for file in FILES:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


def test_what_is_in_the_tree_fits_together(copy):
    assert check(copy) == (0, "")
    keys = (copy / "keys.h").read_text()
    assert '"what.digest",' in keys
    written = (copy / "keys.h").stat().st_mtime_ns
    edit(copy / EN, "We never ask", "We will never ask")
    assert check(copy) == (0, "")
    assert (copy / "keys.h").stat().st_mtime_ns == written, "a word that was mended compiles no code again"


def edit(file: pathlib.Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


BROKEN = {
    "a sentence in one language": (ZH, '  "heading.now": "如果不是您本人，请立即",\n', "", f"{ZH}:1: error: heading.now: is missing"),
    "another name": (ZH, "受理编号 {reference}。\"", "受理编号 {number}。\"", "has {number}, and messages/en.json:"),
    "twice": (EN, '  "heading.now": ', '  "heading.next": ', "heading.next: comes twice"),
    "empty": (EN, '"Hello,"', '""', f"{EN}:{line_of(EN, 'greeting.unnamed')}: error: not a sentence"),
    "an open brace": (EN, "{count, plural, one {once} other {# times}}", "{count, plural, one {once} other {# times}", "braces do not match"),
    "an open bracket": (EN, "[ ({times})]", "[ ({times})", "[ is not closed"),
    "a plural of one form": (EN, "{count, plural, one {once} other {# times}}", "{count, plural, one {once}}", "a plural without other"),
    "no comma": (EN, '"Hello,",', '"Hello,"', f"{EN}:{line_of(EN, 'greeting.unnamed')}: error: a comma is missing"),
    "unescaped by braces": (PAGE, "<p style=\"margin:0 0 12px\">{{greeting}}</p>", "<p>{{{greeting}}}</p>",
                            f"{PAGE}:{line_of(PAGE, '{{greeting}}')}: error: {{{{{{greeting}}}}}}: puts greeting in as it is"),
    "unescaped by an ampersand": (PAGE, "{{greeting}}", "{{&greeting}}", "write {{greeting}}"),
    "outside of quotes": (PAGE, 'href="{{me}}"', "href={{me}}", "an attribute without quotes"),
    "inside a style": (PAGE, "<style>", "<style>{{accent}}", "inside a style or a script"),
    "an open section": (TEXT, "{{/has_held}}", "", "{{#has_held}}: is not closed"),
    "a section of another name": (TEXT, "{{/has_held}}", "{{/held}}", "{{/held}}: closes no section"),
    "a partial": (TEXT, "{{never}}", "{{> never}}", "not a tag of alerts/layout.h"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_is_refused(copy, name):
    file, old, new, said = BROKEN[name]
    edit(copy / file, old, new)
    code, error = check(copy)
    assert code == 1
    assert said in error
    assert not (copy / "keys.h").exists()


def test_a_key_that_is_in_no_catalogue_does_not_compile(copy):
    """Of a key that is written in the code; `render --list` finds those that are put together (cmake/CheckTexts.cmake)."""
    assert check(copy)[0] == 0
    (copy / "embedded").mkdir()
    (copy / "keys.h").rename(copy / "embedded/message_keys.h")
    for key, good in (("what.digest", True), ("what.digset", False)):
        (copy / "probe.cc").write_text(f'#include "alerts/message_key.h"\ntocsin::alerts::MessageKey key = "{key}";\n')
        command = [os.environ["CXX"], "-std=c++20", "-fsyntax-only", f"-I{ROOT.parent}", f"-I{copy}", "probe.cc"]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=600)
        assert (done.returncode == 0) == good, done.stderr
        assert good or ("probe.cc:2" in done.stderr and "ThisKeyIsInNoFileOfAlertsMessages" in done.stderr)
