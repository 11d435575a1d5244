#!/usr/bin/python3
"""tests/quality/measure.py --tocsin FILE --data DIR [--seeds N,N,…] [--accounts N] [--days N] [--young] [--json FILE] [--write PAGE]

How good the detectors are, on generated populations: for each seed a stream with four strangers who log in once (the risk curve,
beside Freeman et al. on the same stream), a stream with every kind of attack (recall, precision, alerts), one with attacks on money alone,
one of these that is twice as long, replayed without and with the labels of an analyst who is a week late, and streams in which half of
the accounts are opened meanwhile (--young: only these). Equal arguments give equal figures. The default seeds are for measuring only:
thresholds are chosen on others (docs/detection-quality.md).

Prints the tables as Markdown; --write puts them between the marks of PAGE. Exit 1 when a goal is missed, 64 on bad usage.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

import curves
import stream
import week_late
import young
from freeman import Freeman
from intervals import wilson

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "tools")]
import score  # noqa: E402
from support import population  # noqa: E402

CONFIG = ROOT / "tests/quality/rules.yaml"

STRANGERS = ["naive_login", "vpn_login", "targeted_login", "very_targeted_login"]
# What a rule set over amounts and history is after: money that leaves against the owner's will, and misuse of the account for it.
MONEY = ["takeover", "phishing", "limit_breach", "limit_raised_then_spent", "structuring", "unusual_amount", "velocity",
         "new_payee_large", "account_drain", "pass_through", "card_testing"]
MONEY_FAMILIES = {"money", "limit", "takeover"}
MONEY_RISKS = (0, 0.01, 0.05, 0.1)
MONEY_RISK = 0.05   # Chosen on seeds 1 to 6: the least of them at which the rule set's figures are reached there.
# A stream with every kind of attack has one or two of most, so there are more of these streams: for a seed that, and ten more, and so on.
STREAMS_OF_ALL = 5
# Shares of strangers that must be challenged, when so many honest logins are.
CURVE_GOALS = (("naive_login", 0.01, 0.95), ("vpn_login", 0.05, 0.75), ("targeted_login", 0.05, 0.40))
LOGIN_CASES_MAX = 0.8   # Of honest accounts, per 1000 accounts and day.
# A plain rule set over amounts and history, on public card data; and one that has learnt from labels a week late.
RULES = {"precision": 0.97, "recall": 0.24, "alerts": 4}
LEARNT = {"recall": 0.65, "alerts": 4}
CHALLENGED = (0.01, 0.02, 0.05)
LOGIN_FAMILIES = {"location", "device", "credential", "takeover", "rarity"}
MARKS = "<!-- {}: begin -->", "<!-- {}: end -->"
VERDICT = re.compile(r'"event_id":"([^"]*)".*?"risk":([0-9.e+-]+)')


class Run:
    def __init__(self, arguments, folder, seed, attacks, days=None, more=()):
        self.arguments = arguments
        self.config = arguments.config or CONFIG
        self.folder = folder
        self.events, self.labels = folder / "events.jsonl", folder / "labels.jsonl"
        self.findings, self.notices = folder / "findings.jsonl", folder / "notices.jsonl"
        wanted = ("--attacks", attacks, *more, "--labels", str(self.labels), "--out", str(self.events))
        subprocess.run(population.traffic(arguments.tocsin, arguments.accounts, days or arguments.days, seed, *wanted), check=True)

    def replay_command(self, events=None, config=None):
        command = [self.arguments.tocsin, "replay", "--events", events or self.events, *population.geoip_options(self.arguments.data)]
        return command + ["--config", config or self.config]

    def risks(self, *more):
        """Risk after each event. `more` is for the replay."""
        with subprocess.Popen([*self.replay_command(), "--verdicts", "-", *more], stdout=subprocess.PIPE, text=True) as replay:
            found = dict(VERDICT.search(line).groups() for line in replay.stdout)
        if replay.returncode:
            sys.exit(f"measure: replay exited with {replay.returncode}")
        return {event: float(risk) for event, risk in found.items()}

    def labelled(self):
        return list(score.lines(self.labels))

    def found(self, events=None, config=None):
        subprocess.run([*self.replay_command(events, config), "--findings", self.findings, "--notices", self.notices], check=True)
        return list(score.lines(self.findings))


def login_scores(run, first_day):
    """Scores of logins by who made them ("honest" or the kind of stranger): ours, and the reference's."""
    labels = run.labelled()
    kind_of = {event: label["attack"] for label in labels for event in label["event_ids"]}
    attacked = {label["account_id"] for label in labels}
    risks, networks, reference = run.risks(), stream.Networks(), Freeman()
    ours, theirs = defaultdict(list), defaultdict(list)
    for event in stream.successful_logins(run.events):
        account, features = event["account_id"], stream.features_of(event, networks)
        if features is None or event["event_id"] not in risks:
            continue
        kind = kind_of.get(event["event_id"], "honest")
        # What an attacked account does afterwards is neither honest traffic nor an attack.
        counts = kind != "honest" or (event["occurred_at"][:10] >= first_day and account not in attacked)
        rated = reference.score(account, features)
        if counts and rated is not None:
            ours[kind].append(risks[event["event_id"]])
            theirs[kind].append(rated)
        reference.learn(account, features)
    return ours, theirs


def curve_table(pooled):
    """Rows per stranger and method; scores pooled by seed: each seed has its own threshold."""
    rows = []
    for kind in STRANGERS:
        for method in ("Tocsin", "Freeman et al."):
            total = sum(len(scores[kind]) for scores in pooled[method])
            row = {"stranger": kind, "method": method, "logins": total}
            for challenged in CHALLENGED:
                found = sum(curves.found_at(scores["honest"], scores[kind], challenged) for scores in pooled[method])
                row[f"{challenged:.0%}"] = (found / total if total else 0.0, *wilson(found, total))
            areas = [(curves.area(scores["honest"], scores[kind]), len(scores[kind])) for scores in pooled[method] if scores[kind]]
            row["auc"] = sum(value * weight for value, weight in areas) / max(1, sum(weight for _, weight in areas))
            rows.append(row)
    return rows


def catalogue(tocsin):
    """The detectors' ids."""
    listed = subprocess.run([tocsin, "detectors", "list", "--format", "json"], check=True, capture_output=True, text=True).stdout
    return sorted(detector["id"] for detector in json.loads(listed))


def streams_of_all(seed):
    return [seed + 10 * more for more in range(STREAMS_OF_ALL)]


def add_counts(total, result):
    for group in ("kinds", "detectors"):
        for name, row in result[group].items():
            held = total[group].setdefault(name, defaultdict(int))
            for key in ("attacks", "found", "at_any_severity", "by_own", "findings", "right"):
                held[key] += row.get(key, 0)
    for key in ("findings", "right", "cases", "cases_right", "attacks", "found"):
        total[key] += result[key]


def honest_login_cases(findings, labels):
    """Cases of accounts that nobody attacked with a finding of medium or more about who is using the account."""
    attacked = {label["account_id"] for label in labels}
    return len({finding["case_id"] for finding in score.last_of_each(findings)
                if finding["account_id"] not in attacked and finding["family"] in LOGIN_FAMILIES
                and finding["status"] != "superseded" and finding.get("mode", "live") == "live"
                and score.SEVERITIES.index(finding["severity"]) >= score.SEVERITIES.index("medium")})


def honest_notices(notices, labels):
    """Owners that nobody attacked are told of something so often, by severity; a withdrawn notice was sent as well."""
    attacked = {label["account_id"] for label in labels}
    return Counter(notice["severity"] for notice in notices if notice["account_id"] not in attacked)


def money_counts(findings, labels, risk_min):
    """Findings about money of medium or more at such a risk: all, right ones, and the same of alerts; attacks, and those with a right one."""
    about_money = [finding for finding in findings if finding["family"] in MONEY_FAMILIES and finding["risk"] >= risk_min]
    result = score.score(about_money, labels)
    return {key: result[key] for key in ("findings", "right", "alerts", "alerts_right", "attacks", "found")}


def measure(arguments):
    pooled = {"Tocsin": [], "Freeman et al.": []}
    honest = 0
    total = {"kinds": {}, "detectors": {}, "login_cases": 0, "notices": Counter(), "catalogue": catalogue(arguments.tocsin),
             **dict.fromkeys(("findings", "right", "cases", "cases_right", "attacks", "found"), 0)}
    money = {risk_min: defaultdict(int) for risk_min in MONEY_RISKS}
    late = {}
    first_day = f"2026-01-{5 + min(14, arguments.days // 2):02d}"
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory(prefix="tocsin-quality-") as name:
            run = Run(arguments, pathlib.Path(name), seed, ",".join(STRANGERS))
            ours, theirs = login_scores(run, first_day)
            honest += len(ours["honest"])
            pooled["Tocsin"].append(ours)
            pooled["Freeman et al."].append(theirs)
        for of_all in streams_of_all(seed):
            with tempfile.TemporaryDirectory(prefix="tocsin-quality-") as name:
                run = Run(arguments, pathlib.Path(name), of_all, "all")
                found, labels = run.found(), run.labelled()
                add_counts(total, score.score(found, labels))
                total["login_cases"] += honest_login_cases(found, labels)
                total["notices"] += honest_notices(score.lines(run.notices), labels)
        with tempfile.TemporaryDirectory(prefix="tocsin-quality-") as name:
            run = Run(arguments, pathlib.Path(name), seed, ",".join(MONEY))
            found, labels = run.found(), run.labelled()
            for risk_min, held in money.items():
                for key, count in money_counts(found, labels, risk_min).items():
                    held[key] += count
        with tempfile.TemporaryDirectory(prefix="tocsin-quality-") as name:
            run = Run(arguments, pathlib.Path(name), seed, ",".join(MONEY), 2 * arguments.days)
            late[seed] = week_late.measure(run, MONEY_FAMILIES, arguments.days, arguments.floor)
    thousands = arguments.accounts * arguments.days * len(arguments.seeds) / 1000
    return {"seeds": arguments.seeds, "accounts": arguments.accounts, "days": arguments.days, "honest_logins": honest,
            "curve": curve_table(pooled), "attacks": total, "money": money, "thousand_account_days": thousands,
            "week_late": week_late.together(late)}


def measure_young(arguments):
    opened = []
    for seed in arguments.seeds:
        for with_new in young.streams(seed):
            with tempfile.TemporaryDirectory(prefix="tocsin-quality-") as name:
                run = Run(arguments, pathlib.Path(name), with_new, ",".join(young.ATTACKS), more=("--new-accounts", str(young.SHARE)))
                opened.append(young.measure(run, arguments.days, LOGIN_FAMILIES))
    return young.together(opened)


def share(part, whole):
    if not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{part / whole:.2f} ({low:.2f}–{high:.2f})"


def markdown(result):
    attacks, thousands = result["attacks"], result["thousand_account_days"]
    of_all = STREAMS_OF_ALL * thousands
    lines = [of_which(result["seeds"], result["accounts"], result["days"]), "",
             f"Share of each stranger's logins that is challenged when 1, 2 or 5 % of {result['honest_logins']} honest logins are:", "",
             "| stranger | logins | by | 1 % | 2 % | 5 % | area |", "|---|---|---|---|---|---|---|"]
    for row in result["curve"]:
        cells = [f"{value:.2f} ({low:.2f}–{high:.2f})" for value, low, high in (row[f"{c:.0%}"] for c in CHALLENGED)]
        lines.append(f"| `{row['stranger']}` | {row['logins']} | {row['method']} | {' | '.join(cells)} | {row['auc']:.3f} |")
    lines += ["", f"All kinds of attack, {STREAMS_OF_ALL} streams for each seed, findings of severity medium and above:", "",
              "| measure | figure |", "|---|---|",
              f"| recall over all attacks | {share(attacks['found'], attacks['attacks'])} |",
              f"| precision of findings | {share(attacks['right'], attacks['findings'])} |",
              f"| precision of cases | {share(attacks['cases_right'], attacks['cases'])} |",
              f"| cases per 1000 accounts and day | {attacks['cases'] / of_all:.2f} |",
              f"| of accounts nobody attacked or out of an attack's time | {(attacks['cases'] - attacks['cases_right']) / of_all:.2f} |",
              f"| login cases of accounts nobody attacked | {attacks['login_cases'] / of_all:.2f} |",
              f"| notices to owners nobody attacked | {sum(attacks['notices'].values()) / of_all:.2f}: {by_severity(attacks['notices'], of_all)} |",
              "",
              "| attack | attacks | recall at medium | recall at any severity | by the detector of that name |", "|---|---|---|---|---|"]
    for kind, row in sorted(attacks["kinds"].items()):
        own = share(row["by_own"], row["attacks"]) if kind in attacks["catalogue"] else "–"
        lines.append(f"| `{kind}` | {row['attacks']} | {share(row['found'], row['attacks'])} |"
                     f" {share(row['at_any_severity'], row['attacks'])} | {own} |")
    lines += ["", "| detector | findings | precision |", "|---|---|---|"]
    for name, row in sorted(attacks["detectors"].items()):
        lines.append(f"| `{name}` | {row['findings']} | {share(row['right'], row['findings'])} |")
    lines += ["", f"Attacks on money ({', '.join(f'`{kind}`' for kind in MONEY)}), findings of the families money, limit and takeover "
              f"of severity medium and above; {result['money'][0]['attacks']} attacks:", "",
              "| findings | recall | precision | per 1000 accounts and day | precision of alerts | alerts per 1000 accounts and day |",
              "|---|---|---|---|---|---|"]
    for risk_min, row in result["money"].items():
        lines.append(f"| {'all' if not risk_min else f'at a risk of {risk_min} and more'} | {share(row['found'], row['attacks'])} |"
                     f" {share(row['right'], row['findings'])} | {row['findings'] / thousands:.2f} |"
                     f" {share(row['alerts_right'], row['alerts'])} | {row['alerts'] / thousands:.2f} |")
    lines += ["", *week_late.table(result["week_late"], thousands, result["days"], share)]
    lines += ["", "## Against the goals", "", *goal_table(goals(result))]
    return "\n".join(lines) + "\n"


def markdown_young(result, arguments):
    lines = [of_which([one for seed in arguments.seeds for one in young.streams(seed)], arguments.accounts, arguments.days), "",
             *young.table(result, share, wilson), "", *goal_table(goals_young(result))]
    return "\n".join(lines) + "\n"


def of_which(seeds, accounts, days):
    return f"Seeds {', '.join(map(str, seeds))}; {accounts} accounts, {days} days each. In parentheses: 95 % interval (Wilson)."


def goal_table(rows):
    return ["| goal | figure | |", "|---|---|---|",
            *(f"| {goal} | {figure} | {'met' if met else '**missed**'} |" for goal, figure, met in rows)]


def by_severity(counts, thousands):
    return ", ".join(f"{counts[severity] / thousands:.2f} {severity}" for severity in score.SEVERITIES if counts[severity])


def goals(result):
    """What is to be reached, what was, and whether it was."""
    rows = []
    for stranger, challenged, least in CURVE_GOALS:
        row = next(row for row in result["curve"] if row["stranger"] == stranger and row["method"] == "Tocsin")
        value, low, high = row[f"{challenged:.0%}"]
        rows.append((f"`{stranger}` {least:.2f} at {challenged:.0%}", f"{value:.2f} ({low:.2f}–{high:.2f})", value >= least))
    thousands = result["thousand_account_days"]
    cases = result["attacks"]["login_cases"] / (STREAMS_OF_ALL * thousands)
    rows.append((f"login cases of honest accounts, {LOGIN_CASES_MAX} per 1000 accounts and day", f"{cases:.2f}", cases <= LOGIN_CASES_MAX))

    def of_alerts(alerts, right, row):
        return f"precision {share(right, alerts)}, recall {share(row['found'], row['attacks'])}, {alerts / thousands:.2f} alerts"

    row = result["money"][MONEY_RISK]
    beats_rules = (row["alerts"] and row["alerts_right"] / row["alerts"] >= RULES["precision"]
                   and row["found"] / row["attacks"] >= RULES["recall"] and row["alerts"] / thousands <= RULES["alerts"])
    rows.append((f"money: precision {RULES['precision']} with recall {RULES['recall']} at {RULES['alerts']} alerts per 1000 accounts and day",
                 f"at a risk of {MONEY_RISK}: {of_alerts(row['alerts'], row['alerts_right'], row)}", bool(beats_rules)))
    row = result["week_late"]["with"]
    rows.append((f"money with fraud labels that come a week late: recall {LEARNT['recall']} at {LEARNT['alerts']} alerts per 1000 accounts "
                 "and day", of_alerts(row["alerts"], row["right"], row),
                 row["found"] / row["attacks"] >= LEARNT["recall"] and row["alerts"] / thousands <= LEARNT["alerts"]))
    return rows


def goals_young(result):
    """The same of young accounts: not clearly more than of all."""
    rows = []
    for band in young.YOUNG:
        cases, account_days = result[band]["login_cases"], result[band]["account_days"]
        rows.append((f"login cases of honest accounts {band}: not clearly above {LOGIN_CASES_MAX} (interval) per 1000 accounts and day",
                     young.rate(cases, account_days, wilson), 1000 * wilson(cases, account_days)[0] <= LOGIN_CASES_MAX))
    return rows


def write(page, marked, text):
    old = page.read_text(encoding="utf-8")
    begin, end = (old.index(mark.format(marked)) for mark in MARKS)
    begin += len(MARKS[0].format(marked))
    page.write_text(f"{old[:begin]}\n{text}{old[end:]}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tocsin", type=pathlib.Path, required=True, help="the program")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of the test databases")
    parser.add_argument("--config", type=pathlib.Path, help="configuration, whose floors count; the defaults without it")
    parser.add_argument("--floor", type=float, default=week_late.FLOOR, help="precision_floor where labels come a week late, without --config")
    parser.add_argument("--seeds", type=lambda text: [int(part) for part in text.split(",")], default=[301, 302, 303])
    parser.add_argument("--accounts", type=int, default=3000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--young", action="store_true", help="measure only accounts that are opened meanwhile")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here as well")
    parser.add_argument("--write", type=pathlib.Path, help="a page with the marks")
    try:
        arguments = parser.parse_args()
    except SystemExit as exit_:
        sys.exit(64 if exit_.code else 0)
    opened = measure_young(arguments)
    result = {"young": opened} if arguments.young else {**measure(arguments), "young": opened}
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    texts = {"young": markdown_young(opened, arguments)}
    rows = goals_young(opened)
    if not arguments.young:
        texts = {"figures": markdown(result), **texts}
        rows = goals(result) + rows
    print("\n".join(texts.values()))
    if arguments.write:
        for marked, text in texts.items():
            write(arguments.write, marked, text)
    missed = [f"{goal}: {figure}" for goal, figure, met in rows if not met]
    if missed:
        sys.exit("measure: goals missed\n  " + "\n  ".join(missed))


if __name__ == "__main__":
    main()
