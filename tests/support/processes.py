"""Processes that tests start: free ports for them, and no process outlives the test that started it."""

import collections
import contextlib
import ctypes
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

# Deadlines are given in the seconds of a machine that has nothing else to do; every machine gets so many times as long. They end
# a wait that would never end: what is over sooner costs nothing, and what a test promises of a time it measures itself.
PATIENCE = 4

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
_reserved: collections.deque[socket.socket] = collections.deque(maxlen=256)  # Of a long campaign the latest are enough.


def start(command: list[str], **options) -> subprocess.Popen:
    """Like subprocess.Popen; the kernel kills the process when the calling thread ends, however it ends."""
    parent = os.getpid()

    def die_with_parent():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It ended before the line above.
            os._exit(1)

    return subprocess.Popen(command, preexec_fn=die_with_parent, **({"stdin": subprocess.DEVNULL} | options))


def stop(process: subprocess.Popen, timeout: float = 30) -> int:
    """Asks the process to end (SIGTERM), insists when that takes too long; answers its exit code."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout * PATIENCE)
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
        try:
            tasks = [task.joinpath("stat").read_text() for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir()]
        except (FileNotFoundError, ProcessLookupError):  # A thread has ended meanwhile.
            return False
        return {task.rpartition(")")[2].split()[0] for task in tasks} <= {"T"}

    wait_until(stands, "the process to stop")


def wait(process: subprocess.Popen, timeout: float = 60) -> int:
    """Its exit code, once it has ended by itself."""
    return process.wait(timeout * PATIENCE)


def free_port() -> int:
    """A port of the loopback nobody listens on, and that no other test of this machine gets as long as this process lives.

    Below the range the kernel takes outgoing ports from: a port out of that range may be taken by somebody's
    connection before the process it was chosen for comes to bind it. The name that reserves it is of the same network
    as the port, and goes with its owner, however that ends.
    """
    while True:
        port = random.SystemRandom().randrange(20000, 32000)
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0tocsin-test-port-{port}")
            with contextlib.closing(socket.socket()) as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        _reserved.append(name)
        return port


def wait_until(condition, what: str, timeout: float = 30, pause: float = 0.05):
    """Asks `condition` until its answer is true and returns that; raises TimeoutError when that takes too long. The last answer is
    one of after that time: somebody who was stopped for so long has not asked meanwhile."""
    deadline = time.monotonic() + timeout * PATIENCE
    late = False
    while not (answer := condition()):
        if late:
            raise TimeoutError(f"waited {timeout * PATIENCE} s for {what}")
        late = time.monotonic() > deadline
        time.sleep(pause)
    return answer


def wait_while_it_goes_on(condition, what: str, progress, quiet: float = 60, pause: float = 1):
    """As wait_until, for as long as what `progress` answers changes now and then: a slow machine is no failure, one that stands
    still is."""
    seen, since, late = progress(), time.monotonic(), False
    while not (answer := condition()):
        now = progress()
        if now != seen:
            seen, since, late = now, time.monotonic(), False
        elif late:
            raise TimeoutError(f"waited for {what}, and nothing went on for {quiet * PATIENCE} s: {seen}")
        else:
            late = time.monotonic() - since > quiet * PATIENCE
        time.sleep(pause)
    return answer


def eventually(check, timeout: float = 60, pause: float = 0.2):
    """What `check` answers once it fails no assertion any more; its failure when that takes too long."""
    deadline = time.monotonic() + timeout * PATIENCE
    late = False
    while True:
        try:
            return check()
        except AssertionError:
            if late:
                raise
        late = time.monotonic() > deadline
        time.sleep(pause)
