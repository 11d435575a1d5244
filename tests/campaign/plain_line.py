"""What the records of one partition give, told by tests/campaign/plain_line.cc: the detectors, and nothing of what carries them."""

import dataclasses
import pathlib
import subprocess
import tempfile

from support.kafka_client import Record

KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")
DEV = pathlib.Path(__file__).resolve().parents[2] / "build/dev/plain_line"

States = dict[bytes, dict[int, bytes]]  # Of each key the segments that hold anything.


@dataclasses.dataclass(frozen=True)
class Given:
    outputs: dict[str, list[bytes]]  # Of each kind, in order.
    states: States


def of(binary: pathlib.Path) -> pathlib.Path:
    """The one that was built with this program, or that of the tests."""
    beside = binary.with_name("plain_line")
    return beside if beside.is_file() else DEV


def run(program: pathlib.Path, config: str, records: list[Record]) -> Given:
    """Of records as a log holds them: with partition, offset and time."""
    with tempfile.TemporaryDirectory(prefix="tocsin-plain-") as name:
        folder = pathlib.Path(name)
        (folder / "config").write_text(config)
        (folder / "records").write_bytes(b"".join(map(_written, records)))
        command = [str(program), str(folder / "config"), str(folder / "records"), str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600)
        assert done.returncode == 0, f"{program.name} ended with {done.returncode}: {done.stderr[-3000:]}"
        return Given({kind: (folder / kind).read_bytes().split(b"\n")[:-1] for kind in KINDS}, _states(folder / "states"))


def _written(record: Record) -> bytes:
    topic, key, value = record.topic.encode(), record.key or b"", record.value or b""
    numbers = (record.partition, record.offset, record.timestamp or 0, len(topic), len(key), len(value))
    return b"%d %d %d %d %d %d\n" % numbers + topic + key + value + b"\n"


def _states(path: pathlib.Path) -> States:
    states: States = {}
    with path.open("rb") as file:
        while line := file.readline():
            segment, key_bytes, segment_bytes = map(int, line.split())
            key = file.read(key_bytes)
            states.setdefault(key, {})[segment] = file.read(segment_bytes)
            assert file.read(1) == b"\n", "a state that is cut short"
    return states
