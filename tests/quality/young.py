"""Accounts that are opened while the stream lasts: what their owners are bothered with while everything about them is new, and which
attacks on them are found. Beside them the accounts that were there before, from the third week on: the same program, which has had time."""
import json
import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

import curves
import score   # In tools/, where `labels` has it found.
import stream

FIRST_DAY = datetime(2026, 1, 5, tzinfo=timezone.utc)   # Of generated streams.
SHARE = 0.5     # Of the accounts.
STREAMS = 4     # For each seed: a stream has one attack of most kinds on them.
# On one account each: of the others a stream has so many that there would be one of these. dormant_reactivation needs longer ones.
ATTACKS = [
    "takeover", "phishing", "password_guessing", "distributed_guessing", "guessed_in", "impossible_travel", "session_moved",
    "concurrent_places", "new_country", "anonymous_network", "device_tampered", "mfa_fatigue", "partial_success",
    "second_factor_removed", "sensitive_burst", "limit_breach", "limit_probing", "limit_raised_then_spent", "structuring",
    "unusual_amount", "velocity", "new_payee_large", "account_drain", "pass_through", "card_testing", "repeated_failure",
    "stuck_transaction", "naive_login", "vpn_login", "targeted_login", "very_targeted_login", "new_device", "new_network",
    "new_region", "high_risk_country", "locale_mismatch", "unusual_hour", "cooling_off", "limit_approach",
    "balance_mismatch", "user_reported"
]
ENOUGH = 10     # Attacks of a kind, for a row of its own.
KNOWN = timedelta(days=14)   # Older accounts are not counted for so long.
YOUNG = {"under 14 days": timedelta(days=14), "under 30 days": timedelta(days=30)}
OLDER = "there before"
BANDS = (*YOUNG, OLDER)
CHALLENGED = (0.01, 0.02, 0.05)
PROFILE = re.compile(r'"type":"account_profile"')


class Ages:
    """Which bands an account belongs to at a time: the first two when it was opened in the stream."""

    def __init__(self, opened, days):
        self.opened = opened   # By account: when, or None if it was there before.
        self.ends = FIRST_DAY + timedelta(days=days)

    @classmethod
    def read(cls, events, days):
        opened = {}
        with open(events, encoding="utf-8") as file:
            for line in file:
                if PROFILE.search(line):
                    event = json.loads(line)
                    at = score.parse_time(event["opened_at"])
                    opened[event["account_id"]] = at if at >= FIRST_DAY else None
        return cls(opened, days)

    def bands(self, account, at):
        opened = self.opened[account]
        if opened is None:
            return [OLDER] if at >= FIRST_DAY + KNOWN else []
        return [band for band, age in YOUNG.items() if at < opened + age]

    def account_days(self, without):
        """By band, of all accounts but those."""
        days = Counter()
        for account, opened in self.opened.items():
            if account in without:
                continue
            spans = {OLDER: self.ends - FIRST_DAY - KNOWN} if opened is None else {
                band: min(age, self.ends - opened) for band, age in YOUNG.items()}
            for band, span in spans.items():
                days[band] += span / timedelta(days=1)
        return days


def counted(findings):
    """Of severity medium and more, live, and not taken back."""
    return [finding for finding in score.last_of_each(findings)
            if finding["status"] != "superseded" and finding.get("mode", "live") == "live"
            and score.SEVERITIES.index(finding["severity"]) >= score.SEVERITIES.index("medium")]


def cases_begun(findings):
    """(account, when) of each case."""
    begun = {}
    for finding in findings:
        key = finding["case_id"]
        begun[key] = min(begun.get(key, (finding["account_id"], score.parse_time(finding["occurred_at"]))),
                         (finding["account_id"], score.parse_time(finding["occurred_at"])))
    return begun.values()


def honest_counts(findings, ages, attacked, login_families):
    """By band: cases of accounts nobody attacked, those about who is using the account, and findings by detector."""
    honest = [finding for finding in counted(findings) if finding["account_id"] not in attacked]
    result = {band: {"cases": 0, "login_cases": 0, "detectors": Counter()} for band in BANDS}
    for name, about in (("cases", honest), ("login_cases", [one for one in honest if one["family"] in login_families])):
        for account, at in cases_begun(about):
            for band in ages.bands(account, at):
                result[band][name] += 1
    for finding in honest:
        for band in ages.bands(finding["account_id"], score.parse_time(finding["occurred_at"])):
            result[band]["detectors"][finding["detector"]] += 1
    return result


def honest_risks(events, risks, ages, attacked):
    """Risks after the honest logins of each band."""
    found = defaultdict(list)
    for event in stream.successful_logins(events):
        if event["account_id"] not in attacked and event["event_id"] in risks:
            for band in ages.bands(event["account_id"], score.parse_time(event["occurred_at"])):
                found[band].append(risks[event["event_id"]])
    return found


def recall(findings, labels, ages):
    """By band and kind: attacks, and those found at medium and at any severity."""
    result = {}
    for band in BANDS:
        begun = [label for label in labels if band in ages.bands(label["account_id"], score.parse_time(label["from"]))]
        kinds = score.score(findings, begun)["kinds"]
        result[band] = {kind: {key: row[key] for key in ("attacks", "found", "at_any_severity")} for kind, row in kinds.items()}
    return result


def measure(run, days, login_families):
    """Of one stream with new accounts."""
    risks = run.risks("--findings", run.findings)
    findings, labels, ages = list(score.lines(run.findings)), run.labelled(), Ages.read(run.events, days)
    attacked = {label["account_id"] for label in labels}
    result = honest_counts(findings, ages, attacked, login_families)
    account_days, scores = ages.account_days(attacked), honest_risks(run.events, risks, ages, attacked)
    kinds = recall(findings, labels, ages)
    for band, row in result.items():
        row.update(account_days=account_days[band], logins=len(scores[band]), kinds=kinds[band])
        for challenged in CHALLENGED:
            row[f"{challenged:.0%}"] = curves.found_at(scores[OLDER], scores[band], challenged)
    return result


def streams(seed):
    return [seed + 10 * more for more in range(STREAMS)]


def together(measured):
    total = {band: Counter() for band in BANDS}
    for band, row in total.items():
        row["detectors"], row["kinds"] = Counter(), {}
        for one in measured:
            for key, value in one[band].items():
                if key == "kinds":
                    for kind, counts in value.items():
                        row["kinds"].setdefault(kind, Counter()).update(counts)
                else:
                    row[key] += value
    return total


def rate(count, account_days, wilson):
    """Per 1000 accounts and day; a case is taken for the share of days that have one."""
    low, high = wilson(count, account_days)
    return f"{1000 * count / account_days:.2f} ({1000 * low:.2f}–{1000 * high:.2f})" if account_days else "–"


def recall_rows(result, share):
    young = result["under 30 days"]["kinds"]
    rows = {kind: [kind] for kind, counts in sorted(young.items()) if counts["attacks"] >= ENOUGH}
    rows["the others"] = [kind for kind in young if kind not in rows]
    rows["all of these"] = list(young)
    for name, kinds in rows.items():
        cells = []
        for band in BANDS:
            held = sum((result[band]["kinds"].get(kind, Counter()) for kind in kinds), Counter())
            cells += [str(held["attacks"]), share(held["found"], held["attacks"]), share(held["at_any_severity"], held["attacks"])]
        yield f"| {f'`{name}`' if kinds == [name] else name} | {' | '.join(cells)} |"


def table(result, share, wilson):
    """Lines of Markdown. `share` formats a part of a whole, `wilson` says how sure it is."""
    def row(name, cell):
        return f"| {name} | {' | '.join(cell(result[band]) for band in BANDS)} |"

    lines = [f"Half of the accounts opened during the stream, attacks on one account each, {STREAMS} streams for each seed; findings of severity "
             "medium and above, by the age of the account:", "",
             f"| accounts nobody attacked | {' | '.join(BANDS)} |", "|---|---|---|---|",
             row("accounts and days", lambda one: f"{one['account_days']:.0f}"),
             row("login cases per 1000 of them", lambda one: rate(one["login_cases"], one["account_days"], wilson)),
             row("all cases per 1000 of them", lambda one: rate(one["cases"], one["account_days"], wilson)),
             row("logins", lambda one: str(one["logins"]))]
    lines += [row(f"challenged where {challenged:.0%} of those there before are".replace("%", " %"),
                  lambda one, key=f"{challenged:.0%}": share(one[key], one["logins"])) for challenged in CHALLENGED]
    detectors = sorted({name for band in BANDS for name in result[band]["detectors"]})
    lines += ["", f"| their findings per 1000 accounts and day | {' | '.join(BANDS)} |", "|---|---|---|---|"]
    lines += [row(f"`{name}`", lambda one, name=name: rate(one["detectors"][name], one["account_days"], wilson)) for name in detectors]
    heads = " | ".join(f"{band} | recall at medium | at any severity" for band in BANDS)
    return [*lines, "", f"| attack | {heads} |", "|---" * (1 + 3 * len(BANDS)) + "|", *recall_rows(result, share)]
