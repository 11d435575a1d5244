"""Outputs of two runs over the same events, held against each other byte for byte."""

import json
import pathlib
import re
import subprocess

KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")

# What docs/guarantees.md says depends on the population of a partition: detectors whose findings another division changes.
OF_THE_POPULATION = {"login_rarity", "new_country", "unusual_amount", "new_payee_large", "account_drain", "dormant_reactivation"}


def comparable(kind: str, value: bytes) -> bytes:
    """An output without what two runs say differently: when it was made, and where the record of a dead letter lay."""
    if kind != "dead-letters":
        return re.sub(rb'"detected_at":"[^"]*",', b"", value, count=1)
    letter = json.loads(value)
    return json.dumps({name: letter.get(name) for name in ("reason", "field", "detail", "bytes")}).encode()


def replayed(tocsin: pathlib.Path, folder: pathlib.Path, values: list[bytes]) -> dict[str, list[bytes]]:
    """What one uninterrupted run makes of these records, as `comparable`; some of each kind."""
    (folder / "events.jsonl").write_bytes(b"\n".join(values))
    outputs = [word for kind in KINDS for word in (f"--{kind}", str(folder / kind))]
    subprocess.run([str(tocsin), "replay", "--events", str(folder / "events.jsonl"), *outputs], capture_output=True, timeout=240, check=True)
    found = {kind: [comparable(kind, line) for line in (folder / kind).read_bytes().splitlines()] for kind in KINDS}
    assert all(len(lines) > 5 for lines in found.values()), {kind: len(lines) for kind, lines in found.items()}
    return found
