"""Replay as a tool: two configurations compared, an event explained, a state continued, a finding shown."""

import gzip
import http.client
import importlib.util
import json
import pathlib
import random
import re
import subprocess

import pytest
from support.embedded import wait_until_processed

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("score", ROOT / "tools" / "score.py")
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)

TIMEOUT_SECONDS = 900


@pytest.fixture(scope="session")
def databases(tocsin_binary) -> list[str]:
    data = tocsin_binary.parent / "test-data"
    return ["--geoip-city", str(data / "city.mmdb"), "--geoip-asn", str(data / "asn.mmdb"),
            "--geoip-anonymous", str(data / "anonymous-ip.mmdb")]


@pytest.fixture(scope="session")
def tocsin(tocsin_binary):
    """tocsin(*arguments, code=0) -> what it prints."""

    def call(*arguments, code: int = 0, standard_input: str | None = None) -> subprocess.CompletedProcess:
        run = subprocess.run([str(tocsin_binary), *map(str, arguments)], capture_output=True, text=True, input=standard_input,
                             timeout=TIMEOUT_SECONDS, check=False)
        assert run.returncode == code, f"{arguments}: exit {run.returncode}\n{run.stderr}"
        return run

    return call


@pytest.fixture(scope="session")
def traffic(tmp_path_factory, tocsin, databases) -> dict:
    """Three weeks of three hundred people with attacks: events, labels, and the findings and verdicts of the defaults."""
    folder = tmp_path_factory.mktemp("traffic")
    paths = {name: folder / f"{name}.jsonl" for name in ("events", "labels", "findings", "verdicts")}
    tocsin("generate", "traffic", "--accounts", 300, "--days", 21, "--seed", 5, "--labels", paths["labels"], "--out", paths["events"])
    tocsin("replay", "--events", paths["events"], *databases, "--findings", paths["findings"], "--verdicts", paths["verdicts"])
    return paths


def lines(path: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def other(tmp_path) -> pathlib.Path:
    """A configuration that no longer finds new devices, and finds travel in shadow only."""
    path = tmp_path / "other.yaml"
    path.write_text("detectors:\n  new_device:\n    enabled: false\n  impossible_travel:\n    mode: shadow\n")
    return path


def test_a_configuration_against_itself_differs_in_nothing(tocsin, databases, traffic, tmp_path):
    same = tmp_path / "same.yaml"
    same.write_text("detectors:\n  new_device:\n    enabled: true\n")
    result = json.loads(tocsin("replay", "--events", traffic["events"], *databases, "--against", same, "--format", "json").stdout)
    assert result["changes"] == []
    assert result["before"] == result["after"]
    assert all(row["before"] == row["after"] > 0 for row in result["detectors"].values())


def test_what_appears_vanishes_and_changes(tocsin, databases, traffic, other):
    command = ["replay", "--events", traffic["events"], *databases, "--against", other, "--labels", traffic["labels"]]
    text = tocsin(*command, "--format", "json").stdout
    assert text == tocsin(*command, "--format", "json").stdout, "equal input gives equal bytes"
    result = json.loads(text)
    before = {f["finding_id"]: f for f in lines(traffic["findings"])}
    standing = [f for f in before.values() if f["status"] != "superseded"]
    vanished = {change["finding_id"] for change in result["changes"] if change["what"] == "vanishes"}
    assert vanished >= {f["finding_id"] for f in standing if f["detector"] == "new_device"}
    row = result["detectors"]["new_device"]
    assert (row["after"], row["appear"]) == (0, 0)
    assert row["before"] == row["vanish"] == sum(f["detector"] == "new_device" for f in standing)
    travel = [change for change in result["changes"] if change["detector"] == "impossible_travel" and change["what"] == "changes"]
    assert travel and all(change["after"]["mode"] == "shadow" for change in travel)
    readable = tocsin(*command, "--changes", 3).stdout
    assert "recall" in readable and "new_device" in readable and "findings differ; the first:" in readable


def test_precision_and_recall_are_those_of_the_score(tocsin, databases, traffic, other):
    result = json.loads(tocsin("replay", "--events", traffic["events"], *databases, "--against", other, "--labels", traffic["labels"],
                               "--format", "json").stdout)["before"]
    expected = score.score(lines(traffic["findings"]), lines(traffic["labels"]))
    assert (result["recall"]["part"], result["recall"]["whole"]) == (expected["found"], expected["attacks"])
    assert (result["finding_precision"]["part"], result["finding_precision"]["whole"]) == (expected["right"], expected["findings"])
    assert (result["case_precision"]["part"], result["case_precision"]["whole"]) == (expected["cases_right"], expected["cases"])
    assert {kind: row["part"] for kind, row in result["recall_by_kind"].items()} == {
        kind: row["found"] for kind, row in expected["kinds"].items()}


@pytest.mark.parametrize("arguments, said", [
    (["--events", "-", "--against", "{other}"], "give a file"),
    (["--events", "{events}", "--labels", "{labels}"], "--against"),
    (["--events", "{events}", "--format", "json"], "--against"),
    (["--events", "{events}", "--changes", "3"], "--against"),
    (["--events", "{events}", "--severity", "high"], "--against"),
    (["--events", "{events}", "--against", "{other}", "--state", "x"], "--state"),
    (["--events", "{events}", "--against", "{other}", "--labels", "{events}"], ":1: attack"),
    (["--events", "{events}", "--against", "{other}", "--labels", "/nowhere"], "cannot be read"),
])
def test_what_cannot_be_compared_is_refused(tocsin, traffic, other, arguments, said):
    filled = [part.format(other=other, **traffic) for part in arguments]
    run = tocsin("replay", *filled, code=64, standard_input="")
    assert said in run.stderr and run.stdout == ""


def test_both_configurations_are_checked_before_anything_is_replayed(tocsin, databases, traffic, tmp_path):
    (tmp_path / "wrong.yaml").write_text("detectors:\n  velocity: {hour_mn: 4}\n")
    run = tocsin("replay", "--events", traffic["events"], *databases, "--against", tmp_path / "wrong.yaml",
                 "--findings", tmp_path / "found.jsonl", code=78)
    assert "detectors.velocity.hour_mn" in run.stderr and not (tmp_path / "found.jsonl").exists()


def test_a_database_that_was_given_is_not_missed(tocsin, databases, tmp_path):
    (tmp_path / "config.yaml").write_text("detectors:\n  velocity: {hour_min: 20}\n")
    (tmp_path / "none.jsonl").touch()
    command = ["replay", "--events", tmp_path / "none.jsonl", "--config", tmp_path / "config.yaml"]
    assert "no database" in tocsin(*command).stderr
    said = tocsin(*command, *databases).stderr
    assert "no database" not in said and "exchange_rates" in said


def test_secrets_that_may_not_be_read_keep_no_replay_out(tocsin, databases, traffic, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("http: {admin_token: {file: none/token}}\n")
    assert "cannot be read" in tocsin("check", "--config", config, code=78).stderr
    findings = tmp_path / "findings.jsonl"
    said = tocsin("replay", "--events", traffic["events"], "--config", config, "--against", config, *databases, "--findings", findings).stderr
    assert "admin_token" not in said
    assert {f["finding_id"] for f in lines(findings)} == {f["finding_id"] for f in lines(traffic["findings"])}
    assert tocsin("explain", lines(findings)[0]["finding_id"], "--events", traffic["events"], "--config", config, *databases).stdout


def test_a_file_that_holds_no_events_is_told(tocsin, traffic, tmp_path):
    packed = tmp_path / "events.gz"
    packed.write_bytes(gzip.compress(traffic["events"].read_bytes()[:100_000]))
    said = tocsin("replay", "--events", packed).stderr
    assert re.search(r"tocsin replay: all lines were rejected, (\d+) of \1: nothing was judged; the first is line \d+: \w+", said), said
    said = tocsin("replay", "--events", "-", standard_input="log: local\n\nkafka: {}\n").stderr
    assert "2 of 2: nothing was judged; the first is line 1: not_json" in said
    assert "rejected" not in tocsin("replay", "--events", "-", standard_input="").stderr


def test_a_full_disk_is_called_one(tocsin, databases, traffic):
    said = tocsin("replay", "--events", traffic["events"], *databases, "--findings", "/dev/full", code=69).stderr
    assert "/dev/full: cannot be written: is the disk full?" in said and "cannot be cut" not in said


def test_a_state_is_continued(tocsin, databases, traffic, tmp_path):
    events = traffic["events"].read_text().splitlines(keepends=True)
    found = []
    for part, chunk in enumerate((events[:len(events) // 2], events[len(events) // 2:])):
        file = tmp_path / f"part-{part}.jsonl"
        file.write_text("".join(chunk))
        tocsin("replay", "--events", file, *databases, "--state", tmp_path / "state", "--findings", tmp_path / "found.jsonl")
        found += lines(tmp_path / "found.jsonl")
    assert found == lines(traffic["findings"])


def explain(tocsin, databases, traffic, wanted, *arguments) -> list[dict]:
    text = tocsin("explain", wanted, "--events", traffic["events"], *databases, "--format", "json", *arguments).stdout
    return [json.loads(line) for line in text.splitlines()]


def test_an_explanation_says_what_the_verdict_said(tocsin, databases, traffic):
    verdicts = lines(traffic["verdicts"])
    found = [line for line in verdicts if line["findings"]]
    chosen = random.Random(3)
    for line in chosen.sample(verdicts, 4) + chosen.sample(found, 4):
        [explained] = explain(tocsin, databases, traffic, line["event_id"])
        answers = {verdict["detector"]: verdict["answer"] + (f":{verdict['why']}" if "why" in verdict else "")
                   for verdict in explained["verdicts"]}
        answers |= {detector: "not_evaluable:other_event" for detector in explained["other_event"]}
        assert answers == line["verdicts"]
        assert explained["risk"] == pytest.approx(line["risk"], abs=1e-6)
        told = [claim["finding_id"] for verdict in explained["verdicts"] for claim in verdict["claims"] if claim["told"]]
        assert sorted(told) == sorted(set(told) & set(line["findings"]))
        for verdict in explained["verdicts"]:
            assert verdict["words"], f"{verdict['detector']} says nothing"
            assert (verdict["answer"] == "alert") == bool(verdict["claims"])


def test_a_finding_is_explained_by_its_events(tocsin, databases, traffic):
    finding = next(f for f in lines(traffic["findings"]) if f["detector"] == "impossible_travel")
    explained = explain(tocsin, databases, traffic, finding["finding_id"])
    claims = [claim for event in explained for verdict in event["verdicts"] for claim in verdict["claims"]]
    [claim] = {json.dumps(claim["evidence"]) for claim in claims if claim["finding_id"] == finding["finding_id"]} or [None]
    assert json.loads(claim) == finding["evidence"]
    assert explained == explain(tocsin, databases, traffic, finding["finding_id"], "--account", finding["account_id"])


def test_an_explanation_reads_well(tocsin, databases, traffic):
    finding = next(f for f in lines(traffic["findings"]) if f["detector"] == "new_country" and f["status"] == "new")
    text = tocsin("explain", finding["cause"][0], "--events", traffic["events"], *databases).stdout
    for part in ("Found", "Looked at, and not found", "Could not be judged", "What was known of the account before it",
                 "Risk of the account after it", finding["reasons"][0]["text"].split(":")[0], finding["finding_id"]):
        assert part in text
    assert max(map(len, text.splitlines())) <= 160


def test_an_event_without_a_country_is_compared_with_none(tocsin, databases, traffic, tmp_path):
    last = lines(traffic["events"])[-1]
    events = tmp_path / "events.jsonl"
    events.write_text(traffic["events"].read_text() + json.dumps(
        {"type": "login", "event_id": "nowhere", "account_id": last["account_id"], "occurred_at": last["occurred_at"], "outcome": "success"}) + "\n")
    assert "of these from" not in tocsin("explain", "nowhere", "--events", events, *databases).stdout


def test_an_explanation_counts_what_the_risk_counts(tocsin, databases, tmp_path):
    story = ROOT / "tests" / "golden" / "second_factor_removed" / "on_a_strangers_laptop" / "events.jsonl"
    found = tmp_path / "findings.jsonl"
    tocsin("replay", "--events", story, *databases, "--findings", found)
    finding = next(f for f in lines(found) if f["detector"] == "second_factor_removed")
    later = json.loads(story.read_text().splitlines()[-1]) | {"type": "login", "event_id": "later", "outcome": "success",
                                                              "method": "password"}
    later.pop("change", None)
    later["occurred_at"] = finding["occurred_at"][:14] + "59:59Z"
    events = tmp_path / "events.jsonl"
    events.write_text(story.read_text() + json.dumps(later) + "\n")
    config = tmp_path / "config.yaml"

    def told(event_id, text):
        config.write_text(text)
        return tocsin("explain", event_id, "--events", events, "--config", config, *databases).stdout

    cause = finding["cause"][-1]
    capped = told(cause, "risk: {cap_credential: 0.25}\n")
    assert re.search(r"adds \+0\.25 of \+\d\.\d\d to the risk: family credential is at its cap of 0\.25", capped), capped
    assert "would add +" in told(cause, "detectors: {second_factor_removed: {mode: shadow}}\n")
    text = told("later", "risk: {}\n")
    before, _, rest = text.partition("Found before, and still counted")
    standing, _, clear = rest.partition("Looked at, and not found")
    assert "Second factor" in standing and "(second_factor_removed)\n" not in clear, text


def test_what_a_later_word_undoes_is_not_blamed_on_the_order(tocsin, tmp_path):
    def paid(event_id, minute, status, amount):
        return json.dumps({"type": "transaction", "event_id": event_id, "account_id": "ada", "transaction_id": "t1", "status": status,
                           "occurred_at": f"2026-01-01T00:{minute:02}:00Z", "kind": "payment", "amount": amount, "currency": "SGD"})

    events = tmp_path / "events.jsonl"
    events.write_text(paid("asked", 0, "authorized", "1200.00") + "\n" + paid("settled", 5, "completed", "900.00") + "\n")
    (tmp_path / "config.yaml").write_text("limits:\n  - {name: one, max: SGD 1000.00}\n")
    text = tocsin("explain", "settled", "--events", events, "--config", tmp_path / "config.yaml").stdout
    assert "which is no longer true with this event" in text and "order of arrival" not in text


def test_an_explanation_names_what_the_event_does_not_tell(tocsin, databases, tmp_path):
    file = tmp_path / "events.jsonl"
    file.write_text('{"type":"login","event_id":"e1","account_id":"ada","occurred_at":"2026-01-01T00:00:00Z",'
                    '"outcome":"success","ip":"139.12.16.10"}\n')
    text = tocsin("explain", "e1", "--events", file, *databases).stdout
    assert "unknown: The event does not say which device was used." in text and "no IP address" not in text


def test_what_was_not_judged_is_said_why(tocsin, databases, tmp_path):
    def login(event_id, at, **members):
        return json.dumps({"type": "login", "event_id": event_id, "account_id": "ada", "occurred_at": at, "outcome": "success"} | members)

    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([
        login("first", "2026-01-01T00:00:00Z"),
        login("first", "2026-01-01T00:00:00Z"),
        login("newest", "2026-01-10T01:30:00Z"),
        login("late", "2026-01-06T21:00:00Z"),
        login("early enough", "2026-01-07T01:30:00Z"),
        login("broken", "2026-01-10T02:00:00Z", outcome="perhaps"),
        "{",
    ]) + "\n")

    def why(event_id, *more):
        return tocsin("explain", event_id, "--events", file, *databases, *more, code=1).stderr

    assert "late: 76 h older than the account's newest event (72 h are kept)" in why("late")
    assert "no event or finding of that id among" in why("late", "--account", "bob")
    assert "not judged: dead letter not_in_enum, member outcome" in why("broken")
    assert "perhaps" not in why("broken")
    assert "no event or finding of that id among 7 events" in why("broke")
    said = tocsin("explain", "first", "--events", file, *databases).stdout
    assert "sent again, the repeat changed nothing" in said and said.count("Event first") == 1
    [explained] = [json.loads(line) for line in
                   tocsin("explain", "first", "--events", file, *databases, "--format", "json").stdout.splitlines()]
    assert explained["repeats"] == 1
    assert "sent again" not in tocsin("explain", "early enough", "--events", file, *databases).stdout


def test_an_event_of_the_year_9999_takes_nothing_from_anybody(tocsin, databases, traffic, tmp_path):
    """It counts as of now, far ahead of what is replayed: what is known of all accounts together does not fade for that."""
    events = traffic["events"].read_text().splitlines()
    hasty = json.loads(events[0]) | {"event_id": "hasty", "account_id": "hasty", "occurred_at": "9999-12-31T23:59:59Z"}
    half = len(events) // 2
    with_it = tmp_path / "events.jsonl"
    with_it.write_text("\n".join([*events[:half], json.dumps(hasty), *events[half:]]) + "\n")
    said = tocsin("replay", "--events", with_it, *databases, "--findings", tmp_path / "findings.jsonl", "--summary").stderr
    assert re.search(r"from the future +1 ", said), said

    def of_others(path):
        return [found for found in lines(path) if found["account_id"] != hasty["account_id"]]
    assert of_others(tmp_path / "findings.jsonl") == of_others(traffic["findings"])


def test_what_is_not_there_cannot_be_explained(tocsin, databases, traffic, tmp_path):
    assert "no event or finding" in tocsin("explain", "nobody", "--events", traffic["events"], *databases, code=1).stderr
    tocsin("explain", "nobody", code=64)
    tocsin("explain", "nobody", "--events", traffic["events"], "--state", tmp_path, code=64)
    assert "holds no events" in tocsin("explain", "nobody", "--state", tmp_path, code=64).stderr


def test_a_state_that_a_replay_left_behind_says_where_its_events_are(tocsin, tmp_path):
    event = '{"type":"login","event_id":"e1","account_id":"ada","occurred_at":"2026-01-01T00:00:00Z","outcome":"success"}'
    tocsin("replay", "--events", "-", "--state", tmp_path / "state", standard_input=event)
    said = tocsin("explain", "e1", "--state", tmp_path / "state", code=64).stderr
    assert "leaves what accounts have learnt" in said and "--events FILE" in said


@pytest.mark.parametrize("seed", ["-1", str(2**64), "1.5", "one"])
def test_a_seed_that_is_none_is_refused(tocsin, seed):
    run = tocsin("generate", "traffic", "--accounts", 1, "--days", 1, "--seed", seed, code=64)
    assert "--seed" in run.stderr and run.stdout == ""


def test_the_largest_seed_is_one(tocsin):
    assert tocsin("generate", "traffic", "--accounts", 1, "--days", 1, "--seed", 2**64 - 1).stdout


@pytest.mark.parametrize("inside", ["state/db", "log"])
def test_the_state_of_a_daemon_is_not_replayed_into(tocsin, tmp_path, inside):
    (tmp_path / "daemon" / inside).mkdir(parents=True)
    (tmp_path / "found.jsonl").write_text("kept\n")
    said = tocsin("replay", "--events", "-", "--state", tmp_path / "daemon", "--findings", tmp_path / "found.jsonl",
                  code=78, standard_input="").stderr
    assert "is the state directory of a daemon" in said and "tocsin explain ID --state" in said
    assert not (tmp_path / "daemon" / "db").exists() and (tmp_path / "found.jsonl").read_text() == "kept\n"


def test_a_finding_that_the_defaults_do_not_give_may_be_of_another_configuration(tocsin, databases, traffic, tmp_path):
    (tmp_path / "empty.yaml").write_text("log: local\n")
    command = ["explain", "0" * 32, "--events", traffic["events"], *databases]
    assert "give the daemon's --config" in tocsin(*command, code=1).stderr
    assert "--config" not in tocsin(*command, "--config", tmp_path / "empty.yaml", code=1).stderr
    assert "--config" not in tocsin("explain", "nobody", *command[2:], code=1).stderr


def test_a_running_daemon_is_explained(make_daemon, tocsin, tocsin_binary, databases):
    data = tocsin_binary.parent / "test-data"
    daemon = make_daemon("log: local\nstate_dir: {folder}/state\nlocal:\n  outputs: {folder}/out\nhttp:\n"
                         "  metrics_listen: 127.0.0.1:{http_port}\n  events_listen: 127.0.0.1:0\ngeoip:\n"
                         f"  city: [{data}/city.mmdb]\n  asn: [{data}/asn.mmdb]\n  anonymity: {data}/anonymous-ip.mmdb\n").start()
    story = ROOT / "tests" / "golden" / "impossible_travel" / "berlin_then_tokyo" / "events.jsonl"
    port = int(re.findall(r"POST /v1/events at port (\d+)", daemon.log.read_text())[-1])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/v1/events", story.read_bytes(), {"Content-Type": "application/x-ndjson"})
    assert connection.getresponse().status == 202
    wait_until_processed(daemon)
    finding = next(f for f in lines(daemon.folder / "out" / "findings.jsonl") if f["detector"] == "impossible_travel")
    text = tocsin("explain", finding["finding_id"], "--state", daemon.folder / "state", *databases).stdout
    assert "Impossible travel" in text and finding["finding_id"] in text
    assert daemon.running
    daemon.stop()


def test_a_finding_is_shown_as_its_notice(tocsin, traffic, tmp_path):
    finding = next(f for f in lines(traffic["findings"]) if f["detector"] == "impossible_travel")
    file = tmp_path / "finding.json"
    for text in (json.dumps(finding), json.dumps(finding, indent=1), json.dumps({"specversion": "1.0", "data": finding})):
        file.write_text(text + "\n")
        shown = tocsin("render", "--finding", file, "--locale", "zh-CN").stdout
        assert finding["account_id"] not in shown and "Bangkok" not in shown
        assert tocsin("render", "--finding", file).stdout != shown
    file.write_text('{"notice_id":"a"}\n{"notice_id":"b"}\n')
    assert "finding_id: missing or no text in the first line" in tocsin("render", "--finding", file, code=64).stderr
    file.write_text("{}\n")
    assert "finding_id" in tocsin("render", "--finding", file, code=64).stderr
    assert "--template" in tocsin("render", code=64).stderr
    assert "Is a directory" in tocsin("render", "--finding", tmp_path, code=64).stderr
    assert "No such file" in tocsin("render", "--finding", tmp_path / "none", code=64).stderr


def test_every_sample_is_shown_by_its_name(tocsin):
    """`render --list` names what there is, in words of the language; each of the names shows its message."""
    for locale, subject in (("en", "Act now"), ("zh-CN", "请立即处理")):
        listed = tocsin("render", "--list", "--locale", locale).stdout.splitlines()
        assert any(line.startswith("takeover.frozen ") and subject in line for line in listed)
    names = [line.split()[0] for line in listed]
    assert {"login_new", "reason.guessed_in", "change.email_changed", "kind.withdrawal", "received.reversed"} <= set(names)
    for name in names[:: len(names) // 8]:
        assert tocsin("render", "--sample", name).stdout
    assert "is frozen" in tocsin("render", "--sample", "takeover.frozen").stdout
    assert tocsin("render", "--sample", "takeover").stdout == tocsin("render", "--template", "takeover").stdout
    assert "--list" in tocsin("render", "--sample", "nothing", code=64).stderr
    tocsin("render", "--sample", "takeover", "--template", "takeover", code=64)
    for channel, form in (("sms", "html"), ("push", "html"), ("sms", "eml")):
        refused = tocsin("render", "--sample", "takeover", "--channel", channel, "--format", form, code=64)
        assert "--format text" in refused.stderr and refused.stdout == ""
