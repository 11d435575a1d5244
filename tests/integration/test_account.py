"""What an operator says of an account: shown from the checkpoint, said as an event, gone when it is erased."""

import json
import subprocess

import pytest
from support.embedded import CONFIG, events_port, post, wait_until_processed

TIMEOUT_SECONDS = 300
PHONE = {"id": "phone-1", "platform": "ios", "model": "iPhone 14"}
LAPTOP = {"id": "laptop-9", "platform": "linux", "model": "ThinkPad"}
TABLET = {"id": "tablet-3", "platform": "android", "model": "Tab 9"}


def login(number: int, day: int, device: dict, account: str = "account-1") -> str:
    return json.dumps({"type": "login", "source": "test", "event_id": f"e{number}", "account_id": account,
                       "occurred_at": f"2026-01-{day:02d}T08:00:00Z", "ip": "139.12.16.10", "outcome": "success",
                       "device": device})


@pytest.fixture(name="tocsin")
def call_tocsin(tocsin_binary):
    def call(*arguments, code: int = 0, given: str | None = None) -> subprocess.CompletedProcess:
        run = subprocess.run([str(tocsin_binary), *map(str, arguments)], capture_output=True, text=True, input=given,
                             timeout=TIMEOUT_SECONDS, check=False)
        assert run.returncode == code, f"{arguments}: exit {run.returncode}\n{run.stdout}\n{run.stderr}"
        return run

    return call


@pytest.fixture(name="state")
def state_of_a_replay(tocsin, tmp_path):
    """A state directory in which account-1 has a new laptop, and a function that replays more events into it."""
    state = tmp_path / "state"
    replayed = []

    def replay(*events: str) -> list[dict]:
        findings = tmp_path / f"findings-{len(replayed)}.jsonl"
        replayed.append(findings)
        tocsin("replay", "--events", "-", "--state", state, "--findings", findings, given="\n".join(events) + "\n")
        return [json.loads(line) for line in findings.read_text().splitlines()] if findings.exists() else []

    replay(*(login(day, day, PHONE) for day in range(1, 9)), login(20, 20, LAPTOP))
    return state, replay


def test_shows_what_is_remembered(tocsin, state):
    shown = json.loads(tocsin("account", "show", "account-1", "--state", state[0], "--format", "json").stdout)
    assert shown["account"][0]["successful_logins"] == "8"
    standings = {row["device"]: row["standing"] for row in shown["devices"]}
    assert standings == {"iPhone 14 (iOS)": "known", "ThinkPad (Linux)": "in quarantine"}
    assert shown["cases"][0]["state"] == "open"
    assert [row["detector"] for row in shown["findings"]] == ["new_device"]
    text = tocsin("account", "show", "account-1", "--state", state[0]).stdout
    assert "device=ThinkPad" in text and "laptop-9" not in text


def test_says_whom_it_does_not_know(tocsin, state, tmp_path):
    assert "no checkpoint knows" in tocsin("account", "show", "nobody", "--state", state[0], code=1).stderr
    assert "holds no checkpoints" in tocsin("account", "show", "account-1", "--state", tmp_path / "none", code=64).stderr
    tocsin("account", "allow", "account-1", code=64)
    tocsin("account", "allow", "account-1", "--case", "c", "--finding", "f", code=64)


def test_allows_what_was_found_and_keeps_quiet_for_a_week(tocsin, state):
    directory, replay = state
    said = tocsin("account", "allow", "account-1", "--state", directory, "--at", "2026-01-20T09:00:00Z", "--print").stdout
    event = json.loads(said)
    assert (event["verdict"], event["by"], event["account_id"]) == ("false_positive", "analyst", "account-1")
    assert tocsin("account", "allow", "account-1", "--state", directory, "--at", "2026-01-20T09:00:00Z", "--print").stdout == said
    replay(said)
    shown = json.loads(tocsin("account", "show", "account-1", "--state", directory, "--format", "json").stdout)
    assert shown["cases"][0]["state"] == "decided"
    assert shown["allowed"][0]["detector"] == "new_device"
    assert shown["allowed"][0]["until"].startswith("2026-01-27T09:00:00")
    assert {row["standing"] for row in shown["devices"]} == {"known"}
    found = replay(login(21, 22, TABLET))
    assert [finding["mode"] for finding in found if finding["detector"] == "new_device"] == ["shadow"]


def test_erases_everything(tocsin, state):
    directory, replay = state
    replay(login(30, 20, PHONE, account="account-2"))
    replay(tocsin("account", "erase", "account-1", "--at", "2026-01-21T00:00:00Z", "--print").stdout)
    tocsin("account", "show", "account-1", "--state", directory, code=1)
    tocsin("account", "show", "account-2", "--state", directory)
    assert replay(login(40, 22, LAPTOP)) == []  # A new account, which knows nothing.


def test_asks_the_admin_interface_unless_it_is_told_otherwise(tocsin):
    """Nobody listens there: what is looked for is said."""
    for command in (["erase", "account-1"], ["allow", "account-1", "--case", "c"]):
        said = tocsin("account", *command, code=69).stderr
        assert "http://127.0.0.1:8701" in said and "http.admin_listen" in said
        said = tocsin("account", *command, "--at", "2026-01-21T00:00:00Z", "--url", "http://127.0.0.1:9", code=69).stderr
        assert "http.events_listen" in said


@pytest.mark.parametrize("account", ["", "n/a", "-", "a" * 200, "a\nb"], ids=["empty", "placeholder", "dash", "long", "lines"])
def test_an_id_that_no_daemon_takes_is_refused(tocsin, account):
    for arguments in (["--print"], ["--url", "http://127.0.0.1:9"], ["--admin", "http://127.0.0.1:9"]):
        ran = tocsin("account", "erase", account, *arguments, code=64)
        assert "account_id" in ran.stderr and ran.stdout == ""
    assert "account_id" in tocsin("account", "allow", account, "--case", "c", "--print", code=64).stderr


def test_an_address_that_is_none_is_bad_usage(tocsin):
    for arguments in (["--url", "ftp://x"], ["--url", ""], ["--url", "http://127.0.0.1:9/path"], ["--admin", "foo"]):
        assert "must be http://HOST:PORT" in tocsin("account", "erase", "account-1", *arguments, code=64).stderr
    assert "must be a time" in tocsin("account", "erase", "account-1", "--print", "--at", "noon", code=64).stderr


def test_a_running_daemon_takes_it(tocsin, make_daemon):
    daemon = make_daemon(CONFIG).start()
    assert post(daemon, "\n".join([*(login(day, day, PHONE) for day in range(1, 9)), login(20, 20, LAPTOP)]))[0] == 202
    wait_until_processed(daemon)
    url = f"http://127.0.0.1:{events_port(daemon)}"
    assert "accepted as event" in tocsin("account", "erase", "account-1", "--at", "2026-01-21T00:00:00Z", "--url", url).stderr
    wait_until_processed(daemon)
    refused = tocsin("account", "erase", "-", "--url", url, code=64).stderr
    assert "account_id" in refused
    assert "answers with HTTP 40" in tocsin("account", "erase", "account-1", "--url", f"http://127.0.0.1:{daemon.http_port}", code=1).stderr
    daemon.stop()
    tocsin("account", "show", "account-1", "--state", daemon.folder / "state", code=1)
    assert "answers" not in tocsin("account", "erase", "account-1", "--url", url, code=69).stdout
