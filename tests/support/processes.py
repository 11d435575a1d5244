"""Processes that tests start: free ports for them, and no process outlives the test that started it."""

import contextlib
import ctypes
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def start(command: list[str], **options) -> subprocess.Popen:
    """Like subprocess.Popen; the kernel kills the process when the calling thread ends, however it ends."""
    parent = os.getpid()

    def die_with_parent():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It ended before the line above.
            os._exit(1)

    return subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **options)


def stop(process: subprocess.Popen, timeout: float = 30) -> int:
    """Asks the process to end (SIGTERM), insists after `timeout` seconds; answers its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            kill(process)
    return process.returncode


def kill(process: subprocess.Popen) -> None:
    """What a power cut does to it: SIGKILL, no goodbye."""
    process.kill()
    process.wait()


def pause(process: subprocess.Popen) -> None:
    """SIGSTOP, and back when it has stopped: a thread goes on until one of the process has taken the signal, which takes
    a while on a busy machine."""
    process.send_signal(signal.SIGSTOP)

    def stands() -> bool:
        states = [task.joinpath("stat").read_text().rpartition(")")[2].split()[0] for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir()]
        return set(states) <= {"T"}

    wait_until(stands, "the process to stop")


def free_port() -> int:
    """A port of the loopback nobody listens on.

    Below the range the kernel takes outgoing ports from: a port out of that range may be taken by somebody's
    connection before the process it was chosen for comes to bind it. The caller still has to expect that a
    neighbour was quicker.
    """
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        with contextlib.closing(socket.socket()) as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def wait_until(condition, what: str, timeout: float = 30, pause: float = 0.05):
    """Asks `condition` until its answer is true and returns that; after `timeout` seconds raises TimeoutError."""
    deadline = time.monotonic() + timeout
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(pause)


def wait_while_it_goes_on(condition, what: str, progress, quiet: float = 60, pause: float = 1):
    """As wait_until, for as long as what `progress` answers changes within each `quiet` seconds: a slow machine is no
    failure, one that stands still is."""
    seen, since = progress(), time.monotonic()
    while not (answer := condition()):
        now = progress()
        if now != seen:
            seen, since = now, time.monotonic()
        if time.monotonic() - since > quiet:
            raise TimeoutError(f"waited for {what}, and nothing went on for {quiet} s")
        time.sleep(pause)
    return answer


def eventually(check, timeout: float = 60, pause: float = 0.2):
    """What `check` answers once it fails no assertion any more; its failure when that takes longer than `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
