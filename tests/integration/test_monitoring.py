"""What the person on call sees: a real Prometheus with the chart's rules scrapes a real daemon under load, every panel of every
dashboard has something to show, and each dependency that breaks raises its alert, which reaches a person and ends when it is
mended."""

import contextlib
import http.server
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import threading

import pytest
import yaml
from support import metric_names, panels, processes, takeovers
from support.embedded import CONFIG, post
from support.full_disk import FullDisk
from support.monitoring import Alertmanager, Prometheus
from support.operator_tools import tools
from support.ticket_systems import Zammad
from support.watched import Load, Watched

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Everything is as it is shipped, but that a test need not wait for half an hour until a delivery is late.
SOONER = {"(tocsin_delivery_oldest_pending_seconds) > 1800": "(tocsin_delivery_oldest_pending_seconds) > 4"}
# Nor for a quarter of an hour until all that failed lies before.
SOONER |= {f"{name}[{long}]": f"{name}[20s]" for name, long in (
    ("tocsin_ticket_reads_failed_total", "15m"),
    ("tocsin_checkpoint_failures_total", "15m"), ("tocsin_delivery_checkpoint_failures_total", "15m"))}


class Pager:
    """Receives what Alertmanager sends to people."""

    def __init__(self):
        pager = self
        self.told: list[tuple[str, str]] = []  # (alert, firing or resolved)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                pager.told += [(alert["labels"]["alertname"], alert["status"]) for alert in message["alerts"]]
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Pager":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()


@pytest.fixture(scope="module")
def scene(tmp_path_factory, tocsin_binary):
    """Everything runs: (watched, prometheus, pager)."""
    folder = tmp_path_factory.mktemp("watched")
    data = next(path for path in (tocsin_binary.parent / "test-data", ROOT / "build/dev/test-data") if path.is_dir())
    with contextlib.ExitStack() as stack:
        watched = Watched(tocsin_binary, folder, data)
        disk = FullDisk(folder / "daemon/state/state", folder / "disk")
        watched.disk = disk
        watched.environment = disk.environment
        stack.enter_context(watched)
        pager = stack.enter_context(Pager())
        manager = stack.enter_context(Alertmanager(folder / "alertmanager", pager.url))
        prometheus = stack.enter_context(
            Prometheus(folder / "prometheus", {"tocsin-0": watched.port}, manager, hurry="1s", changes=SOONER))
        yield watched, prometheus, pager


def shows(prometheus: Prometheus, query: str) -> bool:
    """Something, and a number."""
    return any(not math.isnan(float(sample["value"][1])) for sample in prometheus.query(query))


def test_every_panel_has_something_to_show(scene):
    watched, prometheus, _ = scene
    load = Load(watched.binary, watched.cluster.bootstrap, accounts=250, days=3, live=86400, seconds=30)
    load.start()
    try:
        processes.wait_until(load.finished.is_set, "the traffic", 300)
        processes.wait_until(lambda: watched.daemon.metric("tocsin_records_total") >= load.sent and load.answers > 5, "every event", 120)
        processes.wait_until(lambda: watched.daemon.metric("tocsin_delivery_attempts_total", outcome="delivered") > 5, "deliveries", 60)

        seen: set[str] = set()

        def empty() -> list[tuple]:
            asked = [(panel.board, panel.title, legend, query) for panel in panels.panels() if panel.title not in panels.MAY_BE_EMPTY
                     for legend, query in panel.queries(rate="60s", shown="10m") if query not in seen]
            seen.update(query for *_, query in asked if shows(prometheus, query))
            return [one for one in asked if one[-1] not in seen]

        with contextlib.suppress(TimeoutError, AssertionError):
            processes.wait_until(lambda: not empty(), "every panel", 60, pause=1)
        assert empty() == []
        # Those that may be empty are asked all the same: a mistake in them is an error of Prometheus.
        for panel in panels.panels():
            for _, query in panel.queries(rate="60s", shown="10m"):
                prometheus.query(query)
    finally:
        load.stop()


def test_what_a_daemon_over_kafka_serves_is_what_it_declares(scene):
    text = scene[0].daemon.get("/metrics")[1]
    checked = subprocess.run([tools() / "promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    declared = {name: kind for name, (kind, _, said) in metric_names.declared().items()
                if "Only with `log: local`" not in said and "Only with `kafka.ingest: rekey`" not in said}
    assert dict(re.findall(r"^# TYPE (\S+) (\S+)", text, re.M)) == declared


# (alerts, histogram, the bound that 99 % are below): the objectives that the rules have.
SOON = (("Detection", "tocsin_append_to_commit_seconds", "5"), ("Delivery", "tocsin_delivery_seconds", "60"))


def test_nothing_fires_while_all_is_well(scene):
    watched, prometheus, _ = scene
    # There are more dead letters than in a real stream, and the test's databases were built long ago.
    expected = {"TocsinDeadLetters", "TocsinGeoipStale"}
    processes.wait_until(lambda: prometheus.query("tocsin_ready == 1"), "the daemon to be watched")
    # What a machine that has much else to do was slow at is told rightly, for hours to come.
    for what, histogram, seconds in SOON:
        in_time, all_of_it = (watched.daemon.metric(f"{histogram}_{part}", **labels) for part, labels in (("bucket", {"le": seconds}), ("count", {})))
        if in_time < 0.995 * all_of_it:
            expected |= {f"Tocsin{what}Slow{window}" for window in ("", "Fast", "AllDay", "ForDays")}
    # What the last traffic kept waiting for a moment, by the short times of these rules, comes to its end.
    fired: list[set[str]] = []

    def calm() -> None:
        fired.append(prometheus.firing() - expected)
        assert len(fired) >= 10 and not any(fired[-10:]), fired[-10:]

    processes.eventually(calm, timeout=90, pause=1)


def send(watched, **population) -> None:
    """All of a small population's events at once."""
    load = Load(watched.binary, watched.cluster.bootstrap, live=1, seconds=1, **population)
    load.start()
    assert load.finished.wait(60 * processes.PATIENCE)
    load.stop()


def reload(watched) -> None:
    os.kill(watched.daemon.process.pid, signal.SIGHUP)


def break_mail(watched):
    watched.sink.refuse_all("451 4.3.0 later")
    send(watched, accounts=60, days=2, seed=11)  # With something to tell.


def break_databases(watched):
    watched.good = (watched.data / "city.mmdb").read_bytes()
    (watched.data / "fresh").write_bytes(b"no database" * 1000)
    (watched.data / "fresh").rename(watched.data / "city.mmdb")
    reload(watched)


def mend_databases(watched):
    (watched.data / "fresh").write_bytes(watched.good)
    (watched.data / "fresh").rename(watched.data / "city.mmdb")
    reload(watched)


def break_configuration(watched):
    watched.text = watched.daemon.config.read_text()
    watched.daemon.config.write_text(watched.text + "detectors: {impossible_travel: {speed_kmh_max: 9}}\n")
    reload(watched)


def mend_configuration(watched):
    watched.daemon.config.write_text(watched.text)
    reload(watched)


def break_webhook(watched):
    watched.receiver.stall.set()  # It takes connections, and answers none.
    send(watched, accounts=60, days=2, seed=13)


def break_disk(watched):
    watched.disk.fill()
    send(watched, accounts=20, days=1, seed=12)


def mend_disk(watched):
    watched.disk.empty()
    processes.wait_until(lambda: watched.daemon.metric("tocsin_lag_events") == 0, "the events to be processed", 60)


# What is away or broken: its alert, and the labels that say so.
BREAKS = {
    "brokers": ("TocsinKafkaUnreachable", "", lambda watched: watched.cluster.kill(), lambda watched: watched.cluster.start()),
    "mail server": ("TocsinDeliveryStuck", 'channel="mail"', break_mail, lambda watched: watched.sink.refuse_all(None)),
    "webhook receiver": ("TocsinDeliveryStuck", 'channel="desk"', break_webhook, lambda watched: watched.receiver.stall.clear()),
    "databases": ("TocsinGeoipRefused", "", break_databases, mend_databases),
    "configuration": ("TocsinConfigRefused", "", break_configuration, mend_configuration),
    "disk": ("TocsinCheckpointsFail", "", break_disk, mend_disk),
    "process": ("TocsinAbsent", "", lambda watched: watched.daemon.kill(), lambda watched: watched.daemon.start(timeout=120)),
}


@contextlib.contextmanager
def called(prometheus: Prometheus, pager: Pager, alert: str, labels: str = ""):
    """What is broken before it raises the alert, which reaches a person; what is mended within ends it, and they hear of that."""
    def fires() -> bool:
        return bool(prometheus.query(f'ALERTS{{alertname="{alert}",alertstate="firing",{labels}}}'))
    processes.wait_until(fires, f"{alert} to fire", 240, pause=0.5)
    processes.wait_until(lambda: (alert, "firing") in pager.told, "a person to be told", 30)
    assert (ROOT / f"docs/runbooks/{alert}.md").exists()
    yield
    processes.wait_until(lambda: not fires(), f"{alert} to end", 120, pause=0.5)
    processes.wait_until(lambda: (alert, "resolved") in pager.told, "a person to be told of the end", 60)


@pytest.mark.parametrize("what", BREAKS)
def test_what_breaks_calls_a_person_and_ends_when_it_is_mended(scene, what):
    watched, prometheus, pager = scene
    alert, labels, break_it, mend = BREAKS[what]
    processes.wait_until(lambda: alert not in prometheus.firing(), "what fired before to be over", 60)
    pager.told.clear()
    with contextlib.ExitStack() as mended:
        mended.callback(mend, watched)
        break_it(watched)
        with called(prometheus, pager, alert, labels):
            mended.close()


def test_a_ticket_system_that_is_away_calls_a_person_and_no_decision_is_lost(make_daemon, tmp_path):
    with Zammad() as desk, Pager() as pager, Alertmanager(tmp_path / "alertmanager", pager.url) as manager:
        (tmp_path / "token").write_text(desk.token)
        settings = desk.settings | {"url": desk.url, "token": {"file": str(tmp_path / "token")}, "allow_private": True, "poll": "1s"}
        daemon = make_daemon(CONFIG + yaml.safe_dump({"delivery": {"retry_waits": ["1s"] * 8, "tickets": settings}})).start()
        assert post(daemon, "\n".join(takeovers.recent_events(2)))[0] == 202
        processes.wait_until(lambda: desk.tickets, "a ticket", 60)
        with Prometheus(tmp_path / "prometheus", {"tocsin-0": daemon.http_port}, manager, hurry="1s", changes=SOONER) as prometheus:
            processes.wait_until(lambda: prometheus.number("tocsin_ticket_reads_failed_total") == 0, "a scrape", 60)
            assert "TocsinTicketsUnread" not in prometheus.firing()
            desk.away = True
            desk.decide(next(iter(desk.tickets)), "fraud")
            with called(prometheus, pager, "TocsinTicketsUnread"):
                assert daemon.metric("tocsin_ticket_outcomes_total") == 0
                desk.away = False
            processes.wait_until(lambda: daemon.metric("tocsin_ticket_outcomes_total", outcome="fraud") == 1, "the decision", 30)
        daemon.stop()
        assert desk.wrong == []
