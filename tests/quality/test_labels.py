"""An analyst a week late: what he says of which findings, when, and that the program takes it."""
import os
import pathlib
import subprocess
import types
from collections import Counter

import labels
import measure
import pytest
import score
import week_late
import yaml
from support import population

ATTACKS = [{"account_id": "a", "attack": "takeover", "from": "2026-01-20T10:00:00.000Z", "until": "2026-01-20T11:00:00.000Z",
            "event_ids": ["a-1"]}]
FAMILIES = measure.MONEY_FAMILIES
BINARY = pathlib.Path(os.environ["TOCSIN_BINARY"])


def finding(name, account="a", at="2026-01-20T10:30:00.250Z", **members):
    return {"finding_id": name, "detector": "account_drain", "family": "money", "severity": "medium", "account_id": account,
            "cause": [f"{account}-2"], "occurred_at": at, "detected_at": at, "status": "new", "mode": "live", "evidence": {}, **members}


def said(findings):
    return [(label["finding_id"], label["verdict"], label["occurred_at"]) for _, label in labels.labels_of(findings, ATTACKS)]


def test_right_is_confirmed_and_wrong_is_not_exactly_a_week_later():
    assert said([finding("right"), finding("other-account", "b"), finding("too-late", at="2026-01-21T11:00:00.001Z")]) == [
        ("other-account", "false_positive", "2026-01-27T10:30:00.250Z"),
        ("right", "confirmed_fraud", "2026-01-27T10:30:00.250Z"),
        ("too-late", "false_positive", "2026-01-28T11:00:00.001Z")]


def test_in_the_order_in_which_they_were_told():
    late, early = finding("a", at="2026-01-22T00:00:00Z"), finding("b", at="2026-01-21T00:00:00Z")
    assert [name for name, _, _ in said([late, early])] == ["b", "a"]


@pytest.mark.parametrize("change", [{"severity": "low"}, {"mode": "shadow"}, {"status": "superseded"}])
def test_nobody_judges_what_he_is_not_told(change):
    assert said([finding("f", **change)]) == []
    # Nor what was told and was taken back, or became less, within the week; afterwards it has been judged.
    assert said([finding("f"), finding("f", detected_at="2026-01-27T10:30:00.250Z", **change)]) == []
    assert len(said([finding("f"), finding("f", detected_at="2026-01-27T10:30:00.251Z", **change)])) == 1


def test_the_week_begins_when_it_was_first_told():
    grows = [finding("f", severity="low"), finding("f", severity="high", detected_at="2026-01-22T00:00:00Z"),
             finding("f", severity="critical", detected_at="2026-01-23T00:00:00Z")]
    assert said(grows) == [("f", "confirmed_fraud", "2026-01-29T00:00:00.000Z")]


def test_what_is_found_of_it_after_a_week_does_not_make_it_right():
    assert said([finding("f", "a", "2026-01-01T00:00:00Z"),
                 finding("f", "a", "2026-01-01T00:00:00Z", detected_at="2026-01-20T11:00:00Z", cause=["a-1"])]) == [
        ("f", "false_positive", "2026-01-08T00:00:00.000Z")]


def put_in(tmp_path, times, given):
    events, out = tmp_path / "events.jsonl", tmp_path / "out.jsonl"
    events.write_text("".join(f'{{"event_id":"{at}","occurred_at":"{at}"}}\n' for at in times))
    count = labels.put_in(events, given, out)
    return count, [event.get("finding_id", event["event_id"]) for event in score.lines(out)]


def test_a_label_stands_before_the_first_event_that_is_as_late(tmp_path):
    given = labels.labels_of([finding("f", at="2026-01-20T00:00:00Z"), finding("g", at="2026-01-20T00:00:01Z")], ATTACKS)
    # The third event is late itself.
    times = ["2026-01-26T23:59:59.999Z", "2026-01-27T00:00:00Z", "2026-01-26T23:00:00Z", "2026-01-27T00:00:02Z"]
    assert put_in(tmp_path, times, given) == (2, [times[0], "f", times[1], times[2], "g", times[3]])


def test_what_would_be_said_after_the_end_is_not_said(tmp_path):
    given = labels.labels_of([finding("f", at="2026-01-20T00:00:00Z")], ATTACKS)
    assert put_in(tmp_path, ["2026-01-26T00:00:00Z"], given) == (0, ["2026-01-26T00:00:00Z"])


def test_counted_from_a_day_on():
    since = score.parse_time("2026-02-01T00:00:00Z")
    earlier = {"account_id": "c", "attack": "takeover", "from": "2026-01-31T20:00:00Z", "until": "2026-01-31T21:00:00Z", "event_ids": []}
    later = {"account_id": "d", "attack": "takeover", "from": "2026-02-01T00:00:00Z", "until": "2026-02-01T01:00:00Z", "event_ids": []}
    missed = {**later, "account_id": "e"}
    found = [finding("1", "c", "2026-01-31T23:59:59Z"), finding("2", "c", "2026-02-01T00:00:00Z"),
             finding("3", "d", "2026-02-01T00:30:00Z"), finding("4", "f", "2026-02-02T00:00:00Z"), finding("5", "e", "2026-02-01T00:30:00Z", family="report"),
             finding("6", "e", "2026-02-01T00:30:00Z", mode="shadow")]
    assert week_late.counts(found, [earlier, later, missed], FAMILIES, since) == {"alerts": 3, "right": 2, "attacks": 2, "found": 1}


def test_who_went_to_shadow_and_when():
    found = [finding("1", at="2026-01-06T00:00:00Z", mode="shadow"), finding("2", at="2026-01-05T23:00:00Z", mode="shadow"),
             finding("3", detector="velocity"),
             finding("4", detector="new_payee_large", mode="shadow", evidence={"allowed_until": "2026-01-27T10:30:00Z"})]
    assert week_late.silenced(found) == {"account_drain": 1}


class RunThatFinds:
    """In the place of measure.Run: the first replay finds what it is told to, the second keeps it in shadow."""

    def __init__(self, folder, config, findings):
        self.folder, self.arguments, self.findings = folder, types.SimpleNamespace(config=config), findings
        self.events, self.config, self.learnt_by = folder / "events.jsonl", config or folder / "rules.yaml", None
        (folder / "rules.yaml").write_text("detectors: {account_drain: {mode: live}}\nlimits: [{name: l, window: day, max: SGD 1.00}]\n")
        self.events.write_text('{"occurred_at":"2026-01-20T10:30:00.250Z"}\n{"occurred_at":"2026-01-29T00:00:00Z"}\n')

    def labelled(self):
        return ATTACKS

    def found(self, events=None, config=None):
        if events is None:
            return self.findings
        self.learnt_by, self.stream = config, list(score.lines(events))
        return [{**one, "mode": "shadow"} for one in self.findings]


def test_measured_without_labels_and_with_them(tmp_path):
    run = RunThatFinds(tmp_path, None, [finding("f")])
    result = week_late.measure(run, FAMILIES, 7, 0.7)
    assert result == {"labels": 1, "floor": 0.7, "silenced": {"account_drain": 16},
                      "without": {"alerts": 1, "right": 1, "attacks": 1, "found": 1},
                      "with": {"alerts": 0, "right": 0, "attacks": 1, "found": 0}}
    assert [event.get("verdict") for event in run.stream] == [None, "confirmed_fraud", None]
    learnt_by = yaml.safe_load(run.learnt_by.read_text())
    assert learnt_by["detectors"] == {"account_drain": {"mode": "live", "precision_floor": 0.7}}
    assert [limit["name"] for limit in learnt_by["limits"]] == ["l"]   # What else is configured stays.
    together = week_late.together({301: result, 302: {**result, "silenced": {}}})
    assert (together["labels"], together["without"]["right"], together["with"]["attacks"]) == (2, 2, 2)
    lines = week_late.table(together, 10, 7, measure.share)
    assert "| without | 1.00 (0.34–1.00) | 1.00 (0.34–1.00) | 0.20 |" in lines
    assert "| a week late | 0.00 (0.00–0.66) | – | 0.00 |" in lines
    assert lines[-1].endswith("seed 301: `account_drain` (day 16); seed 302: none.")


def test_a_configuration_has_its_own_floors_and_shadows(tmp_path):
    run = RunThatFinds(tmp_path, tmp_path / "own.yaml", [finding("f"), finding("g", detector="velocity", mode="shadow")])
    result = week_late.measure(run, FAMILIES, 7, 0.7)
    assert run.learnt_by == tmp_path / "own.yaml"
    assert result["floor"] is None
    assert result["silenced"] == {"account_drain": 16}   # `velocity` was in shadow before.
    assert "the floors of the configuration" in week_late.table(week_late.together({301: result}), 10, 7, measure.share)[0]


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """A population, its attacks and what the program finds."""
    folder = tmp_path_factory.mktemp("stream")
    events, truth = folder / "events.jsonl", folder / "truth.jsonl"
    more = ("--attacks", "structuring", "--labels", str(truth), "--out", str(events))
    subprocess.run(population.traffic(BINARY, 600, 36, 7, *more), check=True)
    return events, list(score.lines(truth)), replay(events)


def replay(events, *more):
    found, dead_letters = events.with_suffix(".findings"), events.with_suffix(".dead")
    subprocess.run([BINARY, "replay", "--events", events, "--findings", found, "--dead-letters", dead_letters, *more], check=True)
    assert not dead_letters.read_text()
    return list(score.lines(found))


def test_the_program_takes_the_floors_of_the_families(stream, tmp_path):
    _, _, found = stream
    config, rules = tmp_path / "floors.yaml", tmp_path / "rules.yaml"
    rules.write_text("")
    config.write_text(labels.floors(rules, found, FAMILIES, week_late.FLOOR))
    assert subprocess.run([BINARY, "check", "--config", config], check=False).returncode == 0
    detectors = {one["detector"] for one in found if one["family"] in FAMILIES}
    assert {"new_payee_large", "takeover_chain"} <= detectors
    assert config.read_text().count(f"precision_floor: {week_late.FLOOR}") == len(detectors)


def test_each_confirmed_one_is_a_report(stream, tmp_path):
    events, truth, found = stream
    given = labels.labels_of(found, truth)
    count = labels.put_in(events, given, tmp_path / "events.jsonl")
    confirmed = {label["event_id"] for _, label in given[:count] if label["verdict"] == "confirmed_fraud"}
    reports = {one["cause"][0] for one in replay(tmp_path / "events.jsonl") if one["detector"] == "user_reported"}
    assert confirmed and confirmed == {cause for cause in reports if cause.startswith("label-")}


def test_who_is_called_wrong_thirty_times_goes_to_shadow(stream, tmp_path):
    events, _, found = stream
    given = labels.labels_of(found, [])
    count = labels.put_in(events, given, tmp_path / "events.jsonl")
    detector_of = {one["finding_id"]: one["detector"] for one in found}
    called = Counter(detector_of[label["finding_id"]] for _, label in given[:count])
    config, rules = tmp_path / "floors.yaml", tmp_path / "rules.yaml"
    rules.write_text("")
    config.write_text(labels.floors(rules, found, FAMILIES, week_late.FLOOR))
    went = week_late.silenced(replay(tmp_path / "events.jsonl", "--config", config))
    assert "new_payee_large" in went
    assert all(called[detector] >= 30 for detector in went)
