"""The whole program in embedded mode, as a test drives it: events by HTTP, outputs in files."""

import http.client
import json
import pathlib
import re
import subprocess

from support import processes

CONFIG = """\
log: local
state_dir: {folder}/state
local:
  partitions: 1
  outputs: {folder}/out
http:
  metrics_listen: 127.0.0.1:{http_port}
  events_listen: 127.0.0.1:0
"""
KINDS = ("findings", "notices", "tickets", "actions", "dead-letters")
NDJSON = "application/x-ndjson"


def events_port(daemon) -> int:
    """The port of POST /v1/events: chosen anew at every start, said in the log."""
    served = re.findall(r"POST /v1/events at port (\d+)", daemon.log.read_text(errors="replace"))
    assert served, daemon.log_tail()
    return int(served[-1])


def post(daemon, body: str | bytes, content_type: str = NDJSON, **headers: str) -> tuple[int, dict]:
    """Status and decoded answer. OSError or HTTPException when the daemon goes away."""
    connection = http.client.HTTPConnection("127.0.0.1", events_port(daemon), timeout=60)
    try:
        data = body.encode() if isinstance(body, str) else body
        named = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", "/v1/events", data, named)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith(b"{") else {}
    finally:
        connection.close()


def wait_until_processed(daemon) -> None:
    """For as long as it goes on: of the outputs of the last commit all are in their files then."""
    assert "\ntocsin_log_pending_bytes " in daemon.get("/metrics")[1]
    pending = lambda: daemon.metric("tocsin_log_pending_bytes")  # noqa: E731
    processes.wait_while_it_goes_on(lambda: pending() == 0, "everything to be processed", pending, pause=0.05)


def comparable(path: pathlib.Path) -> list[str]:
    """The records of a file in an order of their own, without what two runs may say differently."""
    records = []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        for member in ("detected_at", "versions"):
            record.pop(member, None)
        records.append(json.dumps(record, sort_keys=True, ensure_ascii=False))
    return sorted(records)


def replay(binary: pathlib.Path, folder: pathlib.Path, events: bytes, *arguments: str) -> subprocess.CompletedProcess:
    """Replays into `folder`/out, as the daemon's files are named."""
    out = folder / "out"
    out.mkdir(parents=True, exist_ok=True)
    (folder / "events.jsonl").write_bytes(events)
    outputs = [part for kind in KINDS for part in (f"--{kind}", str(out / f"{kind}.jsonl"))]
    command = [str(binary), "replay", "--events", str(folder / "events.jsonl"), *outputs, *arguments]
    return subprocess.run(command, capture_output=True, timeout=600, check=False)


def assert_same_outputs(expected: pathlib.Path, found: pathlib.Path) -> None:
    for kind in KINDS:
        name = f"{kind}.jsonl"
        assert comparable(found / name) == comparable(expected / name), f"{name} differs"
