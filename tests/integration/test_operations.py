"""docs/operations.md, done: what the chart deploys is connected to a Kafka with TLS and SCRAM, its threshold is changed while it
runs, it is upgraded and rolled back without losing what it knows. (Dashboards, and what breaks: test_monitoring.py.)"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest
import yaml
from support import processes, secure_kafka
from support.daemon import Daemon
from support.kafka_client import Record, consume, produce
from support.operations_page import PAGE, STEPS, values_connected
from support.operator_tools import tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm/tocsin"
BERLIN, NEW_YORK = "139.12.16.10", "71.240.32.10"  # Of the test databases.
TOPICS = ("logins", "transactions", "account-changes", "account-profiles", "account-feedback")


@pytest.fixture(scope="module")
def kafka():
    with secure_kafka.SecureKafka() as cluster:
        cluster.add_scram_user()
        for topic in TOPICS:
            cluster.create_topic(topic, partitions=2)
        yield cluster


def deployed(*arguments: str) -> str:
    """The configuration that the chart gives the program, with the page's values.yaml once it is connected."""
    values = yaml.safe_dump(values_connected())
    command = [str(tools() / "helm"), "template", "alarm", str(CHART), "--kube-version", "1.31", "-f", "-", *arguments]
    done = subprocess.run(command, input=values, capture_output=True, text=True, check=True)
    (config,) = [one for one in yaml.safe_load_all(done.stdout) if one and one["kind"] == "ConfigMap"]
    return config["data"]["tocsin.yaml"]


@pytest.fixture(scope="module")
def daemon(kafka, tocsin_binary, tmp_path_factory):
    """As the page connects it: only where brokers, secrets and folders are is this machine's, and nobody asks as admin."""
    folder = tmp_path_factory.mktemp("deployed")
    config = yaml.safe_load(deployed())
    secrets = folder / "secrets"
    (secrets / "kafka").mkdir(parents=True)
    (secrets / "kafka/password").write_text(secure_kafka.PASSWORD)
    (secrets / "kafka-ca").mkdir()
    shutil.copy(kafka.ca, secrets / "kafka-ca/ca.crt")
    port = processes.free_port()
    config["kafka"] |= {"brokers": kafka.password_bootstrap, "replication": 1, "properties": {"session.timeout.ms": 6000}}
    config["kafka"]["instance"] = "alarm-tocsin-0"
    del config["http"]["admin_token"], config["http"]["admin_read_token"]
    config["http"]["metrics_listen"] = f"127.0.0.1:{port}"
    config["state_dir"] = str(folder / "state")
    config.setdefault("engine", {})["workers"] = 1
    data = next(path for path in (tocsin_binary.parent / "test-data", ROOT / "build/dev/test-data") if path.is_dir())
    config["geoip"] = {"city": [str(data / "city.mmdb")], "asn": [str(data / "asn.mmdb")]}
    text = yaml.safe_dump(config).replace("/etc/tocsin/secrets", str(secrets))
    made = Daemon(tocsin_binary, folder / "daemon", text, port)
    yield made
    made.close()


def login(number: int, account: str, device: str, day: int, time: str = "08:00", ip: str = BERLIN) -> Record:
    event = {"type": "login", "event_id": f"{account}-{number}", "account_id": account, "occurred_at": f"2026-03-{day:02}T{time}:00Z",
             "outcome": "success", "ip": ip, "device": {"id": device, "platform": "windows"}}
    return Record("logins", json.dumps(event).encode(), account.encode())


def settle(kafka, daemon, account: str) -> None:
    """The account signs in from one device on ten days."""
    send(kafka, daemon, [login(day, account, f"device-of-{account}", day) for day in range(1, 11)])


def send(kafka, daemon, records: list[Record]) -> None:
    before = daemon.metric("tocsin_records_total")
    produce(kafka.bootstrap, records)
    processes.wait_until(lambda: daemon.metric("tocsin_records_total") >= before + len(records), "the events", 60)


def findings(kafka, account: str, detector: str = "new_device") -> list[dict]:
    found = [json.loads(record.value) for record in consume(kafka.bootstrap, "tocsin.findings")]
    return [one for one in found if one["account_id"] == account and one["detector"] == detector]


def flies(kafka, daemon, account: str) -> None:
    """Berlin to New York, 6,345 km and the radii of both, in 6 h 40 min (5 min are allowed for): 940 km/h, with another device."""
    settle(kafka, daemon, account)
    send(kafka, daemon, [login(11, account, "another", 11, "08:00"), login(12, account, "another", 11, "14:40", NEW_YORK)])
    processes.wait_until(lambda: findings(kafka, account, "new_country"), "a finding of the second", 60)


def changes(daemon, text: str) -> None:
    before = rules_in_use(daemon)
    daemon.config.write_text(text)
    os.kill(daemon.process.pid, signal.SIGHUP)
    processes.wait_until(lambda: rules_in_use(daemon) != before, "the new rules", 60)


def rules_in_use(daemon) -> str:
    return re.search(r'tocsin_config_info\{rules="([^"]*)"', daemon.get("/metrics")[1])[1]


def test_it_connects_with_tls_and_a_password(kafka, daemon, tocsin_binary):
    checked = subprocess.run([tocsin_binary, "check", "--config", daemon.config], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    daemon.start(timeout=120)
    processes.wait_until(lambda: daemon.metric("tocsin_kafka_brokers_connected", client="consumer") > 0, "a connection that is counted", 60)
    assert daemon.metric("tocsin_ready") == 1
    settle(kafka, daemon, "anna")
    send(kafka, daemon, [login(11, "anna", "another", 11)])
    processes.wait_until(lambda: findings(kafka, "anna"), "a finding", 60)


def test_a_threshold_is_changed_while_it_runs(kafka, daemon):
    before, started = rules_in_use(daemon), daemon.metric("process_start_time_seconds")
    text = daemon.config.read_text()
    (said,) = [block for language, block in STEPS if language == "yaml" and "detectors:" in block]
    faster = yaml.safe_load(said)["config"]["detectors"]
    assert faster == {"impossible_travel": {"speed_kmh_max": 1000}}  # As shipped: 900.
    flies(kafka, daemon, "bert")
    assert len(findings(kafka, "bert", "impossible_travel")) == 1
    changes(daemon, text + yaml.safe_dump({"detectors": faster}))
    flies(kafka, daemon, "cleo")  # Taken over between two batches: after those at home at the latest.
    assert findings(kafka, "cleo", "impossible_travel") == []
    assert findings(kafka, "cleo")[0]["versions"]["config"] == rules_in_use(daemon)
    # The old file brings the old rules back, by their hash, and what they found.
    changes(daemon, text)
    assert rules_in_use(daemon) == before
    flies(kafka, daemon, "dirk")
    assert len(findings(kafka, "dirk", "impossible_travel")) == 1
    assert daemon.metric("process_start_time_seconds") == started


def test_an_upgrade_and_the_way_back_keep_what_it_knows(kafka, daemon, tocsin_binary, tmp_path):
    settle(kafka, daemon, "carl")
    newer = tmp_path / "tocsin-newer"
    shutil.copy(tocsin_binary, newer)
    for number, program in ((11, newer), (12, tocsin_binary)):
        daemon.stop()
        daemon.binary = program
        daemon.start(timeout=120)
        # From the checkpoint that the last one left: next to nothing is replayed.
        assert daemon.metric("tocsin_restored_records_total") < 10
        # The device of all those days is known, another one is not.
        send(kafka, daemon, [login(number, "carl", "device-of-carl", number), login(number + 50, "carl", f"another-{number}", number)])
        processes.wait_until(lambda: len(findings(kafka, "carl")) == number - 10, "a finding for the other device alone", 60)


def test_an_older_version_ends_before_it_takes_any_work_and_going_forward_loses_nothing(kafka, daemon, probe_binary):
    settle(kafka, daemon, "cora")
    daemon.stop()
    state = daemon.folder.parent / "state"
    # The state is now of a version to come, and this program the older one.
    subprocess.run([probe_binary, "--later-form", state / "state"], check=True)
    said = daemon.log.stat().st_size
    daemon.start(wait=False)
    assert processes.wait(daemon.process) == 78  # EX_CONFIG: starting again helps nobody.
    log = daemon.log.read_bytes()[said:].decode()
    assert "start_failed" in log and "written by a later version of Tocsin" in log and "run that one again" in log, log
    assert "joined" not in log and "partition" not in log.replace("partition-", ""), log  # It was no member of the group.
    # Forward again, be it without the volume.
    shutil.rmtree(state)
    daemon.start(timeout=120)
    send(kafka, daemon, [login(11, "cora", "device-of-cora", 11), login(12, "cora", "another", 11)])
    processes.wait_until(lambda: len(findings(kafka, "cora")) == 1, "a finding for the other device alone", 60)


def test_without_its_volume_it_knows_the_same(kafka, daemon):
    settle(kafka, daemon, "dora")
    daemon.kill()
    shutil.rmtree(daemon.folder.parent / "state")
    daemon.start(timeout=120)
    assert daemon.metric("tocsin_restored_records_total") > 10
    send(kafka, daemon, [login(11, "dora", "device-of-dora", 11), login(12, "dora", "another", 11)])
    processes.wait_until(lambda: len(findings(kafka, "dora")) == 1, "a finding for the other device alone", 60)


def test_commands_of_the_page_are_commands():
    programs = {"docker", "kubectl", "helm", "tocsin", "systemctl", "openssl", "printf", "sudo"}
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S):
        for line in block.splitlines():
            assert line.split()[0] in programs, line
    for path in re.findall(r"(?:-f|install alarm|upgrade alarm) (helm/\S+)", PAGE):
        assert (ROOT / path).exists(), path
    for value in re.findall(r"--set ([a-z][\w.]+)=(\S+)", PAGE):
        deployed("--set", "=".join(value))


def test_each_alert_is_on_the_page_or_one_step_from_it():
    alerts = {rule["alert"] for group in yaml.safe_load((CHART / "rules/alerts.yaml").read_text())["groups"] for rule in group["rules"]
              if "alert" in rule}
    pages = {name: (ROOT / f"docs/runbooks/{name}.md").read_text() for name in alerts}
    named = {name for name in alerts if name in PAGE}
    assert len(named) > 12
    for name in named:
        assert f"runbooks/{name}.md" in PAGE or name in ("TocsinDeliverySlow", "TocsinDetectionSlow"), name
    assert all("## Remedy" in text for text in pages.values())
