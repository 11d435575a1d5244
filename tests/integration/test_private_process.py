"""What a process leaves where others may look."""

import os
import re
import stat

import pytest
from support.embedded import CONFIG, post, wait_until_processed


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
    daemon.stop()
    made = [path for name in ("state", "out") for path in (daemon.folder / name, *(daemon.folder / name).rglob("*"))]
    assert any(path.suffix == ".sst" for path in made), "a checkpoint was written"
    assert not [str(path) for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077]
