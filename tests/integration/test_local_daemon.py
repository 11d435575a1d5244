"""The whole program in embedded mode: events by HTTP, outputs in files, and what a crash, a signal or hostile input
must not do to them."""

import contextlib
import http.client
import json
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time
import zlib

import pytest
from support import processes, takeovers
from support.embedded import (
    CONFIG,
    KINDS,
    NDJSON,
    assert_same_outputs,
    comparable,
    events_port,
    post,
    replay,
    wait_until_processed,
)


@pytest.fixture(scope="module")
def story() -> list[str]:
    return takeovers.events(accounts=24)


@pytest.fixture(scope="module")
def expected(tocsin_binary, tmp_path_factory, story) -> pathlib.Path:
    """What `tocsin replay` makes of the story: the reference for everything else."""
    folder = tmp_path_factory.mktemp("replay")
    ran = replay(tocsin_binary, folder, "\n".join(story).encode())
    assert ran.returncode == 0, ran.stderr
    for kind in KINDS[:4]:
        assert (folder / "out" / f"{kind}.jsonl").stat().st_size > 0, f"the story gives no {kind}"
    assert (folder / "out" / "dead-letters.jsonl").stat().st_size == 0
    return folder / "out"


def test_events_by_http_give_what_a_replay_gives(make_daemon, story, expected):
    daemon = make_daemon(CONFIG).start()
    for begin in range(0, len(story), 50):
        batch = story[begin : begin + 50]
        assert post(daemon, "\n".join(batch)) == (202, {"accepted": len(batch)})
    wait_until_processed(daemon)
    daemon.stop()
    assert_same_outputs(expected, daemon.folder / "out")


def test_replay_twice_gives_the_same_bytes(tocsin_binary, tmp_path, story, expected):
    ran = replay(tocsin_binary, tmp_path, "\r\n".join(story).encode())
    assert ran.returncode == 0, ran.stderr
    for kind in KINDS:
        name = f"{kind}.jsonl"
        assert (tmp_path / "out" / name).read_bytes() == (expected / name).read_bytes()


def test_a_replay_goes_on_from_the_state_of_another(tocsin_binary, tmp_path, story, expected):
    half = len(story) // 2
    for part, events in (("first", story[:half]), ("second", story[half:])):
        ran = replay(tocsin_binary, tmp_path / part, "\n".join(events).encode(), "--state", str(tmp_path / "state"))
        assert ran.returncode == 0, ran.stderr
    for kind in KINDS[:4]:
        name = f"{kind}.jsonl"
        both = comparable(tmp_path / "first/out" / name) + comparable(tmp_path / "second/out" / name)
        assert sorted(both) == comparable(expected / name)


def test_a_killed_daemon_loses_nothing_and_repeats_nothing(make_daemon, story, expected):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # Shown when the test fails.
    chance = random.Random(seed)
    daemon = make_daemon(CONFIG).start()
    kills = 5
    at = 0
    deadline = time.monotonic() + 60 * processes.PATIENCE
    killer = None
    while at < len(story):
        assert time.monotonic() < deadline
        due = kills > 0 and at >= len(story) * (6 - kills) // 7
        if due and killer is not None:
            killer.join()  # A fast machine must not be done before the last kill.
        if due and killer is None:
            kills -= 1
            killer = threading.Timer(chance.uniform(0, 0.05), daemon.process.kill)
            killer.start()
        batch = story[at : at + chance.randrange(1, 20)]
        try:
            status, answer = post(daemon, "\n".join(batch))
            assert status == 202, answer
            at += len(batch)
        except (OSError, http.client.HTTPException):  # Not acknowledged: the same events again.
            assert killer is not None, daemon.log_tail()
            killer.join()
            killer = None
            daemon.process.wait()
            daemon.start()
    if killer is not None:
        killer.join()
        daemon.process.wait()
        daemon.start()
    assert kills == 0
    wait_until_processed(daemon)
    daemon.stop()
    assert_same_outputs(expected, daemon.folder / "out")


def test_a_clean_restart_goes_on(make_daemon, story, expected):
    daemon = make_daemon(CONFIG).start()
    half = len(story) // 2
    assert post(daemon, "\n".join(story[:half]))[0] == 202
    daemon.stop()  # Not waited for: what is accepted is processed now or after the restart.
    daemon.start()
    assert post(daemon, "\n".join(story[half - 40 :]))[0] == 202  # Some of them again.
    wait_until_processed(daemon)
    daemon.stop()
    assert_same_outputs(expected, daemon.folder / "out")


def test_a_reload_takes_good_rules_and_refuses_bad_ones(make_daemon, story):
    daemon = make_daemon(CONFIG).start()

    def rules() -> str:
        return re.search(r'tocsin_config_info\{[^}]*rules="([^"]*)"', daemon.get("/metrics")[1]).group(1)

    def said(code: str) -> int:
        return daemon.log.read_text(errors="replace").count(f'"{code}"')

    def reload(config: str, code: str) -> None:
        before = said(code)
        daemon.config.write_text(config)
        daemon.process.send_signal(signal.SIGHUP)
        processes.wait_until(lambda: said(code) > before, f"{code} in the log")

    good = daemon.config.read_text()
    first = rules()
    reload(good + "risk:\n  no_such_key: 1\n", "config_refused")
    assert rules() == first and daemon.metric("tocsin_config_last_reload_successful") == 0
    reload(good + "{", "config_refused")
    assert rules() == first
    reload(good + "detectors:\n  password_guessing:\n    enabled: false\n", "config_reloaded")
    assert rules() != first and daemon.metric("tocsin_config_last_reload_successful") == 1
    assert post(daemon, "\n".join(story))[0] == 202
    wait_until_processed(daemon)
    daemon.stop()
    findings = (daemon.folder / "out/findings.jsonl").read_text()
    assert '"detector":"new_device"' in findings
    assert '"detector":"password_guessing"' not in findings


GOOD = '{"type":"login","event_id":"%s","account_id":"good","occurred_at":"2026-03-01T08:00:00Z","outcome":"success"}'
HOSTILE = {
    "a brace": b"{",
    "nothing known": b"\x00\x01\x02",
    "a megabyte of text": b'{"type":"login","event_id":"' + b"a" * 1_000_000 + b'"}',
    "deep": b"[" * 50_000,
    "deep in an event": GOOD.replace("}", ',"x":').encode() % b"d" + b'{"y":' * 5_000 + b"1" + b"}" * 5_001,
    "not a number": GOOD.replace("}", ',"balance_after":NaN}').replace("login", "transaction").encode() % b"n",
    "an endless amount": b'{"type":"transaction","event_id":"e","account_id":"a","occurred_at":"2026-03-01T08:00:00Z",'
    b'"transaction_id":"t","kind":"payment","status":"completed","amount":1e999,"currency":"EUR"}',
    "year 10000": GOOD.replace("2026-03-01", "10000-03-01").encode() % b"y",
    "an empty account": GOOD.replace('"good"', '""').encode() % b"i",
    "an unknown account": GOOD.replace('"good"', '"null"').encode() % b"u",
    "an empty event id": GOOD.encode() % b"",
    "not UTF-8": GOOD.encode() % b"\xff\xfe\xc0\x80",
    "half a surrogate": GOOD.encode() % b"\\ud800",
    "a member twice": GOOD.replace("}", ',"outcome":"failure"}').encode() % b"t",
    "an address of a kind": GOOD.replace("}", ',"ip":"::ffff:999.1.1.1"}').encode() % b"m",
    "a number alone": b"17",
    "a text alone": b'"' + b"\\" * 2001,
}


def test_hostile_input_by_http_is_refused_and_costs_no_good_event(make_daemon):
    daemon = make_daemon(CONFIG).start()
    of_the_client = "an address of a kind"  # It hides no event, and is a dead letter later.
    for i, (what, line) in enumerate(HOSTILE.items()):
        if what == of_the_client:
            continue
        alone, answer = post(daemon, line, "application/json")
        assert alone == 400, (what, answer)
        status, answer = post(daemon, GOOD.encode() % b"x%d" % i + b"\n" + line + b"\n")
        assert status == 400 and answer["accepted"] == 0, (what, answer)
        assert [error["index"] for error in answer["errors"]] == [1], (what, answer)
        assert post(daemon, GOOD % f"good-{i}") == (202, {"accepted": 1})
    for body, content_type, status in (
        (b"", NDJSON, 400),
        (b"\n\n \r\n", NDJSON, 400),
        (b"[", "application/cloudevents-batch+json", 400),
        (b"[]", "application/cloudevents-batch+json", 400),
        (b"[{]", "application/cloudevents-batch+json", 400),
        (b"{}", "text/plain", 415),
        (b"x" * (9 << 20), NDJSON, 413),
    ):
        assert post(daemon, body, content_type)[0] == status, (body[:20], content_type)
    mapped = GOOD.replace("}", ',"ip":"::ffff:192.0.2.7"}') % "mapped"
    assert post(daemon, mapped, "Application/JSON; charset=utf-8") == (202, {"accepted": 1})
    assert post(daemon, HOSTILE[of_the_client]) == (202, {"accepted": 1})
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_records_total") == daemon.metric("tocsin_events_total") == len(HOSTILE) + 1
    assert daemon.metric("tocsin_dead_letters_total") == 1
    daemon.stop()


def test_hostile_input_of_a_replay_is_a_dead_letter_each(tocsin_binary, tmp_path, story):
    lines: list[bytes] = []
    hostile = list(HOSTILE.values())
    for i, line in enumerate(story):
        lines.append(line.encode())
        if i < len(hostile):
            lines.append(hostile[i])
    with_hostile = replay(tocsin_binary, tmp_path / "a", b"\n".join(lines))
    without = replay(tocsin_binary, tmp_path / "b", "\n".join(story).encode())
    assert (with_hostile.returncode, without.returncode) == (0, 0), with_hostile.stderr
    letters = [json.loads(line) for line in (tmp_path / "a/out/dead-letters.jsonl").read_text().splitlines()]
    assert len(letters) == len(hostile)
    assert all(letter["reason"] for letter in letters)
    for kind in KINDS[:4]:
        name = f"{kind}.jsonl"
        assert (tmp_path / "a/out" / name).read_bytes() == (tmp_path / "b/out" / name).read_bytes()


def test_cloud_events_by_http(make_daemon):
    daemon = make_daemon(CONFIG).start()
    data = {"account_id": "good", "outcome": "success"}
    cloud = {"specversion": "1.0", "type": "tocsin.login.v1", "source": "shop", "time": "2026-03-01T08:00:00Z"}
    one = json.dumps(cloud | {"id": "one", "data": data})
    two = json.dumps(cloud | {"id": "two", "data": data})
    assert post(daemon, one, "application/cloudevents+json") == (202, {"accepted": 1})
    assert post(daemon, f"[{one},\n {two}]", "application/cloudevents-batch+json") == (202, {"accepted": 2})
    binary = {f"ce_{name}": value for name, value in (cloud | {"id": "three"}).items()}
    assert post(daemon, json.dumps(data), "application/json", **binary) == (202, {"accepted": 1})
    status, answer = post(daemon, f"[{one},{{}}]", "application/cloudevents-batch+json")
    assert status == 400 and [error["index"] for error in answer["errors"]] == [1]
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_dead_letters_total") == 0
    assert daemon.metric("tocsin_duplicate_events_total") == 1
    daemon.stop()


def test_a_token_is_asked_for(make_daemon):
    daemon = make_daemon(CONFIG + "  events_token: {file: token}\n")
    (daemon.folder / "token").write_text("s3cret-of-the-test\n")
    daemon.start()
    assert post(daemon, GOOD % "one")[0] == 401
    assert post(daemon, GOOD % "one", Authorization="Bearer s3cret-of-the-tesT")[0] == 401
    assert post(daemon, GOOD % "one", Authorization="Bearer s3cret-of-the-test") == (202, {"accepted": 1})
    assert daemon.get("/nowhere")[0] == 404

    def counted(route: str, status: str) -> float:
        return daemon.metric("tocsin_http_requests_total", route=route, status=status)

    processes.wait_until(lambda: [counted("ingest", "4xx"), counted("ingest", "2xx"), counted("other", "4xx")] == [2, 1, 1],
                         "every answer to be counted")
    assert counted("metrics", "2xx") > 0
    daemon.stop()
    assert "s3cret" not in daemon.log.read_text()


def test_a_body_may_be_compressed_and_may_not_burst(make_daemon):
    daemon = make_daemon(CONFIG).start()

    def zipped(parts) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return b"".join(packer.compress(part) for part in parts) + packer.flush()

    one = (GOOD % "zipped").encode()
    assert post(daemon, zipped([one]), Content_Encoding="gzip") == (202, {"accepted": 1})
    # 600 MB of blanks in 600 kB, and a body that never says how long it is.
    # It may hang up in the middle of the body, with its answer lost.
    with contextlib.suppress(OSError):
        assert post(daemon, zipped([b" " * (1 << 20)] * 600), Content_Encoding="gzip")[0] == 413
    connection = http.client.HTTPConnection("127.0.0.1", events_port(daemon), timeout=60)
    with contextlib.suppress(OSError):
        chunks = (b" " * (1 << 20) for _ in range(100))
        connection.request("POST", "/v1/events", chunks, {"Content-Type": NDJSON}, encode_chunked=True)
        assert connection.getresponse().status == 413
    connection.close()
    form = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + one + b"\r\n--x--\r\n"
    assert post(daemon, form, "multipart/form-data; boundary=x")[0] == 415
    status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
    assert int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) < 700 << 10, "kB at most, sanitizers included"
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_records_total") == 1
    daemon.stop()


def run(binary: pathlib.Path, *arguments: str, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess:
    return subprocess.run([str(binary), *arguments], capture_output=True, text=True, timeout=240, check=False, cwd=cwd)


def test_two_daemons_do_not_share_a_state_directory(make_daemon, tocsin_binary, tmp_path):
    daemon = make_daemon(CONFIG).start()
    second = tmp_path / "second.yaml"
    text = daemon.config.read_text().replace(f":{daemon.http_port}", ":0")
    second.write_text(text)
    ran = run(tocsin_binary, "run", "--config", str(second))
    assert ran.returncode == 69 and "another process holds this state directory" in ran.stderr, ran.stderr
    assert daemon.get("/readyz")[0] == 200
    second.write_text(text.replace("/state", "/other-state").replace("/out", "/other-out").replace(
        "127.0.0.1:0", f"127.0.0.1:{daemon.http_port}", 1))
    ran = run(tocsin_binary, "run", "--config", str(second))
    assert ran.returncode == 69 and "cannot be listened on" in ran.stderr, ran.stderr
    daemon.stop()
    # Another number of partitions would part accounts from their states.
    daemon.config.write_text(daemon.config.read_text().replace("partitions: 1", "partitions: 2"))
    ran = run(tocsin_binary, "run", "--config", str(daemon.config))
    assert ran.returncode == 78 and "local.partitions" in ran.stderr, ran.stderr


def test_exit_codes(tocsin_binary, tmp_path):
    config = tmp_path / "tocsin.yaml"
    config.write_text("detectors:\n  impossible_travel:\n    speed_kmh_max: 9\nlgo: local\n")
    checked = run(tocsin_binary, "check", "--config", str(config))
    assert checked.returncode == 78
    assert f"{config}:3:20: error: detectors.impossible_travel.speed_kmh_max: below 100" in checked.stderr
    assert f"{config}:4:1: error: lgo:" in checked.stderr and "did you mean log?" in checked.stderr
    config.write_text("")
    assert run(tocsin_binary, "check", "--config", str(config)).returncode == 0
    assert run(tocsin_binary, "check", "--strict", "--config", str(config)).returncode == 1
    config.write_text("geoip:\n  city: [broken.mmdb]\n")
    (tmp_path / "broken.mmdb").write_bytes(b"\xab\xcd\xefMaxMind.com\xe1")
    assert run(tocsin_binary, "check", "--config", str(config)).returncode == 78
    assert run(tocsin_binary, "run", "--config", str(config), cwd=tmp_path).returncode == 78
    # Each file in its place, beside other errors.
    config.write_text("geoip:\n  city: [broken.mmdb, a.mmdb]\n  asn: b.csv\n  lists: {vpn: [c.txt]}\nlgo: local\n")
    checked = run(tocsin_binary, "check", "--config", str(config))
    assert checked.returncode == 78
    places = [":2:10: error: geoip.city[0]: ", ":2:23: error: geoip.city[1]: ", ":3:8: error: geoip.asn[0]: "]
    for place in [*places, ":4:17: error: geoip.lists.vpn[0]: ", ":5:1: error: lgo: "]:
        assert f"{config}{place}" in checked.stderr, checked.stderr
    # What run refuses, check refuses.
    config.write_text("http: {events_listen: '0.0.0.0:0'}\n")
    for command in ("check", "run"):
        ran = run(tocsin_binary, command, "--config", str(config), cwd=tmp_path)
        assert ran.returncode == 78 and ":1:1: " in ran.stderr and "http.events_token: must be given" in ran.stderr, ran.stderr
    # Outputs are never written over what is read, by whatever name.
    events = tmp_path / "events.jsonl"
    events.write_text('{"type":"login"}\n')
    (tmp_path / "link.jsonl").symlink_to(events)
    for output in (events, tmp_path / "link.jsonl"):
        ran = run(tocsin_binary, "replay", "--events", str(events), "--dead-letters", str(output))
        assert ran.returncode == 64 and "is the file of events" in ran.stderr, ran.stderr
        assert events.read_text() == '{"type":"login"}\n'
    (tmp_path / "ca.pem").write_text("no certificate")
    config.write_text("log: kafka\nkafka:\n  security: {tls: true, ca: ca.pem}\n")
    checked = run(tocsin_binary, "check", "--config", str(config))
    assert checked.returncode == 78 and ":3:3: error: kafka.security: " in checked.stderr, checked.stderr
    for config_path in (str(tmp_path), str(tmp_path / "none.yaml")):  # A directory; nothing.
        for command in (["check"], ["run"], ["replay", "--events", "/dev/null"]):
            assert run(tocsin_binary, *command, "--config", config_path, cwd=tmp_path).returncode == 78, (command, config_path)
    for usage in (
        [],
        ["no-such-command"],
        ["run", "--no-such-option"],
        ["replay"],
        ["replay", "--events", str(tmp_path / "none.jsonl")],
        ["detectors"],
        ["detectors", "show", "no_such_detector"],
        ["generate", "schema", "no-such-schema"],
    ):
        ran = run(tocsin_binary, *usage, cwd=tmp_path)
        assert ran.returncode == 64 and ran.stdout == "" and ran.stderr, (usage, ran)
    unwritable = run(tocsin_binary, "replay", "--events", "/dev/null", "--findings", str(tmp_path / "none/findings.jsonl"))
    assert unwritable.returncode == 69
    assert run(tocsin_binary, "replay", "--events", str(tmp_path)).returncode == 69
    assert not list(tmp_path.glob("tocsin-state")), "a refused start leaves nothing behind"


def test_a_daemon_that_is_not_there_is_said_with_what_to_look_at(tocsin_binary):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        for command, setting in (
            (["status", "--admin", url], "admin_listen"),
            (["account", "show", "a", "--admin", url], "admin_listen"),
            (["top", "--once", "--metrics", url], "metrics_listen"),
            (["account", "allow", "a", "--finding", "f", "--url", url], "events_listen"),
        ):
            ran = run(tocsin_binary, *command)
            assert ran.returncode == 69, ran
            assert f"{url}: nobody listens there: is the daemon running, with http.{setting} at this address?" in ran.stderr, ran


@pytest.mark.parametrize(
    "command",
    [
        ["--version"],
        ["generate", "config"],
        ["generate", "schema", "login"],
        ["generate", "traffic", "--accounts", "2", "--days", "1"],
        ["detectors", "list"],
        ["detectors", "list", "--format", "json"],
        ["detectors", "show", "velocity"],
        ["explain", "--events", "events.jsonl", "--format", "json", "e-1"],
        ["render", "--template", "takeover", "--format", "html"],
    ],
    ids=" ".join,
)
def test_output_that_cannot_be_written_is_said(tocsin_binary, tmp_path, command):
    event = {"type": "login", "event_id": "e-1", "account_id": "a-1", "occurred_at": "2026-03-01T00:00:00Z", "outcome": "success"}
    (tmp_path / "events.jsonl").write_text(json.dumps(event) + "\n")
    with open("/dev/full", "w") as full:
        ran = subprocess.run([str(tocsin_binary), *command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == 69 and "is the disk full" in ran.stderr, ran


def test_every_subcommand_has_help_and_the_catalogue_is_whole(tocsin_binary, tmp_path):
    top = run(tocsin_binary, "--help")
    assert top.returncode == 0
    names = re.findall(r"^  ([a-z]+)  ", top.stdout.split("ubcommands:", 1)[1], re.MULTILINE)
    assert {"run", "check", "replay", "generate", "detectors"} <= set(names)
    for command in [[name] for name in names] + [["generate", "config"], ["generate", "schema"], ["detectors", "list"]]:
        ran = run(tocsin_binary, *command, "--help")
        assert ran.returncode == 0 and "--help" in ran.stdout, command
    assert re.fullmatch(r"tocsin \d+\.\d+\.\d+", run(tocsin_binary, "--version").stdout.strip())

    config = tmp_path / "default.yaml"
    config.write_text(run(tocsin_binary, "generate", "config").stdout)
    assert run(tocsin_binary, "check", "--config", str(config)).returncode == 0
    schemas = run(tocsin_binary, "generate", "schema").stdout.split()
    assert {"config", "login", "transaction", "finding", "notice", "ticket"} <= set(schemas)
    for name in schemas:
        assert "$schema" in json.loads(run(tocsin_binary, "generate", "schema", name).stdout), name
    catalogue = json.loads(run(tocsin_binary, "detectors", "list", "--format", "json").stdout)
    assert len(catalogue) >= 12
    for detector in catalogue:
        page = run(tocsin_binary, "detectors", "show", detector["id"])
        assert page.returncode == 0 and "Method" in page.stdout and "enabled" in page.stdout, detector["id"]
