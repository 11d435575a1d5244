"""What the pages say to put into a configuration is taken by `tocsin check`."""

import base64
import os
import pathlib
import re
import subprocess
import sys
import textwrap

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import certificates  # noqa: E402

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "detectors").glob("*.md"))]
CHART = {"docs/operations.md"}  # Its blocks are the chart's values; the configuration is what stands below `config`.
AROUND = {  # What a block needs that its page says elsewhere.
    "kafka": {"log": "kafka"},
    "answers": {"http": {"events_listen": "127.0.0.1:8700"}},
}


def blocks() -> list:
    found = []
    for page in PAGES:
        text = page.read_text()
        for block in re.finditer(r"^ *```yaml\n(.*?)^ *```", text, re.M | re.S):
            name = str(page.relative_to(ROOT))
            found.append(pytest.param(name, textwrap.dedent(block[1]), id=f"{name}:{text.count(chr(10), 0, block.start()) + 1}"))
    return found


def with_files(folder: pathlib.Path, values):
    """The same, with every file that it names made in the folder."""
    if isinstance(values, list):
        return [with_files(folder, value) for value in values]
    if not isinstance(values, dict):
        return values
    made = {}
    for key, value in values.items():
        if key == "file":
            secret = folder / pathlib.Path(value).name
            secret.write_text("whsec_" + base64.b64encode(secret.name.encode().ljust(48, b"."), b"+/").decode())
            made[key] = str(secret)
        else:
            made[key] = str(certificates.make(folder, "localhost")) if key == "ca" else with_files(folder, value)
    return made


def check(folder: pathlib.Path, page: str, block: str) -> subprocess.CompletedProcess:
    values = yaml.safe_load(block)
    if page in CHART:
        values = values.get("config", {})
    for key, more in AROUND.items():
        values = more | values if key in values else values
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(with_files(folder, values), sort_keys=False))
    return subprocess.run([os.environ["TOCSIN_BINARY"], "check", "--config", str(file)], capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("page, block", blocks())
def test_an_example_is_taken(tmp_path, page, block):
    done = check(tmp_path, page, block)
    assert done.returncode == 0, done.stderr


def test_a_wrong_example_is_refused(tmp_path):
    done = check(tmp_path, "docs/profiles.md", "detectors: {unusual_amount: {robust_z_min: 5}}\n")
    assert done.returncode == 78 and "robust_z_min: is not a known key" in done.stderr


def test_keys_of_the_running_text_exist():
    """`risk.cap_*`: what begins like a section of the configuration is a key, or the beginning of one."""
    keys = re.findall(r"^\| `([a-z0-9_.\[\]]+)` \|", (ROOT / "docs/configuration.md").read_text(), re.M)
    assert len(keys) > 100
    for page in PAGES:
        for start in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)_?\*`", page.read_text()):
            assert any(key.startswith(start) for key in keys), f"{page.relative_to(ROOT)}: {start}"
