"""The alert rules that the chart installs: those of the file, each about this release alone."""

import copy
import pathlib
import re
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support.chart import CASES, CHART, of_kind, render  # noqa: E402
from support.operator_tools import tools  # noqa: E402

SERIES = 'namespace="default",job="alarm-tocsin"'
METRIC = re.compile(r"\b(?:tocsin:[a-z0-9_:]+|(?:tocsin|process)_[a-z0-9_]+)(\{[^}]*\})?")


def groups(*arguments: str) -> list[dict]:
    return of_kind(render(*arguments), "PrometheusRule")["spec"]["groups"]


def promtool(*arguments: str) -> None:
    done = subprocess.run([tools() / "promtool", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_are_those_of_the_file_less_the_disabled():
    expected = copy.deepcopy(yaml.safe_load((CHART / "rules/alerts.yaml").read_text())["groups"])
    for group in expected:
        group["rules"] = [one for one in group["rules"] if one.get("alert") != "TocsinGeoipStale"]
    rendered = copy.deepcopy(groups("-f", str(CASES["everything"])))
    for group in rendered:
        for one in group["rules"]:
            one["expr"] = one["expr"].replace(f"{SERIES},", "").replace(f"{{{SERIES}}}", "")
    assert rendered == expected


def test_the_pages_are_where_the_values_say():
    pages = "https://wiki.example.com/tocsin/"
    for group in groups("-f", str(CASES["monitoring"]), "--set", f"metrics.prometheusRule.runbookUrl={pages}"):
        for one in group["rules"]:
            assert "alert" not in one or one["annotations"]["runbook_url"] == f"{pages}{one['alert']}.md"


@pytest.mark.parametrize("arguments, series", [
    (["-f", str(CASES["monitoring"])], SERIES),
    (["-f", str(CASES["pod-monitor"])], 'namespace="default",job="default/alarm-tocsin"'),
    (["-f", str(CASES["monitoring"]), "--namespace", "risk", "--set", "fullnameOverride=bell"], 'namespace="risk",job="bell"'),
    (["--set", "metrics.prometheusRule.enabled=true", "--set-string", 'metrics.prometheusRule.selector=job=~"tocsin_.*$"'], 'job=~"tocsin_.*$"'),
])
def test_each_asks_for_series_of_this_release_alone(arguments: list[str], series: str, tmp_path):
    overridden = "fullnameOverride=bell" in arguments
    (rule,) = [one for one in render(*arguments) if one["kind"] == "PrometheusRule"]
    assert rule["metadata"]["name"] == ("bell" if overridden else "alarm-tocsin")
    for one in [one for group in rule["spec"]["groups"] for one in group["rules"]]:
        chosen = METRIC.findall(one["expr"].replace(series, "SERIES"))
        assert chosen and all(text.startswith("{SERIES") for text in chosen), one["expr"]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rule["spec"]))
    promtool("check", "rules", str(tmp_path / "rules.yaml"))


def test_two_releases_say_nothing_of_each_other(tmp_path):
    """That of `live` is away and misses nothing of `trial`, which has other rules of detection and a process that does not answer."""
    for namespace in ("live", "trial"):
        rule = of_kind(render("-f", str(CASES["monitoring"]), "--namespace", namespace), "PrometheusRule")
        (tmp_path / f"{namespace}.yaml").write_text(yaml.safe_dump(rule["spec"]))
    def series(name: str, instance: str, **labels: str) -> str:
        return name + "{" + ",".join(f'{key}="{value}"' for key, value in
                                     {"namespace": "trial", "job": "alarm-tocsin", "instance": instance, **labels}.items()) + "}"
    def fires(alert: str, at: str, *namespaces: str, **labels: str) -> dict:
        text = {one["alert"]: one for group in yaml.safe_load((tmp_path / "live.yaml").read_text())["groups"]
                for one in group["rules"] if "alert" in one}[alert]
        annotations = {name: words.replace("{{ $labels.instance }}", labels.get("instance", "")) for name, words in text["annotations"].items()}
        return {"eval_time": at, "alertname": alert, "exp_alerts": [
            {"exp_labels": {"namespace": namespace, "job": "alarm-tocsin", **text["labels"], **labels}, "exp_annotations": annotations}
            for namespace in namespaces]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({
        "rule_files": ["live.yaml", "trial.yaml"], "evaluation_interval": "1m", "tests": [{"interval": "1m", "input_series": [
            {"series": series("tocsin_build_info", "a", version="1"), "values": "1x60"},
            {"series": series("tocsin_config_info", "a", rules="1"), "values": "1x60"},
            {"series": series("tocsin_config_info", "b", namespace="live", rules="2"), "values": "1x20 stale"},
            {"series": series("tocsin_build_info", "b", namespace="live", version="1"), "values": "1x20 stale"},
            {"series": series("up", "a"), "values": "1x60"},
            {"series": series("up", "c"), "values": "0x60"},
        ], "alert_rule_test": [fires("TocsinAbsent", "15m"), fires("TocsinAbsent", "40m", "live"),
                               fires("TocsinConfigDiffers", "50m"), fires("TocsinTargetDown", "40m", "trial", instance="c")]}]}))
    promtool("test", "rules", str(tmp_path / "test.yaml"))


def test_the_monitor_finds_the_pods():
    for case, kind, endpoints in (("monitoring", "ServiceMonitor", "endpoints"), ("pod-monitor", "PodMonitor", "podMetricsEndpoints")):
        objects = render("-f", str(CASES[case]))
        assert {one["kind"] for one in objects} & {"ServiceMonitor", "PodMonitor"} == {kind}
        monitor, stateful = of_kind(objects, kind)["spec"], of_kind(objects, "StatefulSet")["spec"]
        labels = stateful["template"]["metadata"]["labels"] if kind == "PodMonitor" else of_kind(objects, "Service")["metadata"]["labels"]
        assert monitor["selector"]["matchLabels"].items() <= labels.items()
        assert monitor[endpoints][0]["port"] == stateful["template"]["spec"]["containers"][0]["ports"][0]["name"] == "metrics"
