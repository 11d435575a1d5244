"""findings.format: ocsf, in the real program: what is put out is what our closed schema says; who asks hears what he did before."""

import http.client
import json
import pathlib
import subprocess

import jsonschema
import pytest
from support import processes
from support.embedded import CONFIG, post, wait_until_processed

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 900
TOKEN = "the-token-that-may-change-things"
OCSF = "findings: {format: ocsf}\n"
ADMIN = "  admin_listen: 127.0.0.1:{admin_port}\n  admin_token: {file: {folder}/../admin.token}\n"


@pytest.fixture(scope="module", name="tocsin")
def program(tocsin_binary):
    """tocsin(*arguments) -> what it prints."""

    def call(*arguments) -> str:
        run = subprocess.run([str(tocsin_binary), *map(str, arguments)], capture_output=True, text=True, timeout=TIMEOUT_SECONDS,
                             check=False)
        assert run.returncode == 0, f"{arguments}: exit {run.returncode}\n{run.stderr}"
        return run.stdout

    return call


@pytest.fixture(scope="module", name="check")
def schema_of_the_program(tocsin):
    """Asserts that a record is what `tocsin generate schema ocsf_finding` says."""
    validator = jsonschema.Draft7Validator(json.loads(tocsin("generate", "schema", "ocsf_finding")))

    def check(record: dict) -> None:
        assert not [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(record)], record

    return check


def lines(path: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_replay_puts_out_the_same_findings_as_ocsf(tocsin, tocsin_binary, check, tmp_path):
    data = tocsin_binary.parent / "test-data"
    databases = ["--geoip-city", data / "city.mmdb", "--geoip-asn", data / "asn.mmdb",
                 "--geoip-anonymous", data / "anonymous-ip.mmdb"]
    (tmp_path / "ocsf.yaml").write_text(OCSF)
    (tmp_path / "own.yaml").write_text("findings: {format: tocsin}\n")
    events = tmp_path / "events.jsonl"
    tocsin("generate", "traffic", "--accounts", 150, "--days", 21, "--seed", 5, "--out", events)
    for form in ("own", "ocsf"):
        tocsin("replay", "--events", events, *databases, "--config", tmp_path / f"{form}.yaml", "--findings",
               tmp_path / f"{form}.jsonl", "--tickets", tmp_path / f"{form}-tickets.jsonl")
    assert (tmp_path / "own-tickets.jsonl").read_bytes() == (tmp_path / "ocsf-tickets.jsonl").read_bytes()
    own, ocsf = lines(tmp_path / "own.jsonl"), lines(tmp_path / "ocsf.jsonl")
    assert len(own) == len(ocsf) > 20
    for finding, record in zip(own, ocsf):
        check(record)
        assert record["finding_info"]["uid"] == finding["finding_id"]
        assert record["evidences"][0]["data"] == finding["evidence"]
        assert [event["uid"] for event in record["finding_info"]["related_events"]] == finding["cause"]
    assert len({record["metadata"]["uid"] for record in ocsf}) == len(ocsf)
    assert any("src_endpoint" in record["evidences"][0] for record in ocsf)
    # The form is nothing that a comparison of two configurations sees.
    compared = tocsin("replay", "--events", events, *databases, "--config", tmp_path / "ocsf.yaml",
                      "--against", tmp_path / "own.yaml", "--format", "json")
    assert json.loads(compared)["changes"] == []


def test_who_asks_the_daemon_hears_of_findings_as_before(tocsin, make_daemon, check, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    daemon = make_daemon(CONFIG + ADMIN.replace("{admin_port}", str(port)) + OCSF).start()

    def login(day: int, device: dict) -> str:
        return json.dumps({"type": "login", "source": "test", "event_id": f"e{day}", "account_id": "acct-17", "outcome": "success",
                           "occurred_at": f"2026-01-{day:02d}T08:00:00Z", "ip": "139.12.16.10", "device": device})

    def ask(path: str) -> dict:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/admin/v1" + path, headers={"Authorization": f"Bearer {TOKEN}"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    events = [login(day, {"id": "phone-1", "platform": "ios"}) for day in range(1, 9)]
    events.append(login(20, {"id": "laptop-9", "platform": "linux"}))
    assert post(daemon, "\n".join(events))[0] == 202
    wait_until_processed(daemon)
    processes.wait_until(lambda: ask("/findings")["findings"], "the finding")

    written = lines(daemon.folder / "out" / "findings.jsonl")
    for record in written:
        check(record)
    shown = ask("/findings?detector=new_device")["findings"]
    own = jsonschema.Draft7Validator(json.loads(tocsin("generate", "schema", "finding")))
    assert len(shown) == 1 and own.is_valid(shown[0]) and "class_uid" not in shown[0]
    record = next(record for record in written if record["finding_info"]["uid"] == shown[0]["finding_id"])
    assert record["observables"][-1] == {"name": "evidences[0].device.uid", "type_id": 47, "value": "laptop-9"}
    assert ask("/findings/" + shown[0]["finding_id"]) == shown[0]
    assert ask("/cases")["cases"][0]["detector"]
    told = [entry for entry in ask("/tap?after=0")["entries"] if entry["kind"] == "finding"]
    assert told and all(entry["detector"] and "acct-17" not in json.dumps(entry) for entry in told)
    assert "New device" in tocsin("explain", shown[0]["finding_id"], "--state", daemon.folder / "state")

    (tmp_path / "finding.json").write_text(json.dumps(record))
    of_ocsf = tocsin("render", "--finding", tmp_path / "finding.json")
    (tmp_path / "finding.json").write_text(json.dumps(shown[0]))
    assert tocsin("render", "--finding", tmp_path / "finding.json") == of_ocsf
    daemon.stop()
