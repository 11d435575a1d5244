"""What a process leaves where others may look, and whom it waits for when it ends."""

import os
import re
import socket
import stat
import threading
import time

import pytest
from support.embedded import CONFIG, events_port, post, wait_until_processed

DRAIN_SECONDS = 4


@pytest.fixture(name="open_umask")
def umask_of_a_careless_shell():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_files_are_the_owners_alone_and_a_crash_leaves_no_memory(make_daemon, open_umask):
    daemon = make_daemon(CONFIG + "engine: {checkpoint_interval: 1s}\n").start()
    event = '{"type":"login","event_id":"e","account_id":"a","outcome":"success","occurred_at":"2026-01-01T00:00:00Z"}'
    assert post(daemon, event)[0] == 202
    wait_until_processed(daemon)
    limits = open(f"/proc/{daemon.process.pid}/limits", encoding="ascii").read()
    assert re.search(r"^Max core file size +0 ", limits, re.M), limits
    # Started again by itself for large pages, it is still found by its name.
    assert open(f"/proc/{daemon.process.pid}/comm", encoding="ascii").read() == "tocsin\n"
    daemon.stop()
    made = [path for name in ("state", "out") for path in (daemon.folder / name, *(daemon.folder / name).rglob("*"))]
    assert any(path.suffix == ".sst" for path in made), "a checkpoint was written"
    assert not [str(path) for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_a_slow_client_does_not_keep_a_process_from_ending_in_order(make_daemon):
    """It sends a header byte by byte, for ever. What was read is committed, and the process ends in its time."""
    daemon = make_daemon(CONFIG + f"engine: {{drain_timeout: {DRAIN_SECONDS}s}}\n").start()
    client = socket.create_connection(("127.0.0.1", events_port(daemon)))
    client.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\n")
    ended = threading.Event()

    def trickle():
        while not ended.wait(0.2):
            try:
                client.sendall(b"X")
            except OSError:
                return

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        event = '{"type":"login","event_id":"e","account_id":"a","outcome":"success","occurred_at":"2026-01-01T00:00:00Z"}'
        assert post(daemon, event)[0] == 202
        began = time.monotonic()
        daemon.stop()
        assert time.monotonic() - began < DRAIN_SECONDS + 60, "who waits for this client waits for ever"
    finally:
        ended.set()
        thread.join()
        client.close()
    said = daemon.log.read_text()
    assert '"stopped"' in said, said
    daemon.start()
    assert daemon.metric("tocsin_log_pending_bytes") == 0, "it was committed before the end"
    daemon.stop()
