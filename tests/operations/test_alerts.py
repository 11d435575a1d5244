"""Alert rules: each is tested by promtool, has its page, and asks only for metrics that the program serves."""

import pathlib
import re
import subprocess
import sys
import tempfile
import os
import urllib.request

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import metric_names, processes  # noqa: E402
from support.operator_tools import tools  # noqa: E402

RULES = ROOT / "helm/tocsin/rules/alerts.yaml"
CASES = sorted((ROOT / "helm/tests").glob("alerts*_test.yaml"))
PAGES = ROOT / "docs/runbooks"
RUNBOOKS = yaml.safe_load((ROOT / "helm/tocsin/values.yaml").read_text())["metrics"]["prometheusRule"]["runbookUrl"]
SECTIONS = ["## Meaning", "## Impact", "## Diagnosis", "## Remedy"]


def rules() -> list[dict]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def alerts() -> set[str]:
    return {rule["alert"] for rule in rules() if "alert" in rule}


def promtool(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([tools() / "promtool", *arguments], capture_output=True, text=True, **options)


def test_the_rules_are_rules():
    done = promtool("check", "rules", str(RULES))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.stem)
def test_each_fires_and_ends_when_it_should(cases: pathlib.Path):
    done = promtool("test", "rules", str(cases))
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_has_a_case_that_fires_and_cases_that_do_not():
    fires, rests = set(), {}
    for case in [case for file in CASES for case in yaml.safe_load(file.read_text())["tests"]]:
        for test in case.get("alert_rule_test", []):
            name = test["alertname"]
            if test.get("exp_alerts"):
                fires.add(name)
            else:
                rests[name] = rests.get(name, 0) + 1
    assert fires == alerts()
    # Before it fires, and after it has.
    assert {name: count for name, count in rests.items() if count < 2} == {}
    assert set(rests) == alerts()


def test_each_has_a_page_and_each_page_an_alert():
    assert {page.stem for page in PAGES.glob("*.md")} == alerts()
    for page in PAGES.glob("*.md"):
        text = page.read_text()
        assert text.startswith(f"# {page.stem}\n")
        for section in SECTIONS:
            assert re.search(rf"^{section}\n\S", text, re.M), f"{page.name}: {section} is missing or empty"


def test_each_says_what_a_person_needs():
    for rule in rules():
        if "alert" not in rule:
            continue
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]
        assert "for" in rule
        assert rule["annotations"]["runbook_url"] == f"{RUNBOOKS}{rule['alert']}.md"


def test_what_cannot_wait_for_the_morning_is_critical():
    severity = {rule["alert"]: rule["labels"]["severity"] for rule in rules() if "alert" in rule}
    for objective in ("TocsinDetection", "TocsinDelivery"):
        of_this = {name.removeprefix(objective): how for name, how in severity.items() if name.startswith(f"{objective}Slow")}
        assert of_this == {"SlowFast": "critical", "Slow": "critical", "SlowAllDay": "warning", "SlowForDays": "warning"}


def test_sums_are_of_one_installation():
    for rule in rules():
        for grouped in re.findall(r"\b(?:sum|max|min|count|group|avg)\b(?: by \(([^)]*)\))?", rule["expr"]):
            assert {"namespace", "job"} <= {label.strip() for label in grouped.split(",")}, rule["expr"]


def served_metrics() -> str:
    port = processes.free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "tocsin.yaml"
        city = next(pathlib.Path(os.environ["TOCSIN_BINARY"]).parent.glob("test-data/city.mmdb"))
        config.write_text(f"state_dir: {folder}/state\ngeoip: {{city: [{city}]}}\n"
                          f"http: {{metrics_listen: '127.0.0.1:{port}', events_listen: '127.0.0.1:0'}}\n"
                          "delivery: {mail: {url: 'smtp://127.0.0.1:1', tls: false, from: security@example.com}}\n")
        daemon = processes.start([os.environ["TOCSIN_BINARY"], "run", "--config", str(config)], stderr=subprocess.DEVNULL)

        def served() -> str:
            """Once it is ready: before, it serves what it has by then."""
            assert daemon.poll() is None, "the daemon ended"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
                    text = answer.read().decode()
                return text if "\ntocsin_ready 1\n" in text else ""
            except OSError:
                return ""

        try:
            return processes.wait_until(served, "the daemon to be ready", 60)
        finally:
            processes.stop(daemon)


def test_what_the_program_serves_is_what_it_declares():
    text = served_metrics()
    checked = promtool("check", "metrics", input=text)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    served = dict(re.findall(r"^# TYPE (\S+) (\S+)", text, re.M))
    declared = {name: kind for name, (kind, _, said) in metric_names.declared().items()
                if "Only with `log: kafka`" not in said and "Only with `kafka." not in said}
    assert served == declared
