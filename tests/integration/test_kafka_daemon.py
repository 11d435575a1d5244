"""The whole program over a real broker: what comes out is what the embedded log and a replay give, byte for byte.

The same arrivals (attacks, late events, repeated ones, records that are no events) go through `tocsin run` on Kafka,
through `tocsin run` with events by HTTP, and through `tocsin replay`. Left out of the comparison is `detected_at`, which
is the wall clock's, and where a dead letter lay, which is another place in each log.
"""

import http.client
import json
import pathlib
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from support import kafka_client, mixed_traffic, processes
from support.compared import comparable
from support.embedded import wait_until_processed
from support.kafka_client import Record, consume, produce

PARTITIONS = 4
KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")
INPUTS = tuple(mixed_traffic.TOPIC_OF.values())
SECONDS_MAX = 120

DATABASES = """\
geoip:
  city: [{data}/city.mmdb]
  asn: [{data}/asn.mmdb]
  anonymity: {data}/anonymous-ip.mmdb
"""
OVER_KAFKA = """\
log: kafka
state_dir: {folder}/state
kafka:
  brokers: {brokers}
  group: {prefix}tocsin
  instance: one
  input_topics: [{inputs}]
  changelog_topic: {prefix}changelog
  findings_topic: {prefix}findings
  notices_topic: {prefix}notices
  tickets_topic: {prefix}tickets
  actions_topic: {prefix}actions
  dead_letters_topic: {prefix}dead-letters
engine:
  workers: 2
  commit_events: 100
http:
  metrics_listen: 127.0.0.1:{http_port}
"""
BY_HTTP = """\
log: local
state_dir: {folder}/state
local:
  partitions: 4
  outputs: {folder}/out
engine:
  workers: 2
http:
  metrics_listen: 127.0.0.1:{http_port}
  events_listen: 127.0.0.1:0
"""


@pytest.fixture(scope="module")
def databases(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("databases")
    support = pathlib.Path(__file__).resolve().parents[1] / "support"
    command = [sys.executable, str(support / "mmdb_writer.py"), "--spec", str(support / "places.json"), "--out", str(folder)]
    subprocess.run(command, check=True, timeout=300)
    return DATABASES.replace("{data}", str(folder))


@pytest.fixture(scope="module")
def arrivals(tocsin_binary) -> list[mixed_traffic.Arrival]:
    made = mixed_traffic.arrivals(tocsin_binary, accounts=100, days=21, seed=7)
    assert len(made) > 5000 and sum(arrival.poison for arrival in made) > 10
    return made


@pytest.fixture(scope="module")
def expected(tocsin_binary, databases, arrivals, tmp_path_factory) -> dict[str, list[bytes]]:
    """What `tocsin replay` makes of each partition's arrivals. The population of a partition is a world of its own."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "tocsin.yaml").write_text(databases)
    found: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for partition in range(PARTITIONS):
        mine = [a.value for a in arrivals if mixed_traffic.partition_of(a.account, PARTITIONS) == partition]
        (folder / "events.jsonl").write_bytes(b"\n".join(mine))
        outputs = [word for kind in KINDS for word in (f"--{kind}", str(folder / kind))]
        command = [str(tocsin_binary), "replay", "--events", str(folder / "events.jsonl"), *outputs]
        ran = subprocess.run([*command, "--config", str(folder / "tocsin.yaml")], capture_output=True, timeout=900, check=False)
        assert ran.returncode == 0, ran.stderr
        for kind in KINDS:
            found[kind] += [comparable(kind, line) for line in (folder / kind).read_bytes().splitlines()]
    assert all(len(lines) > 5 for lines in found.values()), {kind: len(lines) for kind, lines in found.items()}
    return {kind: sorted(lines) for kind, lines in found.items()}


def over_kafka(kafka, topic_prefix, databases) -> str:
    filled = OVER_KAFKA.replace("{brokers}", kafka.bootstrap).replace("{prefix}", topic_prefix)
    return filled.replace("{inputs}", ", ".join(topic_prefix + topic for topic in INPUTS)) + databases


def create(kafka, topic_prefix) -> None:
    for topic in INPUTS:
        kafka.create_topic(topic_prefix + topic, partitions=PARTITIONS)


def create_and_fill(kafka, topic_prefix, arrivals) -> None:
    create(kafka, topic_prefix)
    now = int(time.time() * 1000) - len(arrivals)
    produce(kafka.bootstrap, mixed_traffic.records(topic_prefix, arrivals, PARTITIONS, now))


def committed(kafka, topic_prefix) -> int:
    """How many input records the group has committed."""
    return kafka_client.committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + topic: PARTITIONS for topic in INPUTS})


def wait_until_committed(kafka, topic_prefix, count) -> None:
    kafka_client.wait_until_committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + topic: PARTITIONS for topic in INPUTS}, count)


def outputs(kafka, topic_prefix) -> dict[str, list[bytes]]:
    found = {}
    for kind in KINDS:
        records = consume(kafka.bootstrap, topic_prefix + kind)
        if kind != "dead-letters":
            for record in records:
                assert json.loads(record.value)["account_id"].encode() == record.key
        found[kind] = sorted(comparable(kind, record.value) for record in records)
    return found


def assert_same(found: dict[str, list[bytes]], expected: dict[str, list[bytes]]) -> None:
    for kind in KINDS:
        assert found[kind] == expected[kind], f"{kind} differ"


def test_kafka_gives_what_a_replay_gives(kafka, topic_prefix, make_daemon, databases, arrivals, expected):
    create_and_fill(kafka, topic_prefix, arrivals)
    daemon = make_daemon(over_kafka(kafka, topic_prefix, databases)).start()
    wait_until_committed(kafka, topic_prefix, len(arrivals))
    assert daemon.metric("tocsin_late_events_total") > 0 and daemon.metric("tocsin_duplicate_events_total") > 0
    daemon.stop()
    assert_same(outputs(kafka, topic_prefix), expected)


def test_an_event_of_the_topics_is_explained(kafka, topic_prefix, make_daemon, databases, arrivals, tocsin_binary, tmp_path):
    create_and_fill(kafka, topic_prefix, arrivals)
    (tmp_path / "admin.token").write_text("a-token-of-the-test")
    port = processes.free_port()
    admin = f"  admin_listen: 127.0.0.1:{port}\n  admin_token: {{file: {tmp_path}/admin.token}}\n"
    config = over_kafka(kafka, topic_prefix, databases)
    daemon = make_daemon(config.replace("http:\n", "http:\n" + admin, 1)).start()
    wait_until_committed(kafka, topic_prefix, len(arrivals))
    findings = [json.loads(record.value) for record in consume(kafka.bootstrap, topic_prefix + "findings")]
    of_detectors = {finding["detector"]: finding for finding in findings if finding["status"] == "new"}
    assert len(of_detectors) > 5
    for finding in list(of_detectors.values())[:3]:
        command = [str(tocsin_binary), "explain", finding["finding_id"], "--format", "json",
                   "--admin", f"http://127.0.0.1:{port}", "--token-file", str(tmp_path / "admin.token")]
        said = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True).stdout
        explained = [json.loads(line) for line in said.splitlines()]
        assert all(one["account_id"] == finding["account_id"] and one["history_complete"] for one in explained)
        claims = [c for one in explained for v in one["verdicts"] if v["detector"] == finding["detector"] for c in v["claims"]]
        assert finding["finding_id"] in [claim["finding_id"] for claim in claims]
    daemon.stop()


def test_a_killed_daemon_loses_nothing_and_repeats_nothing(kafka, topic_prefix, make_daemon, databases, arrivals, expected):
    create(kafka, topic_prefix)
    records = mixed_traffic.records(topic_prefix, arrivals, PARTITIONS, int(time.time() * 1000) - len(arrivals))
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # Shown when the test fails.
    chance = random.Random(seed)
    small_commits = over_kafka(kafka, topic_prefix, databases).replace("commit_events: 100", "commit_events: 8")
    daemon = make_daemon(small_commits)
    in_the_middle = 0
    # Each life has something of its own to do, which comes while nobody reads: all of it is there before it is looked at.
    lives = 6
    for life in range(lives):
        begin, end = (len(records) * number // lives for number in (life, life + 1))
        produce(kafka.bootstrap, records[begin:end])
        daemon.start()
        if life + 1 == lives:
            break
        processes.wait_until(lambda: daemon.metric("tocsin_records_total") > 0, "the first records", SECONDS_MAX, pause=0.01)
        processes.wait_until(lambda begin=begin: committed(kafka, topic_prefix) > begin, "some commits", SECONDS_MAX, pause=0.01)
        time.sleep(chance.uniform(0, 0.05))
        daemon.kill()
        in_the_middle += committed(kafka, topic_prefix) < end
    assert in_the_middle > 1, "it was done before it was killed"
    wait_until_committed(kafka, topic_prefix, len(arrivals))
    daemon.stop()
    assert_same(outputs(kafka, topic_prefix), expected)


def test_a_producer_whose_clock_is_wrong_silences_nobody(kafka, topic_prefix, make_daemon, databases):
    """Event and record say 2099, or 1970: the account's next events are judged, and none of them is late."""
    def login(event_id, occurred_at, timestamp, **more) -> Record:
        event = {"type": "login", "event_id": event_id, "account_id": "hasty", "occurred_at": occurred_at, "ip": "192.0.2.7"}
        return Record(topic_prefix + "logins", json.dumps(event | {"outcome": "success", **more}).encode(), b"hasty", timestamp=timestamp)

    for topic in INPUTS:
        kafka.create_topic(topic_prefix + topic, partitions=PARTITIONS)
    now = int(time.time() * 1000)
    wrong = {"outcome": "failure", "failure_reason": "bad_credentials"}
    records = [login("ahead", "2099-01-01T00:00:00Z", 4_070_908_800_000), login("seconds", "2099-01-01T00:00:00Z", now // 1000)]
    records += [login(f"wrong-{i}", now - 6000 + i, now, **wrong) for i in range(8)]
    produce(kafka.bootstrap, [*records, login("right", now, now, method="password")])
    daemon = make_daemon(over_kafka(kafka, topic_prefix, databases)).start()
    wait_until_committed(kafka, topic_prefix, 11)
    assert daemon.metric("tocsin_clamped_events_total") == 2 and daemon.metric("tocsin_late_events_total") == 0
    daemon.stop()
    found = {json.loads(value)["detector"] for value in outputs(kafka, topic_prefix)["findings"]}
    assert "guessed_in" in found, found


def test_a_stop_waits_no_longer_than_it_may_and_loses_nothing(kafka, topic_prefix, make_daemon, databases, arrivals, expected):
    create_and_fill(kafka, topic_prefix, arrivals)
    # So many commits that no machine is done with them before the broker stands still.
    config = over_kafka(kafka, topic_prefix, databases)
    daemon = make_daemon(config.replace("commit_events: 100", "commit_events: 1\n  drain_timeout: 1s")).start()
    processes.wait_until(lambda: daemon.metric("tocsin_records_total") > 0, "the first records", SECONDS_MAX, pause=0.01)
    kafka.pause()  # No commit is answered any more, with most of the records to come.
    try:
        begin = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        assert processes.wait(daemon.process) == 0
        assert 1 <= time.monotonic() - begin < 40, "who waits for a broker that stands still waits for a minute, or for ever"
        assert '"drain_timeout"' in daemon.log.read_text(errors="replace")
    finally:
        kafka.resume()
    daemon.config.write_text(daemon.config.read_text().replace("commit_events: 1\n", "commit_events: 100\n"))
    daemon.start()
    wait_until_committed(kafka, topic_prefix, len(arrivals))
    daemon.stop()
    assert_same(outputs(kafka, topic_prefix), expected)


def test_the_state_of_another_group_is_refused(kafka, topic_prefix, make_daemon, databases, arrivals, tocsin_binary):
    create_and_fill(kafka, topic_prefix, arrivals[:200])
    config = over_kafka(kafka, topic_prefix, databases)
    daemon = make_daemon(config).start()
    wait_until_committed(kafka, topic_prefix, 200)
    daemon.stop()
    daemon.config.write_text(daemon.config.read_text().replace("tocsin\n  instance", "others\n  instance", 1))
    ran = subprocess.run([str(tocsin_binary), "run", "--config", str(daemon.config)], capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 78 and "belongs to" in ran.stderr and "others" in ran.stderr, ran.stderr
    daemon.config.write_text(daemon.config.read_text().replace("others\n  instance", "tocsin\n  instance", 1))
    daemon.start().stop()


def test_a_second_daemon_on_one_state_directory_is_refused_and_disturbs_nobody(
    kafka, topic_prefix, make_daemon, databases, arrivals, expected, tocsin_binary, tmp_path
):
    """As after a copied unit file: of the same name in the group, and of another."""
    create_and_fill(kafka, topic_prefix, arrivals)
    # So many commits and checkpoints that the others come in the middle of them.
    config = over_kafka(kafka, topic_prefix, databases).replace("commit_events: 100", "commit_events: 8\n  checkpoint_interval: 1s")
    daemon = make_daemon(config).start()
    names = ("kafka_rebalances_total", "kafka_partitions_lost_total", "kafka_producers_renewed_total", "commit_failures_total",
             "restores_total", "checkpoint_failures_total")
    seen = lambda: {name: daemon.metric(f"tocsin_{name}") for name in names}  # noqa: E731
    processes.wait_until(lambda: committed(kafka, topic_prefix) > 0, "some commits", SECONDS_MAX, pause=0.01)
    before = seen()
    second = tmp_path / "second.yaml"
    text = daemon.config.read_text().replace(f":{daemon.http_port}", ":0")
    in_the_middle = 0
    for twin in (text, text.replace("instance: one", "instance: two")):
        second.write_text(twin)
        in_the_middle += committed(kafka, topic_prefix) < len(arrivals)
        ran = subprocess.run([str(tocsin_binary), "run", "--config", str(second)], capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 69 and "another process holds this state directory" in ran.stderr, ran.stderr
        assert f"{daemon.folder}/state" in ran.stderr and "state_dropped" not in ran.stderr
    assert in_the_middle > 0, "it was done before anybody disturbed it"
    wait_until_committed(kafka, topic_prefix, len(arrivals))
    assert seen() == before and daemon.get("/readyz")[0] == 200
    daemon.stop()
    assert_same(outputs(kafka, topic_prefix), expected)
    daemon.start()  # From its checkpoint, which nobody has taken away.
    daemon.stop()
    assert "state_dropped" not in daemon.log.read_text(errors="replace")


def post(daemon, lines: list[bytes]) -> tuple[int, dict]:
    port = re.findall(r"POST /v1/events at port (\d+)", daemon.log.read_text(errors="replace"))[-1]
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    try:
        connection.request("POST", "/v1/events", b"\n".join(lines), {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_http_gives_what_kafka_gives(make_daemon, databases, arrivals, expected):
    """By HTTP nobody's record becomes a dead letter for what it is: the sender is told, with the same reason."""
    daemon = make_daemon(BY_HTTP + databases).start()
    refused: list[bytes] = []
    for begin in range(0, len(arrivals), 500):
        part = arrivals[begin : begin + 500]
        assert post(daemon, [a.value for a in part if not a.poison])[0] == 202
        for arrival in (a for a in part if a.poison):
            status, answer = post(daemon, [arrival.value])
            assert status == 400, answer
            refused += [error["reason"].encode() for error in answer["errors"]]
    wait_until_processed(daemon)
    daemon.stop()
    out = daemon.folder / "out"
    found = {kind: sorted(comparable(kind, line) for line in (out / f"{kind}.jsonl").read_bytes().splitlines()) for kind in KINDS}
    reasons = [json.loads(letter)["reason"].encode() for letter in found.pop("dead-letters")]
    wanted = dict(expected)
    assert sorted(reasons + refused) == sorted(json.loads(letter)["reason"].encode() for letter in wanted.pop("dead-letters"))
    assert found == wanted
