"""The README's first own alert, pasted as it stands: only ports and folder are the test's."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import processes  # noqa: E402

START, LOOK = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text().partition("## Your first own alert")[2], re.M | re.S)[:2]


def test_six_wrong_guesses_and_a_right_one_are_a_notice(tmp_path):
    metrics, events = processes.free_port(), processes.free_port()
    (tmp_path / "build/release").mkdir(parents=True)
    (tmp_path / "build/release/tocsin").symlink_to(os.environ["TOCSIN_BINARY"])
    (tmp_path / "ports.yaml").write_text(f"http: {{metrics_listen: '127.0.0.1:{metrics}', events_listen: '127.0.0.1:{events}'}}\n")

    def here(block: str) -> str:
        started = "timeout 120 ./build/release/tocsin run --config ports.yaml >log 2>&1 & echo $! >pid"
        return block.replace("9464", str(metrics)).replace("8700", str(events)).replace("./build/release/tocsin run &", started)
    try:
        done = subprocess.run(["bash", "-c", here(START)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=120)
        assert json.loads(done.stdout) == {"accepted": 8}
        notices = tmp_path / "tocsin-state/out/notices.jsonl"
        processes.wait_until(lambda: notices.exists() and notices.read_text().endswith("\n"), "the notice", 60)
        said = subprocess.run(["bash", "-ec", here(LOOK)], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60).stdout
        assert "Ada" in said and 'detector="guessed_in",verdict="alert"} 1' in said, said
    finally:
        pid = int((tmp_path / "pid").read_text())
        os.kill(pid, 15)
        while pathlib.Path(f"/proc/{pid}/stat").exists():
            time.sleep(0.05)
