"""Dashboards: they are what their source gives, keep to Grafana's good manners, and ask for what the program serves, all of it."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import metric_names, panel_pictures  # noqa: E402
from support.operator_tools import tools  # noqa: E402

FOLDER = ROOT / "helm/tocsin/dashboards"
FILES = sorted(FOLDER.glob("*.json"))
RULES = yaml.safe_load((ROOT / "helm/tocsin/rules/alerts.yaml").read_text())
DASHBOARDS = [json.loads(path.read_text()) for path in FILES]
PANELS = [(board["uid"], panel) for board in DASHBOARDS for panel in board["panels"] if panel["type"] != "row"]
# What every process has, and dashboards of the platform show; and an instant that the log says with what changed.
SHOWN_ELSEWHERE = {"process_cpu_seconds_total", "process_open_fds", "process_max_fds", "tocsin_config_last_reload_timestamp_seconds"}


def queries() -> list[str]:
    return [target["expr"] for _, panel in PANELS for target in panel["targets"]]


def rules() -> list[dict]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def test_they_are_what_the_source_gives():
    done = subprocess.run([ROOT / "tools/make-dashboards", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def generated(*arguments: str) -> str:
    return subprocess.run([os.environ["TOCSIN_BINARY"], "generate", *arguments], capture_output=True, text=True, check=True).stdout


def test_the_program_brings_them_along():
    assert generated("dashboards").split() == [path.stem.removeprefix("tocsin-") for path in FILES]
    for path in FILES:
        assert generated("dashboards", path.stem.removeprefix("tocsin-")) == path.read_text()
    assert generated("alerts") == (ROOT / "helm/tocsin/rules/alerts.yaml").read_text()
    unknown = subprocess.run([os.environ["TOCSIN_BINARY"], "generate", "dashboards", "no"], capture_output=True, text=True)
    assert unknown.returncode == 64 and "no dashboard of that name" in unknown.stderr


def test_a_panel_without_words_is_refused(tmp_path):
    tool = (ROOT / "tools/make-dashboards").read_text().replace('ROOT / "helm/dashboards.yaml"', 'pathlib.Path(__file__).parent / "it.yaml"')
    (tmp_path / "tool.py").write_text(tool)
    (tmp_path / "it.yaml").write_text("- {uid: u, title: T, text: x, rows: [{title: R, panels: [{title: P, unitt: s, queries: {a: up}}]}]}")
    done = subprocess.run([sys.executable, tmp_path / "tool.py", "--check"], capture_output=True, text=True)
    assert "panel P: unknown ['unitt']" in done.stderr


def test_four_of_them_with_names_of_their_own():
    assert [board["uid"] for board in DASHBOARDS] == ["tocsin-delivery", "tocsin-detections", "tocsin-overview", "tocsin-pipeline"]
    assert all(path.stem == board["uid"] for path, board in zip(FILES, DASHBOARDS, strict=True))
    for board in DASHBOARDS:
        ids = [panel["id"] for panel in board["panels"]]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board["uid"])
def test_good_manners(board: dict):
    assert board["schemaVersion"] == 38 and board["editable"] is False
    variables = {one["name"]: one for one in board["templating"]["list"]}
    assert list(variables) == ["datasource", "namespace", "job", "instance"]
    # A process of a machine's own service manager has no namespace, and "All" must show it.
    assert variables["namespace"]["allValue"] == ".*"
    assert "id" not in board
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        assert panel["title"] and panel["description"].endswith("."), panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["type"] == "table" or panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            matchers = re.findall(r"\b(?:tocsin:[a-z0-9_:]+|(?:tocsin|process)_\w+)(\{[^}]*\})?", target["expr"])
            assert matchers, target["expr"]
            assert all(chosen.endswith('namespace=~"$namespace",job=~"$job",instance=~"$instance"}') for chosen in matchers), target["expr"]
            for window in re.findall(r"\[([^]]+)\]", target["expr"]):
                assert window in ("$__rate_interval", "$__range"), target["expr"]
            for counter in re.findall(r"\b(tocsin_\w+_total)\b", target["expr"]):
                assert re.search(rf"(rate|increase)\({counter}", target["expr"]) or panel["title"] in ("Labels", "For nobody", "Restores"), target["expr"]


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board["uid"])
def test_panels_lie_side_by_side(board: dict):
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def test_every_query_is_one():
    group = {"groups": [{"name": "panels", "rules": []}]}
    for number, query in enumerate(queries()):
        filled = query.replace("$__rate_interval", "5m").replace("$__range", "1h")
        filled = re.sub(r"\$(namespace|job|instance)", ".+", filled)
        group["groups"][0]["rules"].append({"record": f"panel:q{number}", "expr": filled})
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as out:
        yaml.safe_dump(group, out)
        out.flush()
        done = subprocess.run([tools() / "promtool", "check", "rules", out.name], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_asked_for_is_served():
    known = metric_names.series()
    for text in queries() + [rule["expr"] for rule in rules()]:
        assert metric_names.asked(text) - known.keys() == set(), text
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    for text in queries() + [rule["expr"] for rule in rules()]:
        assert set(re.findall(r"\btocsin:[a-z0-9_:]+", text)) <= recorded, text


def test_what_is_recorded_for_a_panel_keeps_what_is_chosen_above_it():
    kept = {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}
    for text in queries():
        for name in re.findall(r"\btocsin:[a-z0-9_:]+", text):
            assert "sum by (namespace, job, instance" in kept[name], name


def test_labels_of_queries_are_labels_of_their_metrics():
    known = metric_names.series()
    always = {"namespace", "job", "instance"}
    for text in queries() + [rule["expr"] for rule in rules()]:
        labels = set().union(*(known[name] for name in metric_names.asked(text))) | always
        if "tocsin:" in text:
            continue
        for listed in re.findall(r"\bby \(([^)]*)\)", text):
            assert {one.strip() for one in listed.split(",")} <= labels, text
        for name, inside in re.findall(r"\b((?:tocsin|process)_\w+)\{([^}]*)\}", text):
            assert set(re.findall(r"(\w+)\s*(?:=~|!=|=)", inside)) <= known[name] | always, text


def test_what_legends_name_is_there():
    for _, panel in PANELS:
        for target in panel["targets"]:
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                grouped = {one.strip() for listed in re.findall(r"\bby \(([^)]*)\)", target["expr"]) for one in listed.split(",")}
                assert label in grouped | {"instance", "detector"}, (panel["title"], label)


def test_what_is_served_is_asked_for():
    text = "\n".join(queries() + [rule["expr"] for rule in rules()])
    shown = {metric_names.metric_of(name) for name in metric_names.asked(text)}
    assert metric_names.declared().keys() - shown == SHOWN_ELSEWHERE


def test_what_pages_name_is_served():
    fields_of_tickets = {"tocsin_case", "tocsin_outcome", "tocsin_fraud", "tocsin_false_positive"}
    known = metric_names.series().keys() | metric_names.declared().keys() | fields_of_tickets
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md", *(ROOT / "helm").rglob("*.md"), *(ROOT / "changes").glob("*.md")]
    named = {name: page.name for page in pages for name in metric_names.asked(page.read_text())}
    assert {name: page for name, page in named.items() if name not in known} == {}


def test_pictures_show_no_panel_that_is_gone():
    for board in DASHBOARDS:
        picture = (ROOT / f"docs/images/dashboard-{board['uid'].removeprefix('tocsin-')}.svg").read_text()
        drawn = set(re.findall(r'font-size="1[24]"[^>]*font-weight="600">([^<]*)<', picture))
        there = {escape(panel["title"]) for panel in board["panels"]}
        assert len(drawn) > 10 and drawn <= there, f"{board['uid']}: run tools/draw-dashboards"


@pytest.mark.parametrize("value, unit, said", [
    (0.5191, "percentunit", "51.9 %"), (-47.1, "percentunit", "-4,710 %"), (0.00134, "percentunit", "0.13 %"),
    (0.0183, "s", "18.3 ms"), (2.5e-5, "s", "25 µs"), (7200, "s", "2 h"), (0, "s", "0 s"), (8020, "short", "8,020"),
    (1234567, "ops", "1.23 M/s"), (3 * 1024**2, "Bps", "3 MiB/s"), (float("nan"), "s", "–")])
def test_numbers_are_for_people(value, unit, said):
    assert panel_pictures.number(value, unit) == said


def test_a_line_breaks_where_there_was_nothing():
    area = [(t, 0.0, 1.0) for t in (0, 2, 4, 40, 42)]
    assert [len(piece) for piece in panel_pictures.Panel.pieces(area)] == [3, 2]
