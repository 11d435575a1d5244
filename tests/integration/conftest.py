"""Fixtures of the integration tests. Each test file runs as one process, with its own broker."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import processes  # noqa: E402
from support.daemon import Daemon  # noqa: E402
from support.kafka_broker import KafkaCluster  # noqa: E402
from support.kafka_probe import Probe  # noqa: E402


@pytest.fixture(scope="session")
def kafka():
    """One running broker, shared by the tests of a file: name topics apart (see `topic_prefix`)."""
    with KafkaCluster() as cluster:
        yield cluster


@pytest.fixture
def topic_prefix(request) -> str:
    """A prefix of topic names that no other test of the file uses."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name.removeprefix("test_")) + "."


@pytest.fixture(scope="session")
def tocsin_binary() -> pathlib.Path:
    """The program under test; ctest names it in TOCSIN_BINARY."""
    named = os.environ.get("TOCSIN_BINARY")
    binary = pathlib.Path(named) if named else pathlib.Path(__file__).resolve().parents[2] / "build/dev/tocsin"
    assert binary.is_file(), f"no program at {binary}: build it, or name it in TOCSIN_BINARY"
    return binary


@pytest.fixture
def make_daemon(request, tocsin_binary, tmp_path):
    """make_daemon(config, http_port=None) -> Daemon, not started yet.

    `{http_port}` and `{folder}` in the configuration are filled in. A second daemon of one test gets its own
    folder. What is still running at the end is killed; what they said is shown when the test fails.
    """
    daemons: list[Daemon] = []

    def make(config: str) -> Daemon:
        folder, port = tmp_path / f"daemon-{len(daemons)}", processes.free_port()
        filled = config.replace("{http_port}", str(port)).replace("{folder}", str(folder))
        daemons.append(Daemon(tocsin_binary, folder, filled, port))
        return daemons[-1]

    yield make
    for daemon in daemons:
        daemon.close()
        request.node.add_report_section("teardown", str(daemon.log), daemon.log_tail())


@pytest.fixture
def doctor(tocsin_binary, tmp_path):
    """doctor(config, *arguments) -> (exit code, {subject: check}, all that was printed)."""

    def call(config: str, *arguments: str):
        path = tmp_path / "tocsin.yaml"
        path.write_text(config.replace("{folder}", str(tmp_path)).replace("{http_port}", "0"))
        command = [str(tocsin_binary), "doctor", "--config", str(path), "--format", "json", "--timeout", "60", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        checks = json.loads(ran.stdout)["checks"] if ran.stdout else []
        worst = {"good": 0, "warning": 1, "unavailable": 2, "bad": 3}
        by_subject: dict[str, dict] = {}
        for check in sorted(checks, key=lambda check: worst[check["health"]]):
            by_subject[check["subject"]] = check  # The worst thing that is said of it.
        return ran.returncode, by_subject, ran.stdout + ran.stderr

    return call


@pytest.fixture(scope="session")
def probe_binary() -> pathlib.Path:
    named = os.environ.get("TOCSIN_PROBE")
    root = pathlib.Path(__file__).resolve().parents[2]
    binary = pathlib.Path(named) if named else root / "build/dev/tests/integration/kafka_engine_probe"
    assert binary.is_file(), f"no program at {binary}"
    return binary


@pytest.fixture
def make_probe(request, probe_binary, topic_prefix, tmp_path):
    """make_probe(*options, name=None, cluster=None) -> Probe, not started yet; of the cluster of the fixture `kafka` when
    none is given. Probes of one name share their state directory."""
    probes = []

    def make(*options, name=None, cluster=None):
        brokers = cluster.front if cluster else request.getfixturevalue("kafka").bootstrap
        probes.append(Probe(probe_binary, brokers, topic_prefix, tmp_path / (name or f"probe-{len(probes)}"), *options))
        return probes[-1]

    yield make
    for probe in probes:
        if probe.process and probe.process.poll() is None:
            probe.kill()
        request.node.add_report_section("teardown", str(probe.log), probe.log_tail())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of the broker's log."""
    report = (yield).get_result()
    cluster = item.funcargs.get("kafka") if hasattr(item, "funcargs") else None
    if report.when == "call" and report.failed and cluster:
        report.sections.append(("kafka", cluster.log_tail()))
