"""docs/operations.md, followed in order: each `helm upgrade` renders, and takes back nothing that an earlier step set."""

import copy
import pathlib
import re
import shlex
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support.chart import of_kind, pod, refused, render  # noqa: E402
from support.operations_page import PAGE, STEPS, merged  # noqa: E402

REUSED = [page for page in sorted((ROOT / "docs/runbooks").glob("*.md")) if re.search(r"^helm upgrade.*--set", page.read_text(), re.M)]


def config_of(objects: list[dict]) -> dict:
    return yaml.safe_load(of_kind(objects, "ConfigMap")["data"]["tocsin.yaml"])


class Release:
    """What helm knows of one: the values of the last command, which the next one keeps only when it is told to."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.values, self.commands = folder, [], 0

    def does(self, line: str, file: dict) -> list[dict]:
        words = shlex.split(line, comments=True)
        assert words[:1] == ["helm"] and words[1] in ("install", "upgrade") and words[2:4] == ["alarm", "helm/tocsin"], line
        reused = "--reuse-values" in words
        given = []
        for at, word in enumerate(words):
            if word == "-f":
                self.commands += 1
                values = self.folder / f"{self.commands}.yaml"
                values.write_text(yaml.safe_dump(file) if words[at + 1] == "values.yaml" else (ROOT / words[at + 1]).read_text())
                given += ["-f", str(values)]
            if word.startswith("--set"):
                given += [word, words[at + 1]]
        assert not (reused and "-f" in given), line  # Which of the two holds is not what a reader expects.
        self.values = self.values + given if reused else given
        return render(*self.values)


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> tuple[Release, list[list[dict]]]:
    release, file, rendered = Release(tmp_path_factory.mktemp("values")), {}, []
    for language, block in STEPS:
        if language == "yaml":
            file = merged(file, yaml.safe_load(block))
        for line in block.splitlines() if language == "sh" else ():
            if line.startswith(("helm install", "helm upgrade")):
                rendered.append(release.does(line, file))
    return release, rendered


def test_nothing_is_lost_on_the_way(followed):
    _, rendered = followed
    assert len(rendered) == 5  # Installed, a token, TLS and SCRAM, a threshold, a version.
    known = set()
    for objects in rendered:
        mounts = {mount["mountPath"] for mount in pod(objects)["containers"][0]["volumeMounts"]}
        assert known <= mounts  # A secret that is mounted once stays.
        known = mounts
    last = config_of(rendered[-1])
    assert last["kafka"]["security"]["mechanism"] == "scram_sha_512" and last["kafka"]["security"]["tls"] is True
    assert last["kafka"]["brokers"] == "kafka-1.example.com:9093,kafka-2.example.com:9093"
    assert last["http"]["admin_token"] == {"file": "/etc/tocsin/secrets/admin/token"}
    assert last["detectors"]["impossible_travel"]["speed_kmh_max"] == 1000
    assert pod(rendered[-1])["containers"][0]["image"] == "registry.example.com/tocsin:0.2.0"
    # What the page makes of secrets is what is mounted.
    made = set(re.findall(r"create secret generic (\S+)", PAGE))
    assert {path.rpartition("/")[2] for path in known if path.startswith("/etc/tocsin/secrets/")} == made


@pytest.mark.parametrize("page", REUSED, ids=lambda page: page.stem)
def test_a_command_of_the_night_takes_nothing_back(page: pathlib.Path, followed):
    release = copy.copy(followed[0])  # As the page leaves it.
    for line in re.findall(r"^helm upgrade.*--set.*$", page.read_text(), re.M):
        assert "--reuse-values" in line, line
        objects = release.does(line, {})
        config = config_of(objects)
        assert config["kafka"]["security"]["tls"] is True
        assert config["detectors"]["impossible_travel"]["speed_kmh_max"] == 1000
        assert pod(objects)["containers"][0]["image"].endswith(":0.2.0")
    # The one that goes on for good says where it has to be written.
    assert "](../operations.md#on-kubernetes)" in page.read_text() or "takes it out again" in page.read_text()
    assert "### On Kubernetes" in PAGE


def test_two_commands_of_one_night_hold_both(followed):
    release = copy.copy(followed[0])  # As the page leaves it.
    lines = [re.search(r"^helm upgrade.*--set.*$", (ROOT / f"docs/runbooks/{name}.md").read_text(), re.M)[0]
             for name in ("TocsinDetectorNoisy", "TocsinLagGrows")]
    objects = [release.does(line, {}) for line in lines][-1]
    assert config_of(objects)["detectors"]["new_device"]["mode"] == "shadow"
    assert of_kind(objects, "StatefulSet")["spec"]["replicas"] == 4


def test_a_changed_secret_is_said_to_need_a_restart(followed):
    _, rendered = followed
    assert of_kind(rendered[-1], "StatefulSet")["metadata"]["name"] == "alarm-tocsin"
    says = PAGE.partition("**A changed secret rolls nothing**")[2].partition("```\n\n")[0]
    assert "kubectl -n tocsin rollout restart statefulset/alarm-tocsin\n" in says and "`systemctl restart tocsin`" in says
    # As the program has it: no secret is taken over while it runs.
    keys = re.findall(r"^\| `([\w.[\]]+)` \| .* \| (.*\{file: PATH\}.*) \| ", (ROOT / "docs/configuration.md").read_text(), re.M)
    assert len(keys) > 8 and [key for key, takes in keys if "live" in takes] == []


@pytest.mark.parametrize("where", ["config.http.admin_token.file=/etc/tocsin/secrets/admin/token",
                                   "config.kafka.security.ca=/etc/tocsin/secrets/admin/ca.crt",
                                   "config.answers.key.file=/etc/tocsin/secrets/admin/key"])
def test_a_secret_that_nothing_mounts_is_refused(where: str):
    said = refused("--set", f"{where},secrets={{kafka}}")
    assert where.partition("=")[2] in said and "secrets does not name admin" in said
    assert render("--set", f"{where},secrets={{kafka,admin}}")
    assert render("--set", f"{where},extraVolumes[0].name=s,extraVolumes[0].emptyDir.medium=Memory,extraVolumeMounts[0].name=s,"
                           "extraVolumeMounts[0].mountPath=/etc/tocsin/secrets/admin")
