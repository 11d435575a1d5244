"""An account that is erased in the embedded mode: its events leave the log within local.retention, and what was put out of it the
output files within local.outputs_retention, though nothing more comes; and the command has said when."""

import calendar
import json
import re
import subprocess
import time

import pytest
from support import processes
from support.embedded import CONFIG, post, wait_until_processed

TOKEN = "the-token-that-may-change-things"
ACCOUNT = "mona-account-17"
PERSONAL = (ACCOUNT, "mona.secret@example.com", "device-of-mona-9", "Mona Lovelace")
# Long enough for a slow machine to look at what is there before it goes.
RETENTION_SECONDS = 30
OUTPUTS_RETENTION_SECONDS = 35
TIDY_SECONDS = 60  # LocalStore::kTidyEvery.
SLACK_SECONDS = 30  # A slow machine's.
ADMIN = """\
  admin_listen: 127.0.0.1:{admin_port}
  admin_token: {file: {folder}/../admin.token}
engine: {checkpoint_interval: 1s}
"""


def login(account: str, number: int, device: str) -> str:
    return json.dumps({"type": "login", "source": "test", "event_id": f"{account}-{number}", "account_id": account,
                       "occurred_at": f"2026-01-{1 + number:02d}T08:00:00Z", "ip": "139.12.16.10", "outcome": "success",
                       "device": {"id": device, "platform": "linux"}})


def profile(account: str) -> str:
    contacts = [{"channel": "email", "address": "mona.secret@example.com", "verified": True, "primary": True}]
    return json.dumps({"type": "account_profile", "source": "test", "event_id": f"p-{account}", "account_id": account,
                       "occurred_at": "2026-01-01T07:00:00Z", "display_name": "Mona Lovelace", "contacts": contacts})


def in_log(daemon) -> list[str]:
    """What the embedded log still holds of it: of input and of commits."""
    return held_by((daemon.folder / "state/log").rglob("*.log"))


def in_outputs(daemon) -> list[str]:
    return held_by((daemon.folder / "out").iterdir())


def held_by(paths) -> list[str]:
    held = b""
    for path in paths:
        try:
            held += path.read_bytes()
        except FileNotFoundError:
            continue  # Removed meanwhile.
    return [text for text in PERSONAL if text.encode() in held]


@pytest.fixture(name="daemon")
def daemon_that_keeps_seconds(make_daemon, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    config = CONFIG.replace("partitions: 1\n", f"partitions: 2\n  retention: {RETENTION_SECONDS}s\n"
                            f"  outputs_retention: {OUTPUTS_RETENTION_SECONDS}s\n")
    daemon = make_daemon(config + ADMIN.replace("{admin_port}", str(port)))
    daemon.admin = f"http://127.0.0.1:{port}"
    return daemon.start()


def test_when_it_was_erased_can_be_shown_whoever_asked(daemon, tocsin_binary, tmp_path):
    """Also when it came as an event, past the admin interface: a line of it, in the account's reference alone."""
    assert post(daemon, "\n".join([profile(ACCOUNT), login(ACCOUNT, 1, "phone-1")]))[0] == 202
    wait_until_processed(daemon)

    def ask(*command: str) -> dict:
        done = subprocess.run([str(tocsin_binary), *command, "--admin", daemon.admin, "--token-file", str(tmp_path / "admin.token")],
                              capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    reference = ask("account", "show", ACCOUNT, "--format", "json")["account_ref"]
    erasures = daemon.folder / "state/erasures.jsonl"
    assert not erasures.exists() and daemon.metric("tocsin_accounts_erased_total") == 0
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert post(daemon, json.dumps({"type": "account_change", "source": "platform", "event_id": "erase", "account_id": ACCOUNT,
                                    "occurred_at": at, "change": "erased"}))[0] == 202
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_accounts_erased_total") == 1
    daemon.stop()
    (line,) = [json.loads(line) for line in erasures.read_text().splitlines()]
    assert {name: line[name] for name in ("action", "subject", "outcome")} == {
        "action": "account.erased", "subject": reference, "outcome": "done"}
    assert abs(time.time() - time.mktime(time.strptime(line["ts"][:19], "%Y-%m-%dT%H:%M:%S")) + time.timezone) < 60
    (said,) = [json.loads(line) for line in daemon.log.read_text().splitlines() if '"account_erased"' in line]
    assert said["account_ref"] == reference
    assert not [text for text in PERSONAL if text in erasures.read_text() + daemon.log.read_text()]


def test_its_events_are_gone_from_the_log_in_time(daemon, tocsin_binary, tmp_path):
    others = [login(f"other-{i}", 1, "phone") for i in range(8)]  # In both partitions.
    events = [profile(ACCOUNT), *(login(ACCOUNT, day, "phone-1") for day in range(8)), login(ACCOUNT, 20, "device-of-mona-9")]
    assert post(daemon, "\n".join([*others, *events]))[0] == 202
    assert set(in_log(daemon)) == set(PERSONAL)  # What is acknowledged is there.
    wait_until_processed(daemon)
    assert {ACCOUNT, "mona.secret@example.com"} <= set(in_outputs(daemon))
    time.sleep(2)  # A checkpoint has all of it.
    assert post(daemon, "\n".join(others))[0] == 202  # Duplicates: they change no state.
    wait_until_processed(daemon)

    before = time.time()
    erased = subprocess.run([str(tocsin_binary), "account", "erase", ACCOUNT, "--admin", daemon.admin, "--token-file",
                             str(tmp_path / "admin.token")], capture_output=True, text=True, timeout=300, check=True)
    said = re.search(r"in the daemon's log until (\S+) at the latest; .* in its output files until (\S+),", erased.stderr)
    assert said, erased.stderr
    after = time.time()
    of_log, of_outputs = (calendar.timegm(time.strptime(until[:19], "%Y-%m-%dT%H:%M:%S")) for until in said.groups())
    for until, seconds in ((of_log, RETENTION_SECONDS), (of_outputs, OUTPUTS_RETENTION_SECONDS)):
        assert before - 1 <= until - seconds - TIDY_SECONDS <= after + 1  # It is told in whole seconds.

    # Nothing more comes. Input goes with the time, commits before it.
    processes.wait_until(lambda: not in_log(daemon), "its events to be gone", 60)
    assert time.time() < of_log + SLACK_SECONDS
    processes.wait_until(lambda: not in_outputs(daemon), "what was put out of it to be gone", 60)
    assert time.time() < of_outputs + SLACK_SECONDS
    status = post(daemon, login("other-1", 2, "phone"))[0]
    assert status == 202
    wait_until_processed(daemon)
    daemon.stop()
    daemon.start()  # What is left is a whole log.
    assert post(daemon, login("other-1", 3, "phone"))[0] == 202
    wait_until_processed(daemon)
    daemon.stop()
    assert in_log(daemon) == []
    assert in_outputs(daemon) == []
