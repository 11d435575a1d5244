"""The embedded log on a disk that fills up, and on what a crash leaves of its files.

What was acknowledged is there once; what was not may be sent again, and is there once then.
"""

import http.client
import random
import time

import pytest
from support import processes, takeovers
from support.embedded import CONFIG, assert_same_outputs, post, replay, wait_until_processed
from support.full_disk import FullDisk

# Everything that is written lies below one directory.
ALL_BELOW = CONFIG.replace("{folder}/out", "{folder}/state/out") + "engine:\n  checkpoint_interval: 1s\n"


@pytest.fixture(scope="module")
def story() -> list[str]:
    return takeovers.events(accounts=16)


@pytest.fixture(scope="module")
def expected(tocsin_binary, tmp_path_factory, story):
    folder = tmp_path_factory.mktemp("replay")
    assert replay(tocsin_binary, folder, "\n".join(story).encode()).returncode == 0
    return folder / "out"


@pytest.fixture
def chance(request):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # Shown when the test fails.
    return random.Random(seed)


def full_disk_of(daemon) -> FullDisk:
    disk = FullDisk(daemon.folder / "state", daemon.folder / "scratch")
    daemon.environment = disk.environment
    return disk


def status_of(daemon, batch: list[str]) -> int:
    """0 when the daemon went away."""
    try:
        return post(daemon, "\n".join(batch))[0]
    except (OSError, http.client.HTTPException):
        return 0


def test_a_full_disk_refuses_events_and_nothing_else_happens(make_daemon, story, expected):
    daemon = make_daemon(ALL_BELOW)
    disk = full_disk_of(daemon)
    daemon.start()
    size = len(story) // 6 + 1
    for begin in range(0, len(story), size):
        batch = story[begin : begin + size]
        for position in range(0, len(batch), 20):
            assert status_of(daemon, batch[position : position + 20]) == 202
        disk.fill()  # In the middle of commits, checkpoints and whatever else goes on.
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            assert status_of(daemon, story[begin : begin + 5]) == 503
            time.sleep(0.1)
        assert daemon.get("/livez")[0] == 200
        disk.empty()
        processes.wait_until(lambda: status_of(daemon, story[begin : begin + 5]) == 202, "room to be used", 10)
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_ingest_requests_total", code="503") > 0
    assert daemon.metric("tocsin_ingest_requests_total", code="202") >= len(story) // 20
    assert "ingest_not_durable" in daemon.log.read_text()
    daemon.stop()
    assert_same_outputs(expected, daemon.folder / "state/out")


def test_killed_on_a_full_disk(make_daemon, story, expected, chance):
    daemon = make_daemon(ALL_BELOW)
    disk = full_disk_of(daemon)
    daemon.start()
    at = kills = 0
    deadline = time.monotonic() + 120 * processes.PATIENCE
    while at < len(story) or kills < 6:
        assert time.monotonic() < deadline
        batch = story[at : at + chance.randrange(1, 40)] or story[-5:]
        if status_of(daemon, batch) == 202:
            at += len(batch)
        if at < len(story) * (kills + 1) // 7:
            continue
        kills += 1
        disk.fill()
        if chance.random() < 0.5:
            status_of(daemon, story[at : at + 10])
            time.sleep(chance.uniform(0, 1.2))
        daemon.kill()
        disk.empty()
        daemon.start()
    wait_until_processed(daemon)
    daemon.stop()
    assert_same_outputs(expected, daemon.folder / "state/out")


def test_a_start_on_a_full_disk_is_refused_and_breaks_nothing(make_daemon, story, expected):
    daemon = make_daemon(ALL_BELOW)
    disk = full_disk_of(daemon)
    daemon.start()
    half = len(story) // 2
    assert status_of(daemon, story[:half]) == 202
    daemon.kill()
    for _ in range(3):
        disk.fill()
        try:
            daemon.start()
            daemon.kill()
        except RuntimeError as refused:
            assert "ended with 69" in str(refused), refused
        disk.empty()
    daemon.start()
    assert status_of(daemon, story[half:]) == 202
    wait_until_processed(daemon)
    daemon.stop()
    assert_same_outputs(expected, daemon.folder / "state/out")


def test_torn_ends_of_files_are_cut_off(make_daemon, story, expected, chance):
    """What a crash leaves of a frame that was being written; garbage of the same length; blocks of zeros."""
    daemon = make_daemon(ALL_BELOW).start()
    state = daemon.folder / "state"
    size = len(story) // 6 + 1
    for begin in range(0, len(story), size):
        assert status_of(daemon, story[begin : begin + size]) == 202
        daemon.kill()
        for segment in (max((state / "log/input/0").glob("*.log")), max((state / "log/commits").glob("*.log"))):
            data = segment.read_bytes()
            length = chance.randrange(1, 200)
            torn = chance.choice((data[:length], chance.randbytes(length), bytes(4096)))
            segment.write_bytes(data + torn)
        for outputs in (state / "out").glob("*.jsonl"):
            with outputs.open("ab") as file:
                file.write(b'{"half":"a li')
        daemon.start()
    wait_until_processed(daemon)
    daemon.stop()
    assert_same_outputs(expected, state / "out")
