"""What the tests wait with, and the ports that they take: what holds on a machine that stands still for a while, and beside another run."""

import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))
from support import processes  # noqa: E402

CHOOSES = """\
import random, sys
from support import processes
numbers = iter(map(int, sys.argv[1:]))
random.SystemRandom.randrange = lambda *_: next(numbers)
print(processes.free_port())
"""


def chosen_elsewhere(*offered: int) -> int:
    """What another process takes that is offered these ports one after the other."""
    command = [sys.executable, "-c", CHOOSES, *map(str, offered)]
    return int(subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=True, timeout=120).stdout)


def test_nobody_gets_a_port_that_another_test_has_not_bound_yet():
    mine, other = processes.free_port(), processes.free_port()
    theirs = other + 1 if other + 1 != mine else other + 2
    assert chosen_elsewhere(mine, other, theirs, 20000, 20001) not in (mine, other)


def test_a_port_is_free_again_when_its_process_has_ended():
    port = chosen_elsewhere(*range(31000, 31900))
    assert chosen_elsewhere(port, *range(31900, 32000)) == port


class Clock:
    """Nobody sleeps, and time stands still but for what it is moved by."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(processes.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(processes.time, "sleep", self.move)

    def move(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def test_who_was_stopped_for_longer_than_he_would_wait_asks_once_more(clock):
    there = []

    def asked() -> bool:
        if there:
            return True
        clock.move(1_000_000)  # The machine stands still, and what is waited for comes.
        there.append(True)
        return False

    assert processes.wait_until(asked, "it")
    there.clear()

    def check() -> None:
        assert asked()

    processes.eventually(check)
    there.clear()
    assert processes.wait_while_it_goes_on(asked, "it", lambda: 0)


def test_what_never_comes_ends_the_wait(clock):
    with pytest.raises(TimeoutError, match="for it"):
        processes.wait_until(lambda: False, "it", timeout=10)
    assert 10 * processes.PATIENCE <= clock.now < 10 * processes.PATIENCE + 1
    with pytest.raises(TimeoutError, match="nothing went on"):
        processes.wait_while_it_goes_on(lambda: False, "it", lambda: min(clock.now, 5000), quiet=10)
    assert clock.now >= 5000 + 10 * processes.PATIENCE, "as long as something goes on it is waited for"
