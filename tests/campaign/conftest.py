"""Fixtures of the short campaigns."""

import os
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1]), str(pathlib.Path(__file__).resolve().parent)]
import campaign  # noqa: E402
import plain_line  # noqa: E402


@pytest.fixture(scope="session")
def tocsin_binary() -> pathlib.Path:
    """The program under test; ctest names it in TOCSIN_BINARY."""
    named = os.environ.get("TOCSIN_BINARY")
    binary = pathlib.Path(named) if named else pathlib.Path(__file__).resolve().parents[2] / "build/dev/tocsin"
    assert binary.is_file(), f"no program at {binary}: build it, or name it in TOCSIN_BINARY"
    return binary


@pytest.fixture(scope="session")
def plain_program(tocsin_binary) -> pathlib.Path:
    """What it is held against; ctest names it in TOCSIN_PLAIN_LINE."""
    named = os.environ.get("TOCSIN_PLAIN_LINE")
    program = pathlib.Path(named) if named else plain_line.of(tocsin_binary)
    assert program.is_file(), f"no program at {program}: build plain_line, or name it in TOCSIN_PLAIN_LINE"
    return program


@pytest.fixture(scope="module")
def arena(tocsin_binary, plain_program):
    with campaign.Arena(tocsin_binary, plain=plain_program) as made:
        yield made
