"""Databases that are replaced while the daemon reads from Kafka.

A new file is in use from one batch to the next: what was committed before was judged by the old one, what is sent after
`geoip_swapped` by the new one, as by two replays of which the second goes on from the first one's state. Nothing else changes: no
rebalance, no restore, nothing lost or twice.
"""

import copy
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import pytest

from support import kafka_client, kafka_settings, mixed_traffic, mmdb_writer, processes
from support.compared import comparable
from support.kafka_client import Record, consume, produce

PARTITIONS = 4
KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")
INPUTS = ("events",)  # One: while records come, nobody says which of two topics is read first.
DATABASES = "geoip: {city: [{data}/city.mmdb], asn: [{data}/asn.mmdb], anonymity: {data}/anonymous-ip.mmdb}\n"
MORE = DATABASES + """\
watch_config: false
engine: {workers: 2, commit_events: 50}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


class Geoip:
    """Files that the daemon reads, and what they may be replaced by."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self._made = 0
        spec = json.loads((pathlib.Path(mmdb_writer.__file__).with_name("places.json")).read_text())
        turned = copy.deepcopy(spec)
        for entry, other in zip(turned["networks"], [*spec["networks"][1:], spec["networks"][0]]):
            entry["place"] = other["place"]
        longer = copy.deepcopy(spec)
        longer["networks"].append(spec["networks"][0] | {"prefixes": ["198.18.0.0/15"]})  # Nobody comes from there.
        months = (("first", spec), ("turned", turned), ("longer", longer))
        self.files = {name: dict(mmdb_writer.databases(one, mmdb_writer.BUILD_EPOCH + number * 2_592_000))
                      for number, (name, one) in enumerate(months)}
        city = self.files["first"]["city.mmdb"]
        self.files["cut"] = self.files["first"] | {"city.mmdb": city[: len(city) // 2]}

    def beside(self, name: str) -> pathlib.Path:
        """A folder of its own with these."""
        beside = self.folder / name
        beside.mkdir(exist_ok=True)
        for file, content in self.files[name].items():
            (beside / file).write_bytes(content)
        return beside

    def put(self, name: str) -> None:
        """As an updater does: written beside, and renamed."""
        used = self.folder / "used"
        used.mkdir(exist_ok=True)
        for file, content in self.files[name].items():
            self._made += 1
            new = self.folder / f"new-{self._made}"
            new.write_bytes(content)
            new.rename(used / file)


@pytest.fixture
def geoip(tmp_path) -> Geoip:
    (tmp_path / "geoip").mkdir()
    made = Geoip(tmp_path / "geoip")
    made.put("first")
    return made


@pytest.fixture(scope="module")
def arrivals(tocsin_binary) -> list[mixed_traffic.Arrival]:
    return mixed_traffic.arrivals(tocsin_binary, accounts=60, days=16, seed=7)


def replayed(tocsin, folder: pathlib.Path, pieces: list[tuple[list, pathlib.Path]]) -> dict[str, list[bytes]]:
    """Each partition's arrivals of one piece after the other, each by its own databases."""
    found: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for partition in range(PARTITIONS):
        state = folder / f"state-{partition}"
        for arrivals, data in pieces:
            mine = [a.value for a in arrivals if mixed_traffic.partition_of(a.account, PARTITIONS) == partition]
            (folder / "events.jsonl").write_bytes(b"\n".join(mine))
            (folder / "tocsin.yaml").write_text(DATABASES.replace("{data}", str(data)))
            command = [str(tocsin), "replay", "--events", str(folder / "events.jsonl"), "--config", str(folder / "tocsin.yaml"),
                       "--state", str(state), *(word for kind in KINDS for word in (f"--{kind}", str(folder / kind)))]
            ran = subprocess.run(command, capture_output=True, timeout=900, check=False)
            assert ran.returncode == 0, ran.stderr
            for kind in KINDS:
                found[kind] += [comparable(kind, line) for line in (folder / kind).read_bytes().splitlines()]
    assert all(len(lines) > 5 for lines in found.values()), {kind: len(lines) for kind, lines in found.items()}
    return {kind: sorted(lines) for kind, lines in found.items()}


class Line:
    """The daemon and its topics: `send` returns when all of it is committed."""

    def __init__(self, kafka, prefix: str, make_daemon, geoip: Geoip):
        self.kafka, self.prefix, self.sent = kafka, prefix, 0
        kafka_settings.make_topics(kafka, prefix, INPUTS, PARTITIONS)
        config = kafka_settings.text(kafka.bootstrap, prefix, INPUTS, MORE.replace("{data}", str(geoip.folder / "used")))
        self.daemon = make_daemon(config).start()
        processes.wait_until(lambda: self._shared() and self._settled(), "two workers", 60)

    def send(self, arrivals: list, wait: bool = True) -> None:
        produce(self.kafka.bootstrap, [Record(self.prefix + "events", a.value, a.account.encode(),
                                              partition=mixed_traffic.partition_of(a.account, PARTITIONS)) for a in arrivals])
        self.sent += len(arrivals)
        if wait:
            self.wait()

    def wait(self) -> None:
        kafka_client.wait_until_committed(self.kafka.bootstrap, self.prefix + "tocsin", {self.prefix + "events": PARTITIONS}, self.sent)

    def outputs(self) -> dict[str, list[bytes]]:
        return {kind: sorted(comparable(kind, r.value) for r in consume(self.kafka.bootstrap, self.prefix + kind)) for kind in KINDS}

    def _shared(self) -> bool:
        """Both workers have the same number of partitions, as the group has it, and serve them, as the daemon has it."""
        shares = [len(member.assignment) for member in kafka_client.members(self.kafka.bootstrap, self.prefix + "tocsin")]
        serving = self.daemon.metric("tocsin_partitions_assigned") == PARTITIONS
        return len(shares) == 2 and shares[0] == shares[1] > 0 and serving and self.daemon.metric("tocsin_partitions_restoring") == 0

    def _settled(self) -> bool:
        before = self.undisturbed()
        time.sleep(1)
        return self.undisturbed() == before

    def databases(self) -> str:
        return re.search(r'^tocsin_geoip_info\{geoip="([^"]+)"\} 1$', self.daemon.get("/metrics")[1], re.MULTILINE).group(1)

    def said(self, code: str) -> int:
        return self.daemon.log.read_text().count(f'"{code}"')

    def undisturbed(self) -> tuple[float, ...]:
        names = ("kafka_rebalances_total", "restores_total", "commit_failures_total", "kafka_producers_renewed_total", "partitions_stopped")
        return tuple(self.daemon.metric(f"tocsin_{name}") for name in names)


def look(daemon) -> None:
    os.kill(daemon.process.pid, signal.SIGHUP)


def test_what_follows_a_new_file_is_judged_by_it_and_a_broken_one_changes_nothing(
        kafka, topic_prefix, make_daemon, geoip, arrivals, tocsin_binary, tmp_path):
    line = Line(kafka, topic_prefix, make_daemon, geoip)
    third = len(arrivals) // 3
    line.send(arrivals[:third])
    before, first = line.undisturbed(), line.databases()

    geoip.put("cut")
    look(line.daemon)
    processes.wait_until(lambda: line.said("geoip_refused"), "the refusal")
    assert line.daemon.metric("tocsin_geoip_last_reload_successful") == 0 and line.databases() == first
    line.send(arrivals[third : 2 * third])

    geoip.put("turned")
    processes.wait_until(lambda: line.said("geoip_swapped"), "the new file to be seen without a word", 30)
    assert line.daemon.metric("tocsin_geoip_last_reload_successful") == 1
    second = line.databases()
    assert second != first
    # They are in use when it is said: an idle worker judges by them whatever comes now.
    line.send(arrivals[2 * third :])
    assert line.undisturbed() == before
    line.daemon.stop()

    (tmp_path / "replay").mkdir()
    pieces = [(arrivals[: 2 * third], geoip.beside("first")), (arrivals[2 * third :], geoip.beside("turned"))]
    expected = replayed(tocsin_binary, tmp_path / "replay", pieces)
    found = line.outputs()
    for kind in KINDS:
        assert found[kind] == expected[kind], kind
    assert {json.loads(value)["versions"]["geoip"] for value in found["findings"]} == {first, second}


def test_files_that_are_replaced_all_the_time_under_load_lose_and_repeat_nothing(
        kafka, topic_prefix, make_daemon, geoip, arrivals, tocsin_binary, tmp_path):
    """Those that can be read say the same of everybody, so the moment of a swap decides nothing; every second cannot be read."""
    line = Line(kafka, topic_prefix, make_daemon, geoip)
    before = line.undisturbed()
    stop = threading.Event()

    def storm():
        for name in itertools.cycle(("longer", "cut", "first", "cut")):
            geoip.put(name)
            look(line.daemon)
            if stop.wait(0.05):
                return

    storming = threading.Thread(target=storm)
    storming.start()
    try:
        for begin in range(0, len(arrivals), 200):
            if begin + 200 >= len(arrivals):  # A machine that has much else to do takes its time.
                both = lambda: min(line.said("geoip_swapped"), line.said("geoip_refused")) > 10  # noqa: E731
                processes.wait_until(both, "the files to have been replaced often", 60)
            line.send(arrivals[begin : begin + 200], wait=False)
            time.sleep(0.1)
        line.wait()
    finally:
        stop.set()
        storming.join()
    assert line.undisturbed() == before
    line.daemon.stop()
    assert line.said("geoip_swapped") > 10 and line.said("geoip_refused") > 10

    def unversioned(found: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
        return {kind: sorted(re.sub(rb'"geoip":"[^"]*"', b"", value) for value in values) for kind, values in found.items()}

    (tmp_path / "replay").mkdir()
    expected = unversioned(replayed(tocsin_binary, tmp_path / "replay", [(arrivals, geoip.beside("first"))]))
    found = line.outputs()
    assert len({json.loads(value)["versions"]["geoip"] for value in found["findings"]}) >= 2  # A look may see half of a set.
    for kind, values in unversioned(found).items():
        assert values == expected[kind], kind
