"""What the README leads with: the demo, with fewer people and the tests' databases, ends well and shows all it promises."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def test_the_demo_shows_notices_a_ticket_figures_and_a_takeover(tmp_path):
    program = pathlib.Path(os.environ["TOCSIN_BINARY"])
    environment = os.environ | {"TOCSIN_DEMO_FOLDER": str(tmp_path / "demo")}
    command = [ROOT / "tools/demo", "--accounts", "300", "--geoip", program.parent / "test-data"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1500, check=False)
    said = ran.stdout
    assert ran.returncode == 0, said[-3000:] + ran.stderr
    sent, at_once = re.search(r"300 accounts, 21 days, ([\d,]+) events; (\d+) attacks", said).groups()
    assert int(sent.replace(",", "")) > 10_000 and int(at_once) > 5
    # A notice in each language, with its two answers; a ticket with its timeline and what is to be decided.
    assert re.search(r"[\u4e00-\u9fff]{8}", said) and "Was this you" in said and len(re.findall(r"http://127.0.0.1:\d+/r/", said)) >= 4, said
    for word in ("Timeline", "Due", "findings of severity medium and above", "recall", "events/s"):
        assert word.lower() in said.lower(), word
    live = said.partition("an account is taken over")[2]
    told = ("the owner has a mail", "opens a page (200)", 'button "not me" (200)', "support has it at P1", "the platform is asked to: freeze")
    assert [line for line in told if line not in live] == []
    assert list((tmp_path / "demo/out").glob("*.jsonl"))
