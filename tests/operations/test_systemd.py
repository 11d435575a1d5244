"""The unit of systemd: systemd takes it, it opens little, and it starts the program as the program wants to be started."""

import configparser
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
UNIT = ROOT / "systemd/tocsin.service"
EXPOSURE_MAX = 1.3  # Of 10; systemd calls up to 2 "OK".


@pytest.fixture
def unit(tmp_path) -> pathlib.Path:
    """With the program that is there."""
    path = tmp_path / "tocsin.service"
    path.write_text(UNIT.read_text().replace("/usr/local/bin/tocsin", os.environ["TOCSIN_BINARY"]))
    return path


def analyze(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True)


def service() -> dict[str, str]:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read_string(UNIT.read_text())
    return dict(parser["Service"])


def complaints(unit: pathlib.Path) -> list[str]:
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(unit))
    return [line for line in (done.stdout + done.stderr).splitlines() if "tocsin" in line]


def test_systemd_takes_it(unit):
    assert complaints(unit) == []


def test_a_mistake_would_be_told(unit):
    unit.write_text(unit.read_text().replace("ProtectHome=yes", "ProtectHom=yes"))
    assert any("ProtectHom" in line for line in complaints(unit))


def test_it_opens_little(unit):
    said = analyze("security", "--offline=true", "--no-pager", str(unit)).stdout
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said)[1])
    assert exposure <= EXPOSURE_MAX


def test_the_program_is_started_as_it_wants_to_be():
    program, command, *options = service()["ExecStart"].split()
    assert program == "/usr/local/bin/tocsin"
    said = subprocess.run([os.environ["TOCSIN_BINARY"], command, "--help"], capture_output=True, text=True).stdout
    assert all(option in said for option in options if option.startswith("--"))


def test_a_wrong_configuration_is_not_tried_again(tmp_path):
    (tmp_path / "tocsin.yaml").write_text("nothing: known\nengine: {workers: many}\n")
    command = [os.environ["TOCSIN_BINARY"], "run", "--config", str(tmp_path / "tocsin.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert str(done.returncode) == service()["RestartPreventExitStatus"]
    assert "nothing: is not a known key" in done.stderr and "engine.workers" in done.stderr  # All of them at once.
    # That status is asked of the process alone, not of what runs before it.
    assert not [key for key in service() if key in ("ExecStartPre", "ExecCondition", "ExecStartPost")]


def test_the_configuration_of_the_page_is_one_and_keeps_its_state_where_the_unit_may_write(tmp_path):
    page = (ROOT / "docs/operations.md").read_text()
    command = re.search(r"(tocsin generate config \| sed '[^']+') \| sudo tee /etc/tocsin/tocsin.yaml", page)[1]
    made = subprocess.run(["sh", "-c", command.replace("tocsin generate", f"{os.environ['TOCSIN_BINARY']} generate")],
                          capture_output=True, text=True, check=True).stdout
    (tmp_path / "tocsin.yaml").write_text(made)
    directory = f"/var/lib/{service()['StateDirectory']}"
    assert re.findall(r"^state_dir: (.*)$", made, re.M) == [f'"{directory}"'] and service()["WorkingDirectory"] == directory
    checked = subprocess.run([os.environ["TOCSIN_BINARY"], "check", "--config", str(tmp_path / "tocsin.yaml")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
