"""Runbooks: what they tell a person to paste is there. Commands of the program with their options, queries, values of the chart."""

import functools
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import metric_names  # noqa: E402
from support.chart import CASES, of_kind, render  # noqa: E402
from support.operator_tools import tools  # noqa: E402

PAGES = {page.stem: page.read_text() for page in sorted((ROOT / "docs/runbooks").glob("*.md"))}
PROGRAMS = {"kubectl", "helm", "tocsin", "sudo", "systemctl", "journalctl", "df", "ls", "mv", "amtool", "kcat", "ss", "kafka-topics.sh", "kafka-configs.sh",
            "kafka-acls.sh", "kafka-consumer-groups.sh", "for", "done"}
SUBCOMMANDS = {"list", "show", "replay", "drop", "release", "reconcile", "erase", "allow"}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def lines(text: str) -> list[str]:
    return [line.strip() for block in blocks(text, "sh") for line in block.splitlines()]


@functools.cache
def help_of(*command: str) -> str:
    done = subprocess.run([os.environ["TOCSIN_BINARY"], *command, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, command
    return done.stdout


@pytest.mark.parametrize("name", PAGES)
def test_diagnosis_and_remedy_can_be_pasted(name: str):
    for section in ("Diagnosis", "Remedy"):
        text = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGES[name], re.M | re.S)[1]
        assert blocks(text, "sh") or blocks(text, "promql"), section
    assert blocks(PAGES[name].partition("## Remedy")[2], "sh")
    assert PAGES[name].count("```") % 2 == 0
    # One who has no cluster is told as well.
    assert "kubectl" not in PAGES[name] or "on a machine" in PAGES[name]


@pytest.mark.parametrize("name", [*PAGES, "operations"])
def test_commands_are_commands(name: str):
    for line in lines(PAGES.get(name) or (ROOT / "docs/operations.md").read_text()):
        words = shlex.split(line, comments=True)
        assert words[0] in PROGRAMS or name == "operations", line  # There: test_operations.py.
        for at in [at for at, word in enumerate(words) if word == "tocsin" and (at == 0 or words[at - 1] in ("--", "sudo"))]:
            command = words[at + 1:at + 2] + [word for word in words[at + 2:at + 3] if word in SUBCOMMANDS]
            assert "Subcommands:" not in help_of(command[0]) or len(command) == 2, line
            for option in [word for word in words[at + 1:] if word.startswith("--")]:
                assert re.search(rf"^  {option}\b", help_of(*command), re.M), line
            # Whatever asks the admin interface is given its token, and whatever does not has none. These two do with and without.
            if command not in (["top"], ["support-bundle"]):
                assert ("--token-file" in words) == ("http.admin_token" in help_of(*command)), line


def test_what_is_executed_in_a_pod_is_executed_where_it_is():
    objects = render("-f", str(CASES["admin"]))
    (container,) = of_kind(objects, "StatefulSet")["spec"]["template"]["spec"]["containers"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    labels = of_kind(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    claims = {f"{claim['metadata']['name']}-alarm-tocsin-0" for claim in of_kind(objects, "StatefulSet")["spec"]["volumeClaimTemplates"]}
    token = yaml.safe_load(of_kind(objects, "ConfigMap")["data"]["tocsin.yaml"])["http"]["admin_token"]["file"]
    for text in PAGES.values():
        for line in lines(text):
            if "exec" not in line:
                continue
            assert set(re.findall(r"exec (?:-\S+ )*(alarm\S+)", line)) <= {"alarm-tocsin-0"}
            assert set(re.findall(r"--token-file (\S+)", line)) <= {token}
            assert {path.rpartition("/")[0] for path in re.findall(r"--config (\S+)", line)} <= mounts
        for key, value in re.findall(r"-l ([a-z./]+)=(\w+)", text):
            assert labels[key] == value
        assert set(re.findall(r"pvc[/ ](state-\S+)", text)) <= claims


def test_values_that_are_set_are_values():
    changes = {line for text in PAGES.values() for line in lines(text) if line.startswith("helm upgrade") and "--set" in line}
    assert len(changes) > 8
    for line in changes:
        words = shlex.split(line, comments=True)
        at = next(at for at, word in enumerate(words) if word.startswith("--set"))
        assert render(words[at], words[at + 1]), line


def test_queries_are_queries_and_ask_for_what_is_served(tmp_path):
    asked = [line for text in PAGES.values() for block in blocks(text, "promql") for line in block.splitlines()]
    assert len(asked) > 40
    rules = [{"record": f"page:q{number}", "expr": query} for number, query in enumerate(asked)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "pages", "rules": rules}]}))
    done = subprocess.run([tools() / "promtool", "check", "rules", tmp_path / "rules.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    known = metric_names.series()
    recorded = {rule["record"] for group in yaml.safe_load((ROOT / "helm/tocsin/rules/alerts.yaml").read_text())["groups"]
                for rule in group["rules"] if "record" in rule}
    for query in asked:
        assert metric_names.asked(query) <= known.keys(), query
        assert set(re.findall(r"\btocsin:[a-z0-9_:]+", query)) <= recorded, query
        labels = set().union(*(known[name] for name in metric_names.asked(query))) | {"namespace", "job", "instance"}
        for grouped in re.findall(r"\bby \(([^)]*)\)", query):
            assert {label.strip() for label in grouped.split(",")} <= labels, query


def test_keys_that_are_named_are_keys():
    keys = set(re.findall(r'"([a-z_]+)"', subprocess.run([os.environ["TOCSIN_BINARY"], "generate", "schema", "config"],
                                                         capture_output=True, text=True, check=True).stdout))
    values = {"replicas", "persistence", "probes", "keda", "metrics", "resources"}
    codes = (ROOT / "docs/log-codes.md").read_text()
    for name, text in PAGES.items():
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
        for key in re.findall(r"`((?:engine|kafka|delivery|detectors|learning|http|geoip|support|probes|keda|persistence)\.[a-z_A-Z.]+)`", prose):
            assert key.split(".")[0] in values or set(key.split(".")) - {"ID", "NAME"} <= keys, (name, key)
        for code in re.findall(r"`((?:kafka|config|geoip|checkpoint|restore|partition|log|detector|worker)_[a-z]+)`", prose):
            assert f"`{code}`" in codes or code in keys, (name, code)
