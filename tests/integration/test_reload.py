"""A new configuration under a daemon at work: taken over whole or not at all, and nothing else changes by it."""

import bisect
import contextlib
import datetime
import json
import os
import signal
import threading
import time
import urllib.request

from support import mixed_traffic, processes, takeovers
from support.embedded import CONFIG, comparable, post, replay, wait_until_processed
from support.kafka_client import Record, consume, produce, wait_until_committed

MOMENT_SECONDS = 0.9  # A file that was left alone for a second is taken.
TOKEN = "the-token-that-may-change-things"
SHADOW = "detectors: {new_device: {mode: shadow}}\n"
ADMIN = """\
  admin_listen: 127.0.0.1:{admin_port}
  admin_token: {file: {folder}/../admin.token}
"""
OVER_KAFKA = """\
log: kafka
state_dir: {folder}/state
watch_config: false
kafka:
  brokers: {brokers}
  group: {prefix}tocsin
  input_topics: [{prefix}events, {prefix}account-feedback]
  changelog_topic: {prefix}changelog
  findings_topic: {prefix}findings
  notices_topic: {prefix}notices
  tickets_topic: {prefix}tickets
  actions_topic: {prefix}actions
  dead_letters_topic: {prefix}dead-letters
  partitions: 4
engine: {workers: 1, commit_events: 50}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


def login(number: int, device: str, account: str = "account-1", day: int = 1) -> str:
    return json.dumps({"type": "login", "source": "test", "event_id": f"e{number}", "account_id": account, "outcome": "success",
                       "occurred_at": f"2026-01-{day:02d}T08:00:00Z", "ip": "139.12.16.10",
                       "device": {"id": device, "platform": "linux", "model": device}})


def findings(daemon) -> list[dict]:
    return [json.loads(line) for line in (daemon.folder / "out/findings.jsonl").read_text().splitlines()]


def accepted(daemon) -> bool:
    return daemon.metric("tocsin_config_last_reload_successful") == 1


def hup(daemon) -> None:
    os.kill(daemon.process.pid, signal.SIGHUP)


def codes(daemon) -> list[str]:
    """What is said of a reload is said when its rules are in use: whatever comes to an idle worker then is judged by them."""
    return [line["code"] for line in daemon.said()]


def reloads_of(daemon) -> list[dict]:
    """Their lines in the audit log, once each is whole."""
    lines = (daemon.folder / "state/audit.jsonl").read_text().splitlines(keepends=True)
    return [line for line in map(json.loads, (text for text in lines if text.endswith("\n"))) if line["action"] == "config.reloaded"]


def audited(daemon) -> list[tuple]:
    """Of each reload: what made it, how it ended, and the keys that it was about."""
    return [(e["from"], e["outcome"], e.get("changed")) for e in reloads_of(daemon)]


def assert_audited(daemon, wanted: list[tuple]) -> None:
    """The log's lines of a reload come before the audit log's."""
    def check() -> None:
        assert audited(daemon) == wanted

    processes.eventually(check)


def busiest_second(daemon) -> int:
    """Reloads by the interface and by the signal, taken over and refused: each has its line in the audit log, with its instant."""
    at = sorted(datetime.datetime.fromisoformat(line["ts"]).timestamp() for line in reloads_of(daemon))
    return max((bisect.bisect_left(at, begin + 1) - number for number, begin in enumerate(at)), default=0)


def reload_by_api(port: int) -> tuple[int, dict]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/reload", b"", {"Authorization": f"Bearer {TOKEN}"})
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, json.load(answer)
    return 0, {}


def known_account(daemon, account: str = "account-1") -> None:
    assert post(daemon, "\n".join(login(day, "phone", account, day) for day in range(1, 9)))[0] == 202
    wait_until_processed(daemon)


def test_a_threshold_changes_live_and_a_bad_file_changes_nothing(make_daemon):
    daemon = make_daemon(CONFIG + "watch_config: false\n")
    text = daemon.config.read_text()
    daemon.start()
    known_account(daemon)

    daemon.config.write_text(text + SHADOW + "engine: {commit_events: 77}\n")
    hup(daemon)
    processes.wait_until(lambda: "config_reloaded" in codes(daemon), "the reload")
    assert {"config_changed", "config_needs_restart"} <= set(codes(daemon))
    assert "detectors.new_device.mode: live is now shadow" in daemon.log.read_text()

    daemon.config.write_text(text + SHADOW.replace("shadow", "shade"))
    hup(daemon)
    processes.wait_until(lambda: "config_refused" in codes(daemon), "the refusal")
    assert not accepted(daemon) and "must be one of" in daemon.log.read_text()
    post(daemon, login(20, "laptop", day=20))
    wait_until_processed(daemon)
    assert [finding["mode"] for finding in findings(daemon) if finding["detector"] == "new_device"] == ["shadow"]

    daemon.config.write_text(text)
    hup(daemon)
    processes.wait_until(lambda: codes(daemon).count("config_reloaded") == 2, "the first file again")
    assert accepted(daemon)
    post(daemon, login(21, "tablet", day=22))
    wait_until_processed(daemon)
    assert [f["mode"] for f in findings(daemon) if f["detector"] == "new_device"] == ["shadow", "live"]
    changed = ["detectors.new_device.mode"]
    assert_audited(daemon, [("signal", "done", ["engine.commit_events (after a restart)", *changed]),
                            ("signal", "refused: 1 problem", None), ("signal", "done", changed)])
    daemon.stop()


def test_the_audit_log_names_secrets_and_never_tells_them(make_daemon, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    daemon = make_daemon(CONFIG + ADMIN.replace("{admin_port}", str(port)) + "watch_config: false\n")
    daemon.start()
    (tmp_path / "admin.token").write_text("another-token-2hunter2")
    hup(daemon)
    processes.wait_until(lambda: "config_reloaded" in codes(daemon), "the reload")
    status, _ = reload_by_api(port)  # The first token is in use until a restart.
    assert status == 200
    waits = ["http.admin_token (after a restart)"]
    assert_audited(daemon, [("signal", "done", waits), ("admin", "done", waits)])
    audit = (daemon.folder / "state/audit.jsonl").read_text()
    assert "hunter2" not in audit and TOKEN not in audit
    daemon.stop()


def test_a_reload_is_made_when_the_audit_log_cannot_be_written(make_daemon):
    """A full disk must not keep a remedy out; the log says that the line is missing."""
    daemon = make_daemon(CONFIG + "watch_config: false\n")
    text = daemon.config.read_text()
    daemon.start()
    (daemon.folder / "state/audit.jsonl").mkdir()
    daemon.config.write_text(text + SHADOW)
    hup(daemon)
    processes.wait_until(lambda: "config_reloaded" in codes(daemon), "the reload")
    processes.wait_until(lambda: "audit_unwritten" in codes(daemon), "the warning")
    daemon.stop()


def test_a_changed_file_is_taken_over_by_itself_as_kubernetes_swaps_it(make_daemon, tmp_path):
    daemon = make_daemon(CONFIG)
    text = daemon.config.read_text()
    for name, content in (("one", text), ("two", text + SHADOW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tocsin.yaml").write_text(content)
    data = tmp_path / "..data"
    data.symlink_to("one")
    daemon.config.unlink()
    daemon.config.symlink_to(data / "tocsin.yaml")
    daemon.start()
    known_account(daemon)
    (tmp_path / "swap").symlink_to("two")
    (tmp_path / "swap").rename(data)
    processes.wait_until(lambda: "config_reloaded" in codes(daemon), "the swapped file")
    post(daemon, login(20, "laptop", day=20))
    wait_until_processed(daemon)
    assert [finding["mode"] for finding in findings(daemon) if finding["detector"] == "new_device"] == ["shadow"]

    # Half of a file, as an editor leaves it for a moment, is not taken for the whole.
    before, left = 1, MOMENT_SECONDS
    while left >= MOMENT_SECONDS:  # This one was left for longer: on a busy machine it takes a few to have a moment.
        before = codes(daemon).count("config_changed")
        began = time.monotonic()
        (tmp_path / "two/tocsin.yaml").write_text(text)
        time.sleep(0.2)
        (tmp_path / "two/tocsin.yaml").write_text(text + SHADOW)
        left = time.monotonic() - began
        time.sleep(2.5)
    assert codes(daemon).count("config_changed") == before
    assert_audited(daemon, [("file", "done", ["detectors.new_device.mode"])] * before)
    daemon.stop()


def test_ten_reloads_a_second_change_nothing(make_daemon, tocsin_binary, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    port = processes.free_port()
    daemon = make_daemon(CONFIG + ADMIN.replace("{admin_port}", str(port)) + "watch_config: false\n")
    text = daemon.config.read_text()
    daemon.start()
    arrivals = mixed_traffic.arrivals(tocsin_binary, accounts=60, days=14, seed=3)
    events = [arrival.value for arrival in arrivals if not arrival.poison]
    stop, reloads = threading.Event(), []

    def storm():
        while not stop.wait(0.01):
            # Every other file is bad; the good ones are all the same.
            daemon.config.write_text(text if len(reloads) % 2 == 0 else text + "detectors: {new_device: {mode: no}}\n")
            reloads.append(reload_by_api(port)[0])
            hup(daemon)

    storming = threading.Thread(target=storm)
    storming.start()
    try:
        for begin in range(0, len(events), 100):
            if begin + 100 >= len(events):  # A machine that has much else to do takes its time to come to ten.
                processes.wait_until(lambda: busiest_second(daemon) >= 10, "ten reloads in a second", 120, pause=0.5)
            status, _ = post(daemon, b"\n".join(events[begin : begin + 100]))
            assert status == 202
            time.sleep(0.1)
        wait_until_processed(daemon)
    finally:
        stop.set()
        storming.join()
    assert 200 in reloads and 0 in reloads and len(audited(daemon)) > len(reloads) >= 20
    # Workers kept their place: nothing was restored, dropped or done twice.
    assert daemon.metric("tocsin_commit_failures_total") == 0 and daemon.metric("tocsin_restores_total") == 1
    daemon.config.write_text(text)
    processes.wait_until(lambda: reload_by_api(port)[0] == 200 and accepted(daemon), "the good file")
    daemon.stop()
    replay(tocsin_binary, tmp_path / "replay", b"\n".join(events))
    for kind in ("findings", "notices", "tickets", "actions"):  # A dead letter names its place in the log.
        expected = comparable(tmp_path / f"replay/out/{kind}.jsonl")
        assert comparable(daemon.folder / f"out/{kind}.jsonl") == expected and expected, kind


def partitions_of(daemon) -> tuple[float, ...]:
    """Changes whenever a rebalance takes partitions from it or brings it some."""
    return tuple(daemon.metric(f"tocsin_{name}") for name in ("kafka_rebalances_total", "partitions_assigned", "partitions_restoring"))


class Storm(threading.Thread):
    """Reloads of the first process one after the other, of which each third is refused, and of the second while it is `steady`:
    the last one begins after its end was asked for. `moved`: the first's partitions before and after a reload between whose
    beginning and end they changed."""

    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second
        self.good = {daemon: daemon.config.read_text() for daemon in (first, second)}
        self.stop, self.steady = threading.Event(), threading.Event()
        self.moved: list[tuple] = []
        self.reloads = 0

    def run(self):
        before = partitions_of(self.first)
        last = False
        while not last:
            last = self.stop.is_set()
            self.reloads += 1
            made = len(audited(self.first)) if self.reloads > 1 else 0
            self.first.config.write_text(f"{self.good[self.first]}# {self.reloads}\n" if self.reloads % 3 else "]")
            hup(self.first)
            if self.steady.is_set():
                self.second.config.write_text(f"{self.good[self.second]}# {self.reloads}\n")
                hup(self.second)
            processes.wait_until(lambda: len(audited(self.first)) > made, "the reload", 60, pause=0.005)
            after = partitions_of(self.first)
            if after != before:
                self.moved.append((before, after))
            before = after

    def end(self):
        self.stop.set()
        self.join()


def ids_of(kind: str, lines) -> list[tuple]:
    """What names a record of this kind, and what it says of it. Sorted: partitions have no common order."""
    members = {"findings": ("finding_id", "status"), "notices": ("notice_id",), "tickets": ("ticket_id", "operation", "priority"), "actions": ("action_id",)}
    return sorted(tuple(json.loads(line)[member] for member in members[kind]) for line in lines)


def test_a_reload_during_a_rebalance_loses_and_repeats_nothing(kafka, make_daemon, topic_prefix, tocsin_binary, tmp_path):
    config = OVER_KAFKA.replace("{brokers}", kafka.bootstrap).replace("{prefix}", topic_prefix)
    for topic in ("events", "account-feedback"):
        kafka.create_topic(topic_prefix + topic, partitions=4)
    first, second = make_daemon(config), make_daemon(config)
    events = [(json.loads(event)["account_id"], event.encode()) for event in takeovers.events(accounts=12)]
    records = [Record(topic_prefix + "events", event, account.encode(), partition=mixed_traffic.partition_of(account, 4))
               for account, event in events]
    size = len(records) // 4 + 1
    pieces = [records[begin : begin + size] for begin in range(0, len(records), size)]
    first.start()
    hup(first)
    processes.wait_until(lambda: (first.folder / "state/audit.jsonl").exists() and audited(first), "the first line of the audit log")
    processes.wait_until(lambda: first.metric("tocsin_partitions_assigned") == 4, "all partitions")
    alone = first.metric("tocsin_kafka_rebalances_total")
    storm = Storm(first, second)
    storm.start()
    try:
        produce(kafka.bootstrap, pieces[0])
        second.start()  # A rebalance; and one when it leaves, and one when it comes back.
        storm.steady.set()
        produce(kafka.bootstrap, pieces[1])
        storm.steady.clear()
        second.stop()
        produce(kafka.bootstrap, pieces[2])
        second.start()
        produce(kafka.bootstrap, pieces[3])
        # Not by their lag: of partitions that are on their way to the other one neither knows any.
        inputs = {topic_prefix + "events": 4}
        wait_until_committed(kafka.bootstrap, topic_prefix + "tocsin", inputs, len(records))
    finally:
        storm.end()
    # Every rebalance of the first, after that of its start, had a reload in it. To leave and to come back may be one.
    rebalances = first.metric("tocsin_kafka_rebalances_total")
    assert rebalances >= alone + 2 and sum(after[0] - before[0] for before, after in storm.moved) == rebalances - alone, storm.moved
    assert storm.reloads > len(storm.moved) > 1
    first.config.write_text(storm.good[first])
    hup(first)
    processes.wait_until(lambda: accepted(first), "the good file")
    first.stop()
    second.stop()
    # The population of a partition is a world of its own: each is replayed by itself.
    expected: dict[str, list[str]] = {kind: [] for kind in ("findings", "notices", "tickets", "actions")}
    for partition in range(4):
        mine = [record.value for record in records if record.partition == partition]
        replay(tocsin_binary, tmp_path / f"replay-{partition}", b"\n".join(mine))
        for kind, lines in expected.items():
            lines += (tmp_path / f"replay-{partition}/out/{kind}.jsonl").read_text().splitlines()
    for kind, lines in expected.items():
        found = [record.value for record in consume(kafka.bootstrap, topic_prefix + kind)]
        assert ids_of(kind, found) == ids_of(kind, lines) and len(lines) > 3, kind
