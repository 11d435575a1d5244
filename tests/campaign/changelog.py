"""The changelog as a stranger reads it: written from its description (daemon/engine/commit_record.h), not from the code.

Only the hash function is shared, as the library that everybody uses.
"""

import ctypes
import ctypes.util
import dataclasses
import struct

from support.kafka_client import Record

COMMIT = 0  # First byte of a key: 0 is a commit record, anything else a segment.

_xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
_xxhash.XXH3_64bits_withSeed.restype = ctypes.c_uint64
_xxhash.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]


class ChangelogError(AssertionError):
    pass


@dataclasses.dataclass(frozen=True)
class Commit:
    sequence: int
    positions: dict[str, int]
    segments: int
    outputs: int
    events: int
    chain: int
    form: int  # Of the states.


def _hash(data: bytes, seed: int) -> int:
    return _xxhash.XXH3_64bits_withSeed(data, len(data), seed)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def decode_commit(data: bytes) -> Commit:
    if data[0] not in (1, 2):
        raise ChangelogError(f"a commit record of version {data[0]}")
    sequence, at = _varint(data, 1)
    topics, at = _varint(data, at)
    positions = {}
    for _ in range(topics):
        size, at = _varint(data, at)
        topic = data[at : at + size].decode()
        zigzag, at = _varint(data, at + size)
        positions[topic] = (zigzag >> 1) ^ -(zigzag & 1)
    segments, at = _varint(data, at)
    outputs, at = _varint(data, at)
    events, at = _varint(data, at)
    (chain,) = struct.unpack_from("<Q", data, at)
    at += 8
    form = 0
    if data[0] == 2:
        form, at = _varint(data, at)
    if len(data) != at or (data[0] == 2 and not form):
        raise ChangelogError("a commit record with bytes behind it")
    return Commit(sequence, positions, segments, outputs, events, chain, form)


def read_chain(records: list[Record], compacted: bool = False) -> Commit | None:
    """The newest commit of one partition, after checking all: sequences without a gap, counts, positions that only
    grow, and the hash of everything. Where compaction has been, what it took away cannot be checked: the order can."""
    last: Commit | None = None
    chain = count = 0
    for record in records:
        if record.key is None or not record.key:
            raise ChangelogError(f"offset {record.offset}: no key")
        if record.key[0] != COMMIT:
            chain = _hash(record.value or b"", _hash(record.key, chain))
            count += 1
            continue
        commit = decode_commit(record.value)
        before = last.sequence if last else 0
        whole = commit.sequence == before + 1 and count == commit.segments
        if commit.sequence <= before or (not compacted and not whole):
            raise ChangelogError(f"offset {record.offset}: commit {commit.sequence} of {commit.segments} segments "
                                 f"after commit {before} and {count} segments")
        if (not compacted or (whole and before)) and commit.chain != chain:
            raise ChangelogError(f"offset {record.offset}: the chain breaks at commit {commit.sequence}")
        if last and commit.form < last.form:
            raise ChangelogError(f"offset {record.offset}: form {commit.form} after {last.form}")
        for topic, position in (last.positions if last else {}).items():
            if commit.positions.get(topic, -1) < position:
                raise ChangelogError(f"offset {record.offset}: {topic} goes back to {commit.positions.get(topic)}")
        if last and commit.events < last.events:
            raise ChangelogError(f"offset {record.offset}: {commit.events} events after {last.events}")
        last, chain, count = commit, commit.chain, 0
    if count:
        raise ChangelogError(f"{count} segments behind the last commit record")
    return last


def states(records: list[Record]) -> dict[bytes, dict[int, bytes]]:
    """What compaction would leave: of each state its newest segments. Deleted ones are not there."""
    newest: dict[bytes, dict[int, bytes]] = {}
    for record in records:
        if record.key[0] != COMMIT:
            newest.setdefault(record.key[1:], {})[record.key[0]] = record.value or b""
    present = {key: {number: value for number, value in segments.items() if value} for key, segments in newest.items()}
    return {key: segments for key, segments in present.items() if segments}
