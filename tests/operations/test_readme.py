"""The README's first own alerts, pasted as they stand: only ports, broker and folder are the test's."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import processes  # noqa: E402
from support.kafka_broker import KafkaCluster  # noqa: E402

README = (ROOT / "README.md").read_text()


def blocks(heading: str) -> list[str]:
    section = README.partition(f"## {heading}")[2].partition("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)


def ended(pid: int) -> bool:
    """Also when nobody asks how: it is no child of ours."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def pasted(tmp_path):
    """pasted(block) -> what it prints. The daemon it starts listens where nobody else does, and ends with the test."""
    metrics, events = processes.free_port(), processes.free_port()
    (tmp_path / "build/release").mkdir(parents=True)
    (tmp_path / "build/release/tocsin").symlink_to(os.environ["TOCSIN_BINARY"])
    ports = f"http: {{metrics_listen: '127.0.0.1:{metrics}', events_listen: '127.0.0.1:{events}'}}\n"

    def paste(block: str, brokers: str = "") -> str:
        (tmp_path / "ports.yaml").write_text(ports)
        block = block.replace("\nEND\n", f"\n{ports}END\n").replace("localhost:9092", brokers)
        started = "timeout 900 ./build/release/tocsin run --config {} >log 2>&1 & echo $! >pid"
        block = block.replace("./build/release/tocsin run &", started.format("ports.yaml"))
        block = block.replace("./build/release/tocsin run --config tocsin.yaml &", started.format("tocsin.yaml"))
        block = re.sub("9464|8700", lambda port: str(metrics if port[0] == "9464" else events), block)
        ran = subprocess.run(["bash", "-c", block], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                             timeout=900, check=False)
        return ran.stdout
    yield paste
    if (tmp_path / "pid").exists():
        pid = int((tmp_path / "pid").read_text())
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 15)
        processes.wait_until(lambda: ended(pid), "the daemon to end")


def test_six_wrong_guesses_and_a_right_one_are_a_notice(pasted, tmp_path):
    start, look = blocks("Your first own alert")[:2]
    assert json.loads(pasted(start)) == {"accepted": 8}
    notices = tmp_path / "tocsin-state/out/notices.jsonl"
    processes.wait_until(lambda: notices.exists() and notices.read_text().endswith("\n"), "the notice", 60)
    said = pasted("set -e\n" + look)
    assert "Ada" in said and 'detector="guessed_in",verdict="alert"} 1' in said, said


def test_the_same_through_kafka_is_a_finding(pasted):
    """As in the README: in the same folder as the first, which has been stopped."""
    with KafkaCluster() as kafka:
        said = pasted(blocks("The same through Kafka")[0], kafka.bootstrap)
    assert json.loads(said)["account_id"] == "acct-1", said
