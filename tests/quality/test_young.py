"""Accounts that are opened while the stream lasts: their ages, what is counted of them, and that the generator makes them."""
import os
import pathlib
import subprocess
from collections import Counter
from datetime import datetime, timedelta, timezone

import measure
import pytest
import young
from intervals import wilson

BINARY = pathlib.Path(os.environ["TOCSIN_BINARY"])
DAY = timedelta(days=1)
FIRST = young.FIRST_DAY
OPENED = FIRST + 2 * DAY
AGES = young.Ages({"old": None, "new": OPENED, "newest": FIRST + 27 * DAY}, days=28)


def text(at):
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def finding(case, account, at, **members):
    return {"finding_id": f"{case}-{account}-{at}", "case_id": case, "detector": "new_device", "family": "device", "severity": "medium",
            "account_id": account, "cause": [], "occurred_at": text(at), "status": "new", "mode": "live", **members}


def test_an_account_is_young_until_its_age():
    tick = timedelta(milliseconds=1)
    assert AGES.bands("new", OPENED) == ["under 14 days", "under 30 days"]
    assert AGES.bands("new", OPENED + 14 * DAY - tick) == ["under 14 days", "under 30 days"]
    assert AGES.bands("new", OPENED + 14 * DAY) == ["under 30 days"]
    assert AGES.bands("new", OPENED + 30 * DAY) == []


def test_who_was_there_before_counts_from_the_third_week_on():
    assert AGES.bands("old", FIRST + 14 * DAY) == [young.OLDER]
    assert AGES.bands("old", FIRST + 13 * DAY) == []


def test_days_end_with_the_stream():
    assert AGES.account_days(set()) == {"under 14 days": 15, "under 30 days": 27, young.OLDER: 14}
    assert AGES.account_days({"new", "old"}) == {"under 14 days": 1, "under 30 days": 1}


def test_a_case_counts_once_where_it_begins_and_attacked_accounts_not_at_all():
    findings = [finding("a", "new", OPENED + 13 * DAY), finding("a", "new", OPENED + 15 * DAY), finding("b", "new", OPENED + 16 * DAY),
                finding("c", "new", OPENED, family="money"), finding("d", "newest", FIRST + 27 * DAY),
                finding("e", "new", OPENED, severity="low"), finding("f", "new", OPENED, mode="shadow"),
                finding("g", "new", OPENED, status="superseded"), finding("h", "old", FIRST + 20 * DAY)]
    counts = young.honest_counts(findings, AGES, {"newest"}, measure.LOGIN_FAMILIES)
    assert {band: (row["cases"], row["login_cases"], row["detectors"]["new_device"]) for band, row in counts.items()} == {
        "under 14 days": (2, 1, 2), "under 30 days": (3, 2, 4), young.OLDER: (1, 1, 1)}


def test_an_attack_has_the_age_at_which_it_begins():
    def attack(account, at):
        return {"account_id": account, "attack": "new_device", "from": text(at), "until": text(at), "event_ids": []}
    labels = [attack("new", OPENED + 13 * DAY), attack("newest", FIRST + 27 * DAY), attack("old", FIRST + 20 * DAY)]
    found = young.recall([finding("a", "new", OPENED + 13 * DAY)], labels, AGES)
    assert found == {"under 14 days": {"new_device": {"attacks": 2, "found": 1, "at_any_severity": 1}},
                     "under 30 days": {"new_device": {"attacks": 2, "found": 1, "at_any_severity": 1}},
                     young.OLDER: {"new_device": {"attacks": 1, "found": 0, "at_any_severity": 0}}}


def test_kinds_with_few_attacks_share_a_row():
    def band(**kinds):
        return {"kinds": {kind: Counter(attacks=attacks, found=found) for kind, (attacks, found) in kinds.items()}}
    result = {name: band(velocity=(young.ENOUGH, 9), takeover=(3, 3), phishing=(2, 1), card_testing=(young.ENOUGH, 0)) for name in young.BANDS}
    rows = [row.split(" | ")[:3] for row in young.recall_rows(result, measure.share)]
    assert [(name.strip("| "), attacks, recall[:4]) for name, attacks, recall in rows] == [
        ("`card_testing`", "10", "0.00"), ("`velocity`", "10", "0.90"), ("the others", "5", "0.80"), ("all of these", "25", "0.52")]


def test_the_goal_is_missed_when_it_is_clearly_more():
    def met(cases):
        result = {band: {"login_cases": cases, "account_days": 100_000} for band in young.YOUNG}
        return [row[2] for row in measure.goals_young(result)]
    assert (met(97), met(98)) == ([True, True], [False, False])


def test_a_rate_is_of_a_thousand_days():
    assert young.rate(8, 10_000, wilson) == "0.80 (0.41–1.58)"
    assert young.rate(0, 0, wilson) == "–"


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """A small one with new accounts: its events and how old its accounts are."""
    path = tmp_path_factory.mktemp("young") / "events.jsonl"
    subprocess.run([BINARY, "generate", "traffic", "--accounts", "60", "--days", "10", "--new-accounts", "0.5", "--attacks",
                    ",".join(young.ATTACKS), "--out", path], check=True, timeout=120)
    return path


def test_ages_are_read_of_the_stream(stream):
    ages = young.Ages.read(stream, 10)
    opened = [at for at in ages.opened.values() if at is not None]
    assert len(ages.opened) == 60 and 15 <= len(opened) <= 45
    assert all(FIRST <= at < FIRST + 10 * DAY for at in opened)
    assert min(opened) < datetime(2026, 1, 9, tzinfo=timezone.utc) < max(opened)


@pytest.mark.parametrize("share", ["-0.1", "1.1", "half"])
def test_a_share_is_between_nothing_and_all(share):
    run = subprocess.run([BINARY, "generate", "traffic", "--new-accounts", share], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 64 and "--new-accounts" in run.stderr
