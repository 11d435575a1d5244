"""The admin interface of a running daemon, and the commands that ask it: what they show, what they change, what is written
down of it, and that nothing personal leaves where it must not."""

import http.client
import io
import json
import os
import pathlib
import re
import subprocess
import tarfile
import threading
import time

import jsonschema
import pytest
import yaml
from support import processes
from support.embedded import CONFIG, post, wait_until_processed

TIMEOUT_SECONDS = 600
TOKEN = "the-token-that-may-change-things"
READ_TOKEN = "the-token-that-may-only-look-at-things"
ACCOUNT = "account-of-a-person-17"
PERSONAL = (ACCOUNT, "139.12.16.10", "laptop-nine-9", "ThinkPad-of-Ada", "phone-one-1", "ada@example.com", "Ada Lovelace")
ADMIN = """\
  admin_listen: 127.0.0.1:{admin_port}
  admin_token: {file: {folder}/../admin.token}
  admin_read_token: {file: {folder}/../read.token}
support: {phone: "+65 6000 0000"}
"""
PHONE = {"id": "phone-one-1", "platform": "ios", "model": "iPhone 14"}
LAPTOP = {"id": "laptop-nine-9", "platform": "linux", "model": "ThinkPad-of-Ada"}


def login(number: int, day: int, device: dict, account: str = ACCOUNT, year: int = 2026) -> str:
    return json.dumps({"type": "login", "source": "test", "event_id": f"e{number}", "account_id": account,
                       "occurred_at": f"{year}-01-{day:02d}T08:00:00Z", "ip": "139.12.16.10", "outcome": "success",
                       "device": device})


def profile(account: str = ACCOUNT) -> str:
    contacts = [{"channel": "email", "address": "ada@example.com", "verified": True, "primary": True}]
    return json.dumps({"type": "account_profile", "source": "test", "event_id": f"p-{account}", "account_id": account,
                       "occurred_at": "2026-01-01T07:00:00Z", "display_name": "Ada Lovelace", "contacts": contacts})


class Admin:
    """A daemon with an admin interface, which knows ACCOUNT and has found its new laptop."""

    def __init__(self, tocsin_binary, make_daemon, tmp_path):
        (tmp_path / "admin.token").write_text(TOKEN)
        (tmp_path / "read.token").write_text(READ_TOKEN)
        self.binary, self.folder, self.port = tocsin_binary, tmp_path, processes.free_port()
        self.daemon = make_daemon(CONFIG + ADMIN.replace("{admin_port}", str(self.port)))
        self.daemon.start()

    def fill(self) -> "Admin":
        events = [profile(), *(login(day, day, PHONE) for day in range(1, 9)), login(20, 20, LAPTOP)]
        assert post(self.daemon, "\n".join(events))[0] == 202
        wait_until_processed(self.daemon)
        processes.wait_until(lambda: self.ask("/findings")[1]["findings"], "the finding")
        return self

    def ask(self, path: str, method: str = "GET", body: str | None = None, token: str = TOKEN):
        """Status, decoded body and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request(method, path if path.startswith("/admin") else "/admin/v1" + path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text.startswith("{") else text, dict(answer.getheaders())
        finally:
            connection.close()

    def case_state(self) -> str:
        """Of the account's first case; "" when the account is not shown now."""
        shown = self.ask(f"/accounts/{ACCOUNT}")[1]
        return shown["remembered"]["cases"][0]["state"] if "remembered" in shown else ""

    def call(self, *arguments, code: int = 0, token: str | None = "admin.token") -> subprocess.CompletedProcess:
        command = [str(self.binary), *map(str, arguments), "--admin", f"http://127.0.0.1:{self.port}"]
        if token:
            command += ["--token-file", str(self.folder / token)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        assert ran.returncode == code, f"{arguments}: exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
        return ran


@pytest.fixture(name="admin")
def admin_of_a_daemon(tocsin_binary, make_daemon, tmp_path):
    return Admin(tocsin_binary, make_daemon, tmp_path)


def test_the_command_says_of_an_account_by_the_daemon_which_writes_it_down(admin):
    admin.fill()
    case = admin.ask("/cases")[1]["cases"][0]["case_id"]
    assert admin.call("account", "erase", ACCOUNT, "--at", "2026-01-21T00:00:00Z", code=64)  # The daemon's own time.
    assert "may look and not change" in admin.call("account", "erase", ACCOUNT, token="read.token", code=64).stderr
    assert "accepted as event" in admin.call("account", "allow", ACCOUNT, "--case", case).stderr
    processes.wait_until(lambda: admin.case_state() == "decided", "the case to be decided")
    assert "accepted as event" in admin.call("account", "erase", ACCOUNT).stderr
    processes.wait_until(lambda: admin.ask(f"/accounts/{ACCOUNT}")[0] == 404, "the account to be forgotten")
    # By its reference the erasure can be shown, now that nothing else of it is there.
    processes.wait_until(lambda: admin.ask("/erasures")[1]["entries"], "the erasure to be written down")
    assert admin.ask("/erasures")[1]["entries"][0]["subject"] == admin.ask(f"/accounts/{ACCOUNT}")[1]["account_ref"]
    done = [entry["subject"].split()[0] for entry in admin.ask("/audit")[1]["entries"] if entry["outcome"] == "done"]
    assert done == ["allow", "erase"]
    # The line before the change, and that of a refusal, say as well what is done to whom.
    audit = admin.ask("/audit")[1]["entries"]
    assert [entry["subject"].split()[0] for entry in audit if entry["outcome"] == "asked"] == ["allow", "erase"]
    assert [entry["subject"].split()[0] for entry in audit if entry["outcome"].startswith("refused")] == ["erase"]
    assert len({entry["subject"].split()[1] for entry in audit}) == 1
    admin.daemon.stop()


def test_what_was_found_of_an_erased_account_is_shown_no_more(admin):
    admin.fill()
    assert admin.ask(f"/findings?account={ACCOUNT}")[1]["findings"] and admin.ask("/cases")[1]["cases"]
    assert admin.ask(f"/accounts/{ACCOUNT}/erase", "POST")[0] == 202
    processes.wait_until(lambda: not admin.ask("/findings")[1]["findings"], "its findings to be gone")
    assert admin.ask("/cases")[1]["cases"] == []
    admin.daemon.stop()


def test_erases_an_account_whose_events_are_ahead_of_the_clock(admin):
    """Four minutes: such events are taken as they are. An erasure dated now would be older than the account."""
    ahead = json.loads(login(1, 1, PHONE)) | {"occurred_at": int((time.time() + 240) * 1000)}
    assert post(admin.daemon, json.dumps(ahead))[0] == 202
    processes.wait_until(lambda: admin.ask(f"/accounts/{ACCOUNT}")[0] == 200, "the account")
    assert admin.ask(f"/accounts/{ACCOUNT}/erase", "POST")[0] == 202
    processes.wait_until(lambda: admin.ask(f"/accounts/{ACCOUNT}")[0] == 404, "the account to be forgotten")
    admin.daemon.stop()


def test_says_clearly_what_it_refuses(admin):
    status, said, headers = admin.ask("/status", token="")
    assert status == 401 and "Bearer TOKEN" in said["error"] and headers["WWW-Authenticate"] == "Bearer"
    without = admin.call("status", token=None, code=64).stderr
    assert "give the token as: --token-file FILE" in without and "Bearer" not in without
    assert [admin.ask(path)[0] for path in ("/tap?kinds=zz", "/tap?after=zz", "/dead-letters?all=x")] == [400, 400, 400]
    assert admin.ask("/tap?kinds=event,dead_letter&after=-1")[0] == 200
    assert admin.ask("/status", token="wrong")[0] == 401
    assert admin.ask("/status", token=READ_TOKEN)[0] == 200
    assert admin.ask("/reload", "POST", token=READ_TOKEN)[0] == 403
    status, said, _ = admin.ask("/nothing")
    assert status == 404 and "docs/admin-api.md" in said["error"]
    status, said, _ = admin.ask("/deliveries")
    assert status == 404 and "delivery.mail" in said["error"] and "not configured" in said["error"]
    assert admin.ask("/accounts/nobody")[0] == 404
    counted = lambda: [admin.daemon.metric("tocsin_http_requests_total", route="admin", status=status) for status in ("2xx", "4xx", "5xx")]
    processes.wait_until(lambda: counted() == [2, 10, 0], "every answer to be counted")
    assert admin.ask("/accounts/nobody/praise", "POST")[0] == 404
    status, said, _ = admin.ask("/deliveries/replay", "POST")
    assert status == 404 and "not configured" in said["error"]
    for method, path, allowed in (("POST", "/status", "GET"), ("GET", "/reload", "POST")):
        status, said, headers = admin.ask(path, method)
        assert status == 405 and headers["Allow"] == allowed and said["error"] == f"this path takes {allowed}"
    assert "limit" in admin.ask("/findings?limit=x")[1]["error"]
    assert admin.ask("/accounts/nobody")[1]["account_ref"]
    assert admin.ask("/dead-letters/replay", "POST", '{"id":"none"}')[0] == 404
    assert admin.ask("/dead-letters/replay", "POST", '{"letter":"none"}')[0] == 400
    guesses = (admin.ask("/status", token="guess") for _ in range(100))  # One is forgiven each five seconds.
    assert next(headers for status, _, headers in guesses if status == 429)["Retry-After"]
    admin.daemon.stop()


def test_explains_what_it_has_judged(admin):
    admin.fill()
    finding = next(f for f in admin.ask("/findings")[1]["findings"] if f["detector"] == "new_device")
    explained = [json.loads(line) for line in admin.call("explain", finding["finding_id"], "--format", "json").stdout.splitlines()]
    assert [one["event_id"] for one in explained] == ["e20"] and explained[0]["history_complete"]
    claims = [claim["finding_id"] for verdict in explained[0]["verdicts"] for claim in verdict["claims"]]
    assert finding["finding_id"] in claims
    # As a replay by the same rules has it, and for people.
    state = [str(admin.binary), "explain", "e20", "--state", str(admin.daemon.folder / "state"), "--format", "json"]
    assert json.loads(subprocess.run(state, capture_output=True, check=True, timeout=TIMEOUT_SECONDS).stdout) == explained[0]
    assert "Looked at, and not found" in admin.call("explain", "e5", "--account", ACCOUNT, token="read.token").stdout
    assert "no event or finding" in admin.call("explain", "e5", "--account", "somebody-else", code=1).stderr
    assert "give one of" in admin.call("explain", "e5", "--state", admin.folder, code=64).stderr
    # Nothing of the accounts is left behind, and the workers went on.
    assert not (admin.daemon.folder / "state" / "explain").exists()
    assert post(admin.daemon, login(21, 21, LAPTOP))[0] == 202
    wait_until_processed(admin.daemon)
    assert "Event e21" in admin.call("explain", "e21").stdout
    admin.daemon.stop()


def test_shows_an_account_before_any_checkpoint_and_takes_what_is_said_of_it(admin):
    admin.fill()
    shown = json.loads(admin.call("account", "show", ACCOUNT, "--format", "json", token="read.token").stdout)
    assert shown["remembered"]["account"][0]["successful_logins"] == "8"
    assert shown["remembered"]["cases"][0]["state"] == "open"
    assert "in quarantine" in admin.call("account", "show", ACCOUNT).stdout
    assert "no partition" in admin.call("account", "show", "nobody", code=1).stderr

    case = admin.ask("/findings")[1]["findings"][0]["case_id"]
    assert admin.ask("/cases")[1]["cases"][0]["case_id"] == case
    assert admin.ask(f"/accounts/{ACCOUNT}/allow", "POST", "{}")[0] == 400
    status, said, _ = admin.ask(f"/accounts/{ACCOUNT}/allow", "POST", '{"case_id":"00"}')
    assert status == 404 and case in str(said), "a case that is not the account's: nothing would be allowed"
    status, said, _ = admin.ask(f"/accounts/{ACCOUNT}/allow", "POST", json.dumps({"case_id": case}, separators=(",", ":")))
    assert status == 202 and said["event_id"]
    processes.wait_until(lambda: admin.case_state() == "decided", "the case to be decided")

    assert admin.ask(f"/accounts/{ACCOUNT}/erase", "POST")[0] == 202
    processes.wait_until(lambda: admin.ask(f"/accounts/{ACCOUNT}")[0] == 404, "the account to be forgotten")
    assert admin.ask("/accounts/-/erase", "POST")[0] == 400  # No account: said at once, not by a dead letter.

    audit = admin.ask("/audit")[1]["entries"]
    done = [entry for entry in audit if entry["outcome"] == "done"]
    assert [entry["subject"].split()[0] for entry in done] == ["allow", "erase"]
    assert done[0]["subject"].split()[1] == shown["account_ref"] and done[0]["credential"] == "admin_token"
    assert ACCOUNT not in (admin.daemon.folder / "state/audit.jsonl").read_text()
    admin.daemon.stop()


def test_findings_are_found_by_account_and_detector(admin):
    admin.fill()
    everything = admin.ask("/findings")[1]["findings"]
    assert {finding["detector"] for finding in everything} == {"new_device"}
    assert admin.ask(f"/findings?account={ACCOUNT}&detector=new_device&limit=1")[1]["findings"] == everything[:1]
    assert admin.ask("/findings?detector=velocity")[1]["findings"] == []
    assert admin.ask("/findings?account=nobody")[1]["findings"] == []
    assert admin.ask(f"/findings/{everything[0]['finding_id']}")[1] == everything[0]
    assert admin.ask("/findings/none")[0] == 404


def test_tap_shows_what_happens_and_nobody(admin):
    told: list[str] = []

    def listen():
        told.append(admin.call("tap", "--limit", 3, "--duration", 300, "--kinds", "event,finding,ticket", token="read.token").stdout)

    admin.ask("/tap?kinds=event")  # The first question: from here on, events are kept.
    listener = threading.Thread(target=listen)
    listener.start()
    numbers = iter(range(1000, 9000))

    def more() -> bool:
        number = next(numbers)
        device = {"id": f"device-{number}", "platform": "linux", "model": "ThinkPad-of-Ada"}
        post(admin.daemon, login(number, 25, device))
        return bool(told)

    post(admin.daemon, "\n".join([profile(), *(login(day, day, PHONE) for day in range(1, 9))]))
    processes.wait_until(more, "three lines", 75, pause=0.3)
    listener.join()
    lines = [json.loads(line) for line in told[0].splitlines()]
    assert len(lines) == 3 and {line["kind"] for line in lines} <= {"event", "finding", "ticket"}
    assert all(len(line["account"]) == 16 for line in lines)
    assert not [personal for personal in PERSONAL if personal in told[0]]


def test_who_followed_the_process_before_sees_all_of_this_one(admin):
    admin.fill()
    everything = admin.ask("/tap?kinds=finding&after=0")[1]
    assert everything["entries"] and everything["next"] > 0
    for number in (everything["next"] + 1000, 2**64 - 1):
        assert admin.ask(f"/tap?kinds=finding&after={number}")[1] == everything


def test_dead_letters_are_listed_given_back_and_set_aside(admin):
    admin.fill()
    # Years too late: it is kept as a dead letter.
    assert post(admin.daemon, login(99, 1, PHONE, year=2019))[0] == 202
    wait_until_processed(admin.daemon)
    letters = [json.loads(line) for line in admin.call("deadletters", "list", "--format", "json").stdout.splitlines()]
    assert len(letters) == 1 and letters[0]["reason"] and "bytes" in letters[0]
    assert ACCOUNT not in json.dumps(letters)
    text = admin.call("deadletters", "list").stdout
    assert letters[0]["id"] in text and letters[0]["reason"] in text
    # Who may write to the output does not write to the terminal.
    outputs = admin.daemon.folder / "out/dead-letters.jsonl"
    ours = outputs.read_bytes()
    forged = json.loads(ours) | {"topic": "\x1b]0;owned\x07\x1b[2Jx", "field": "\x1b[31m\r\u009b2J"}
    outputs.write_bytes(ours + json.dumps(forged).encode() + b"\n")
    shown = admin.call("deadletters", "list").stdout
    assert "]0;owned" in shown and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    outputs.write_bytes(ours)
    shown = json.loads(admin.call("deadletters", "show", letters[0]["id"]).stdout)
    assert shown["offset"] == letters[0]["offset"] and shown["bytes"]

    admin.call("deadletters", "replay", letters[0]["id"], code=64, token="read.token")
    assert "1 touched" in admin.call("deadletters", "replay", "--all").stderr
    wait_until_processed(admin.daemon)
    # It is as late as before: another letter, of another place; the first one is marked.
    again = [json.loads(line) for line in admin.call("deadletters", "list", "--format", "json").stdout.splitlines()]
    assert len(again) == 1 and again[0]["id"] != letters[0]["id"]
    assert "1 touched" in admin.call("deadletters", "drop", again[0]["id"]).stderr
    assert admin.call("deadletters", "list").stdout == ""
    handled = admin.call("deadletters", "list", "--all").stdout
    assert "(replayed)" in handled and "(dropped)" in handled
    admin.daemon.stop()
    admin.daemon.start()
    assert admin.call("deadletters", "list").stdout == ""  # It is remembered.
    # It is listed as well when its file was set aside.
    admin.daemon.stop()
    config = admin.daemon.config
    config.write_text(config.read_text().replace("  partitions: 1\n", "  partitions: 1\n  outputs_retention: 300s\n"))
    admin.daemon.start()
    processes.wait_until(lambda: list((admin.daemon.folder / "out").glob("dead-letters.2*.jsonl")), "its file to be set aside", 60)
    processes.wait_until(lambda: outputs.exists() and outputs.read_bytes() == b"", "another one in its place")
    assert admin.call("deadletters", "list", "--all").stdout == handled
    admin.call("deadletters", "drop", "none", code=1)
    admin.call("deadletters", "drop", code=64)


def test_top_prints_one_screen(admin):
    admin.fill()
    # What partitions do is said once a second.
    states = lambda: admin.ask("/status")[1]["partition_states"]
    processes.wait_until(lambda: states() and all(one["positions"] for one in states()), "a position")
    command = [str(admin.binary), "top", "--once", "--interval", "0.2", "--metrics", f"http://127.0.0.1:{admin.daemon.http_port}",
               "--admin", f"http://127.0.0.1:{admin.port}", "--token-file", str(admin.folder / "read.token")]
    screen = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True).stdout
    assert "serving" in screen and "new_device" in screen and "events" in screen and "\x1b" not in screen
    (partition,) = admin.ask("/status")[1]["partition_states"]
    (position,) = partition["positions"]
    assert (partition["partition"], partition["state"], partition["lag_bytes"]) == (0, "serving", 0) and position["next"] > 0
    assert re.search(r"^    0    serving    0 MiB pending      local \d+$", screen, re.M)
    assert not [personal for personal in PERSONAL if personal in screen]
    command[4] = "http://127.0.0.1:1"
    assert "Ada" not in screen


def test_a_support_bundle_holds_no_secret_and_nobody(admin):
    admin.fill()
    admin.ask(f"/accounts/{ACCOUNT}/erase", "POST")
    bundle = admin.call("support-bundle", "--config", admin.daemon.config, "--out", "-", "--metrics",
                        f"http://127.0.0.1:{admin.daemon.http_port}")
    archive = tarfile.open(fileobj=io.BytesIO(bundle.stdout.encode()))
    files = {pathlib.Path(member.name).name: archive.extractfile(member).read().decode() for member in archive.getmembers()}
    assert {"version.txt", "machine.txt", "config.yaml", "doctor.json", "metrics.txt", "status.json", "running-config.yaml",
            "logs.json", "audit.json", "erasures.json", "missing.txt"} == set(files)
    assert files["missing.txt"] == "" and "tocsin_events_total" in files["metrics.txt"]
    assert json.loads(files["doctor.json"])["checks"] and json.loads(files["status.json"])["ready"]
    assert "admin_token: null" in files["config.yaml"] and "phone: " in files["running-config.yaml"]
    assert "account.erase" in files["audit.json"] or "erase" in files["audit.json"]
    everything = "\n".join(files.values())
    for hidden in (TOKEN, READ_TOKEN, *PERSONAL):
        assert hidden not in everything, hidden


def test_the_log_holds_nobody(admin):
    admin.fill()
    post(admin.daemon, login(99, 1, PHONE, year=2019))
    wait_until_processed(admin.daemon)
    admin.ask(f"/accounts/{ACCOUNT}/erase", "POST")
    admin.daemon.stop()
    said = admin.daemon.log.read_text()
    for line in said.splitlines():
        entry = json.loads(line)
        assert {"ts", "level", "code", "msg"} <= set(entry), line
    for hidden in (TOKEN, READ_TOKEN, *PERSONAL):
        assert hidden not in said, hidden


def test_completion_and_manual_know_every_command(tocsin_binary, tmp_path):
    def generate(*arguments: str) -> str:
        return subprocess.run([str(tocsin_binary), "generate", *arguments], capture_output=True, text=True, check=True).stdout

    script = tmp_path / "tocsin.bash"
    script.write_text(generate("completion", "bash"))

    def complete(line: str) -> list[str]:
        words = " ".join(f"'{word}'" for word in line.split(" "))
        code = f"source {script}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _tocsin; echo \"${{COMPREPLY[@]}}\""
        return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split()

    assert {"run", "doctor", "deadletters", "support-bundle"} <= set(complete("tocsin "))
    assert complete("tocsin dead") == ["deadletters"]
    assert {"list", "show", "replay", "drop"} <= set(complete("tocsin deadletters "))
    assert "--limit" in complete("tocsin deadletters list --li")
    assert complete("tocsin doctor --format ") == ["text", "json"]
    (tmp_path / "mine.yaml").write_text("")
    assert complete("tocsin run --config mi") == ["mine.yaml"]
    assert "#compdef tocsin" in generate("completion", "zsh") and "complete -c tocsin" in generate("completion", "fish")

    page = generate("man")
    (tmp_path / "tocsin.1").write_text(page)
    helped = subprocess.run([str(tocsin_binary), "--help"], capture_output=True, text=True, check=True).stdout
    commands = [line.split()[0] for line in helped.split("Subcommands:")[1].splitlines() if line.startswith("  ")]
    assert len(commands) >= 14
    for command in commands:
        name = command.replace("-", "\\-")
        assert f".SS tocsin {name}" in page, command
    # What the codes of its end mean is in both, and the examples can be typed.
    for code in (0, 1, 64, 69, 78):
        assert re.search(rf"^ {code}  [A-Z]", helped.partition("Exit codes:")[2], re.M), code
        assert f"\n.B {code}\n" in page.partition(".SH EXIT STATUS\n")[2], code
    sections = re.findall(r"^\.SH (.*)$", page, re.M)
    assert sections.index("EXAMPLES") + 1 == sections.index("FILES") == sections.index("EXIT STATUS") - 1
    examples = re.findall(r"^\.B (tocsin .*)$", page.partition(".SH EXAMPLES\n")[2].partition(".SH FILES\n")[0], re.M)
    assert len(examples) >= 5
    for example in examples:
        words = example.replace("\\-", "-").partition(" >")[0].split()[1:]
        at = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
        known = subprocess.run([str(tocsin_binary), *words[:at], "--help"], capture_output=True, text=True, check=True).stdout
        assert [word for word in words if word.startswith("--") and f"  {word} " not in known] == [], example


def test_the_configuration_reference_is_that_of_the_program(tocsin_binary):
    made = subprocess.run([str(tocsin_binary), "generate", "reference"], capture_output=True, text=True, check=True).stdout
    page = pathlib.Path(__file__).resolve().parents[2] / "docs/configuration.md"
    assert page.read_text() == made, "write it anew: tocsin generate reference >docs/configuration.md"


def test_an_editor_finds_the_schema_beside_the_file(tocsin_binary, tmp_path):
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs/configuration.md").read_text()
    commands = re.search(r"^\*\*In an editor\.\*\*.*?^```sh\n(.*?)^```", page, re.M | re.S)[1]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/tocsin").symlink_to(tocsin_binary)
    path = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
    subprocess.run(["bash", "-ec", commands], cwd=tmp_path, env=os.environ | path, check=True)
    text = (tmp_path / "tocsin.yaml").read_text()
    line, named = re.match(r"(# yaml-language-server: \$schema=(\S+))\n", text).groups()  # Editors look at the first line.
    assert f"`{line}`" in page
    editor = jsonschema.Draft7Validator(json.loads((tmp_path / named).read_text()))
    assert editor.is_valid(yaml.safe_load(text)) and not editor.is_valid({"kafak": {}})
