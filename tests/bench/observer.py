#!/usr/bin/python3
"""tests/bench/observer.py --binary TOCSIN [--rounds N]: what it costs to be watched.

The same events go into embedded daemons in turn: one without an admin interface, one with it (findings, cases and the tap are kept
for who may ask), and one of which somebody reads the tap all the time. Compared is the processor time of the worker's thread, as
the daemon counts it, in pairs of one round, so that a noisy machine disturbs little.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile
import threading
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import population, processes  # noqa: E402
from support.daemon import Daemon  # noqa: E402
from support.embedded import post, wait_until_processed  # noqa: E402

TOKEN = "a-token-of-thirty-two-characters"
KINDS = ("alone", "watched", "tapped")
CONFIG = """\
state_dir: {folder}/state
local: {partitions: 1}
engine: {workers: 1, checkpoint_interval: 1h}
geoip: {city: [DATA/city.mmdb], asn: [DATA/asn.mmdb], anonymity: DATA/anonymous-ip.mmdb}
"""


def tap(port: int, stop: threading.Event) -> None:
    """Asks for the next as soon as the last is there, as `tocsin tap` does."""
    after = 0
    while not stop.is_set():
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/tap?after={after}",
                                       headers={"Authorization": f"Bearer {TOKEN}"})
        try:
            after = json.loads(urllib.request.urlopen(asked, timeout=20).read())["next"]
        except OSError:
            stop.wait(0.05)


def seconds(binary: pathlib.Path, kind: str, chunks: list[bytes], data: pathlib.Path) -> float:
    """Of the worker's thread, for all events."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as name:
        folder, port = pathlib.Path(name), processes.free_port()
        (folder / "token").write_text(TOKEN)
        admin = f"admin_listen: '127.0.0.1:{port}', admin_token: {{file: {folder}/token}}" if kind != "alone" else "admin_listen: ''"
        http_port = processes.free_port()
        http = f"http: {{metrics_listen: '127.0.0.1:{http_port}', events_listen: '127.0.0.1:0', {admin}}}\n"
        daemon = Daemon(binary, folder / "daemon", CONFIG.replace("{folder}", name).replace("DATA", str(data)) + http, http_port)
        daemon.start()
        stop = threading.Event()
        reader = threading.Thread(target=tap, args=(port, stop))
        if kind == "tapped":
            reader.start()
        before = daemon.metric("tocsin_worker_cpu_seconds_total")
        for chunk in chunks:
            status, answer = post(daemon, chunk)
            assert status == 202, answer
        wait_until_processed(daemon)
        took = daemon.metric("tocsin_worker_cpu_seconds_total") - before
        stop.set()
        if kind == "tapped":
            reader.join()
        daemon.stop()
        return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--databases", type=pathlib.Path, help="folder of the test databases (default: beside the binary)")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    lines = population.events(binary, arguments.accounts, 14, 3)
    chunks = [b"\n".join(lines[i:i + 5000]) + b"\n" for i in range(0, len(lines), 5000)]
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(arguments.rounds):
        for kind in KINDS:
            took[kind].append(seconds(binary, kind, chunks, (arguments.databases or binary.parent / "test-data").resolve()))
    print(f"{len(lines):,} events, {arguments.rounds} rounds")
    for kind in KINDS:
        ratios = sorted(this / alone for this, alone in zip(took[kind], took["alone"]))
        print(f"{kind:<8} {statistics.median(took[kind]) / len(lines) * 1e6:6.2f} µs an event of the worker's thread, "
              f"{statistics.median(ratios):.3f} of alone ({ratios[0]:.3f} to {ratios[-1]:.3f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
