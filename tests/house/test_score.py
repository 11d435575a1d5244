"""tools/score.py counts what is right, what is wrong and what was missed."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("score", ROOT / "tools" / "score.py")
score = importlib.util.module_from_spec(spec)
spec.loader.exec_module(score)

LABELS = [
    {"account_id": "a", "attack": "takeover", "from": "2026-01-20T10:00:00.000Z", "until": "2026-01-20T11:00:00.000Z",
     "event_ids": ["a-1", "a-2"]},
    {"account_id": "b", "attack": "guessing", "from": "2026-01-20T10:00:00.000Z", "until": "2026-01-20T10:05:00.000Z",
     "event_ids": ["b-1"]},
]


def finding(account, cause, at="2026-01-20T10:30:00.000Z", **members):
    return {"finding_id": f"{account}-{cause}", "detector": "d", "severity": "high", "account_id": account, "cause": [cause],
            "occurred_at": at, "case_id": f"case-{account}", "status": "new", "mode": "live", **members}


def test_right_wrong_and_missed():
    result = score.score([finding("a", "a-1"), finding("a", "a-2"), finding("c", "c-1")], LABELS)
    assert (result["findings"], result["right"]) == (3, 2)
    assert result["precision"] == pytest.approx(2 / 3)
    assert (result["cases"], result["cases_right"]) == (2, 1)
    assert (result["attacks"], result["found"]) == (2, 1)
    assert result["recall"] == 0.5
    assert result["kinds"]["takeover"]["recall"] == 1
    assert result["kinds"]["guessing"]["recall"] == 0
    assert result["detectors"]["d"]["precision"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("at, right", [
    ("2026-01-20T09:59:59.000Z", 0),
    ("2026-01-20T10:00:00.000Z", 1),
    ("2026-01-21T11:00:00.000Z", 1),
    ("2026-01-21T11:00:00.001Z", 0),
])
def test_what_follows_within_the_slack_belongs_to_the_attack(at, right):
    assert score.score([finding("a", "other", at)], LABELS, slack_hours=24)["right"] == right


def test_a_cause_of_the_attack_is_right_whenever_it_is_found():
    assert score.score([finding("a", "a-2", "2026-03-01T00:00:00Z")], LABELS)["right"] == 1


def test_an_attack_on_another_account_excuses_nothing():
    assert score.score([finding("c", "a-1")], LABELS)["right"] == 0


def test_superseded_shadow_and_lesser_findings_do_not_count():
    last_word = [finding("a", "a-1"), finding("a", "a-1", status="superseded")]
    assert score.score(last_word, LABELS)["findings"] == 0
    assert score.score([finding("a", "a-1", mode="shadow")], LABELS)["findings"] == 0
    low = score.score([finding("a", "a-1", severity="low")], LABELS)
    assert (low["findings"], low["found"], low["kinds"]["takeover"]["at_any_severity"]) == (0, 0, 1)


def test_found_by_the_detector_of_its_name_or_by_another():
    assert score.score([finding("a", "a-1")], LABELS)["kinds"]["takeover"]["by_own"] == 0
    own = score.score([finding("a", "a-1", severity="info", detector="takeover")], LABELS)
    assert own["kinds"]["takeover"]["by_own"] == 1


def test_nothing_found_is_no_precision():
    assert score.score([], LABELS)["precision"] is None
    assert score.score([], [])["recall"] is None


def test_command_line(tmp_path):
    (tmp_path / "f").write_text(json.dumps(finding("a", "a-1")) + "\n")
    (tmp_path / "l").write_text("".join(json.dumps(label) + "\n" for label in LABELS))
    program = [sys.executable, "-B", str(ROOT / "tools" / "score.py")]
    done = subprocess.run(program + ["--findings", tmp_path / "f", "--labels", tmp_path / "l", "--json", "--accounts", "100",
                                     "--days", "10"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["alerts_per_1000_account_days"] == 1.0
    assert subprocess.run(program, capture_output=True, check=False).returncode == 64
    (tmp_path / "f").write_text("{\n")
    broken = subprocess.run(program + ["--findings", tmp_path / "f", "--labels", tmp_path / "l"], capture_output=True, text=True,
                            check=False)
    assert broken.returncode == 1 and "f:1: not JSON" in broken.stderr


@pytest.mark.parametrize("findings, labels, said", [
    (None, b"", "f: No such file or directory"),
    (b"", b"\xff\xfe{}\n", "l:1: not UTF-8"),
    (b"\n" + b'{"class_uid":2004,"category_uid":2}\n', b"", "f:2: no finding in Tocsin's own form but OCSF: replay with findings.format: tocsin"),
    (b"[1]\n", b"", "f:1: no finding: not a JSON object"),
    (b"7\n", b"", "f:1: no finding: not a JSON object"),
    (b'{"notice_id":"n"}\n', b"", "f:1: no finding: finding_id is missing or wrong"),
    (json.dumps(finding("a", "a-1", at="noon")).encode(), b"", "f:1: no finding: occurred_at is missing or wrong"),
    (json.dumps(finding("a", "a-1", at="2026-01-20T10:00:00")).encode(), b"", "f:1: no finding: occurred_at is missing or wrong"),
    (b"", b'{"account_id":"a"}\n', "l:1: no label: attack is missing or wrong"),
])
def test_a_file_that_is_something_else_is_told_in_a_sentence(tmp_path, findings, labels, said):
    for name, data in (("f", findings), ("l", labels)):
        if data is not None:
            (tmp_path / name).write_bytes(data)
    program = [sys.executable, "-B", str(ROOT / "tools" / "score.py"), "--findings", tmp_path / "f", "--labels", tmp_path / "l"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (1, f"score: {tmp_path}/{said}\n", "")


def test_one_event_is_one_alert_whatever_found_it():
    first, second = finding("a", "a-1"), {**finding("a", "a-2"), "detector": "e"}
    wrong = finding("c", "c-1")
    result = score.score([first, second, wrong, finding("a", "a-3", at="2026-01-20T10:31:00.000Z")], LABELS)
    assert (result["findings"], result["alerts"], result["alerts_right"]) == (4, 3, 2)
