"""The chart rendered by helm as release `alarm`, and what is in it."""

import pathlib
import shutil
import subprocess
import tempfile

import yaml

from support.operator_tools import tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "helm/tocsin"
VERSIONS = ["1.27", "1.29", "1.31", "1.34", "1.37"]
CASES = {path.name.removesuffix("-values.yaml"): path for path in sorted((CHART / "ci").glob("*-values.yaml"))}


def helm(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([tools() / "helm", *arguments], capture_output=True, text=True)


def template(*arguments: str) -> subprocess.CompletedProcess:
    version = [] if "--kube-version" in arguments else ["--kube-version", VERSIONS[-1]]
    return helm("template", "alarm", str(CHART), *arguments, *version)


def render(*arguments: str) -> list[dict]:
    done = template(*arguments)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def refused(*arguments: str) -> str:
    done = template(*arguments)
    assert done.returncode != 0
    return done.stderr


def of_kind(objects: list[dict], kind: str) -> dict:
    (found,) = [one for one in objects if one["kind"] == kind and one["metadata"]["name"] == "alarm-tocsin"]
    return found


def pod(objects: list[dict]) -> dict:
    return of_kind(objects, "StatefulSet")["spec"]["template"]["spec"]


def notes(*arguments: str) -> str:
    """What helm says after an installation. It says so to who has a cluster only: here an object of a copy of the chart holds it."""
    with tempfile.TemporaryDirectory() as folder:
        chart = shutil.copytree(CHART, f"{folder}/tocsin")
        (pathlib.Path(chart) / "templates/said.yaml").write_text(
            'kind: Said\ntext: |\n  {{- include (print .Template.BasePath "/NOTES.txt") . | nindent 2 }}\n')
        done = helm("template", "alarm", chart, *arguments, "--kube-version", VERSIONS[-1], "-s", "templates/said.yaml")
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["text"]
