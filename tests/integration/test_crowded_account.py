"""One account is half of all traffic, and another comes with a new device, address, payee and payment at every event, in the only
partition there is, among ordinary people: all are judged, memory and changelog hold no more than they may, and what is said of the
others is what is said without the two.
"""

import collections
import json
import pathlib
import subprocess
import sys

import pytest

from support import crowd, kafka_client, kafka_settings, processes
from support.compared import OF_THE_POPULATION, comparable
from support.kafka_client import Record, consume, produce

KINDS = ("findings", "notices", "tickets", "actions")
# What docs/guarantees.md says of an account's state.
SEGMENT_BYTES_MAX = 1_000_000
ACCOUNT_BYTES_MAX = 2_000_000
# In shadow they count for nothing in a case.
RULES = "detectors:\n" + "".join(f"  {name}: {{mode: shadow}}\n" for name in sorted(OF_THE_POPULATION))
DATABASES = "geoip: {city: ['DATA/city.mmdb'], asn: ['DATA/asn.mmdb'], anonymity: DATA/anonymous-ip.mmdb}\n"
# What a process has taken when it begins, in a build without sanitizers: the rest is what it may take beyond that.
PROGRAM_BYTES = 64 << 20
ENGINE = """\
engine: {workers: 1, state_memory_mb: 128, block_cache_mb: 16}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory) -> str:
    """Detectors and databases."""
    folder = tmp_path_factory.mktemp("databases")
    support = pathlib.Path(__file__).resolve().parents[1] / "support"
    command = [sys.executable, str(support / "mmdb_writer.py"), "--spec", str(support / "places.json"), "--out", str(folder)]
    subprocess.run(command, check=True, timeout=300)
    return RULES + DATABASES.replace("DATA", str(folder))


@pytest.fixture(scope="module")
def made(tocsin_binary) -> crowd.Crowd:
    made = crowd.Crowd(tocsin_binary, accounts=120, days=7, seed=5, hostile=16_000)
    accounts = collections.Counter(json.loads(line)["account_id"] for line in made.lines)
    assert accounts[crowd.HOT] * 2 == len(made.lines) and accounts[crowd.HOSTILE] == 16_000
    assert min(len(made.devices), len(made.addresses)) > 15_000 and min(len(made.payees), len(made.payments)) > 7_500
    return made


def of_others(kind: str, lines: list[bytes]) -> list[bytes]:
    """In their order."""
    kept = []
    for line in lines:
        output = json.loads(line)
        if output["account_id"] not in (crowd.HOT, crowd.HOSTILE) and output.get("detector") not in OF_THE_POPULATION:
            kept.append(comparable(kind, line))
    return kept


def said_alone(binary: pathlib.Path, folder: pathlib.Path, rules: str, lines: list[bytes]) -> dict[str, list[bytes]]:
    (folder / "rules.yaml").write_text(rules)
    (folder / "events.jsonl").write_bytes(b"\n".join(lines))
    command = [str(binary), "replay", "--config", str(folder / "rules.yaml"), "--events", str(folder / "events.jsonl")]
    command += [word for kind in KINDS for word in (f"--{kind}", str(folder / kind))]
    subprocess.run(command, capture_output=True, timeout=900, check=True)
    return {kind: of_others(kind, (folder / kind).read_bytes().splitlines()) for kind in KINDS}


def newest_bytes(changelog: list[Record]) -> dict[str, dict[int, int]]:
    """Of each account: what its segments take now."""
    accounts: dict[str, dict[int, int]] = collections.defaultdict(dict)
    for record in changelog:
        accounts[record.key[1:].decode(errors="replace")][record.key[0]] = len(record.value or b"")
    return accounts


def test_a_hot_and_a_hostile_account_stay_bounded_and_change_nothing_for_the_others(
    kafka, make_daemon, topic_prefix, tocsin_binary, tmp_path, rules, made
):
    expected = said_alone(tocsin_binary, tmp_path, rules, made.ordinary)
    assert all(len(lines) > 5 for lines in expected.values()), {kind: len(lines) for kind, lines in expected.items()}

    kafka_settings.make_topics(kafka, topic_prefix, inputs=("events",), partitions=1)
    produce(kafka.bootstrap, [Record(topic_prefix + "events", line, json.loads(line)["account_id"].encode()) for line in made.lines])
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, inputs=("events",), more=ENGINE + rules))
    # What sanitizers keep of freed memory is not the program's.
    daemon.environment["ASAN_OPTIONS"] = "quarantine_size_mb=8"
    daemon.start()
    resident = [daemon.metric("process_resident_memory_bytes")]

    def done() -> int:
        resident.append(daemon.metric("process_resident_memory_bytes"))
        assert daemon.metric("tocsin_partitions_stopped") == 0, daemon.log_tail()
        return kafka_client.committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + "events": 1})

    processes.wait_while_it_goes_on(lambda: done() == len(made.lines), "all events to be judged", done, quiet=120)
    assert daemon.metric("tocsin_events_total") >= len(made.lines)
    assert daemon.metric("tocsin_dead_letters_total") == 0

    changelog = consume(kafka.bootstrap, topic_prefix + "changelog")
    largest = max(changelog, key=lambda record: len(record.value or b""))
    assert len(largest.value) <= SEGMENT_BYTES_MAX, largest.key
    accounts = newest_bytes(changelog)
    for account in (crowd.HOT, crowd.HOSTILE):
        assert 10_000 < sum(accounts[account].values()) <= ACCOUNT_BYTES_MAX
    assert daemon.metric("tocsin_state_memory_bytes") <= 16 << 20
    assert max(resident) - resident[0] <= daemon.metric("tocsin_memory_budget_bytes") - PROGRAM_BYTES

    for kind in KINDS:
        found = [record.value for record in consume(kafka.bootstrap, topic_prefix + kind)]
        assert of_others(kind, found) == expected[kind], kind
    judged = {json.loads(record.value)["account_id"] for record in consume(kafka.bootstrap, topic_prefix + "findings")}
    assert crowd.HOSTILE in judged, "the crowd is looked at"
    daemon.stop()
