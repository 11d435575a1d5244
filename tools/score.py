#!/usr/bin/env python3
"""tools/score.py --findings FILE --labels FILE [--notices FILE]: how good were the findings?

Compares what `tocsin replay` or `tocsin run` wrote with the labels of `tocsin generate traffic`.

A finding is right when one of the events that caused it belongs to an attack on its account, or when it happened to that
account between the attack's first event and SLACK hours after its last. It counts when it is live and at least of
--severity; a finding that was superseded is taken back. A case is right when one of its findings is; so is an event that
findings were made of, one or several detectors' (an alert, as of a model that flags a transaction or does not).

  precision   right ones among all of them
  recall      attacks with a right finding among all attacks; `any` counts findings below --severity too

Prints a table, or JSON with --json. Exit 64 on bad usage, 1 with a sentence when a file is not what it should be.
"""
import argparse
import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta

SEVERITIES = ["info", "low", "medium", "high", "critical"]


def parse_time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def numbered_lines(path):
    """Each line that is not blank, decoded, with its number."""
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    yield number, json.loads(line.decode("utf-8"))
                except UnicodeDecodeError:
                    sys.exit(f"score: {path}:{number}: not UTF-8")
                except ValueError:
                    sys.exit(f"score: {path}:{number}: not JSON")
    except OSError as error:
        sys.exit(f"score: {path}: {error.strerror}")


def lines(path):
    for _, record in numbered_lines(path):
        yield record


def data_of(record):
    """A record of the outputs may be the bare document or a CloudEvent around it."""
    return record["data"] if "specversion" in record and isinstance(record.get("data"), dict) else record


def is_time(value):
    try:
        return parse_time(value).tzinfo is not None
    except (AttributeError, ValueError):
        return False


def is_text(value):
    return isinstance(value, str)


def are_texts(value):
    return isinstance(value, list) and all(is_text(item) for item in value)


# What is read of each line, and how it must be.
FINDING = {"finding_id": is_text, "detector": is_text, "severity": lambda value: is_text(value) and value in SEVERITIES,
           "account_id": is_text, "cause": are_texts, "occurred_at": is_time, "status": is_text}
LABEL = {"attack": is_text, "account_id": is_text, "from": is_time, "until": is_time, "event_ids": are_texts}


def checked(path, what, members):
    """The lines of a file; ends with a sentence at the first that is none of its kind."""
    for number, record in numbered_lines(path):
        if not isinstance(record, dict):
            sys.exit(f"score: {path}:{number}: no {what}: not a JSON object")
        record = data_of(record)
        if "class_uid" in record:
            sys.exit(f"score: {path}:{number}: no {what} in Tocsin's own form but OCSF: replay with findings.format: tocsin")
        for name, fits in members.items():
            if name not in record or not fits(record[name]):
                sys.exit(f"score: {path}:{number}: no {what}: {name} is missing or wrong")
        yield record


class Attack:
    def __init__(self, label, slack):
        self.kind = label["attack"]
        self.account = label["account_id"]
        self.begins = parse_time(label["from"])
        self.ends = parse_time(label["until"]) + slack
        self.events = set(label["event_ids"])
        self.found_by = set()

    def covers(self, finding):
        if self.events.intersection(finding["cause"]):
            return True
        return self.begins <= parse_time(finding["occurred_at"]) <= self.ends


def last_of_each(findings):
    """A finding is written again when it grows; what it says last counts."""
    kept = {}
    for finding in findings:
        kept[finding["finding_id"]] = finding
    return list(kept.values())


def share(part, whole):
    return part / whole if whole else None


def score(findings, labels, severity="medium", slack_hours=24.0):
    attacks = [Attack(label, timedelta(hours=slack_hours)) for label in labels]
    by_account = defaultdict(list)
    for attack in attacks:
        by_account[attack.account].append(attack)

    floor = SEVERITIES.index(severity)
    detectors = defaultdict(lambda: {"findings": 0, "right": 0})
    cases, alerts = {}, {}
    counted = right = 0
    for finding in last_of_each(findings):
        if finding["status"] == "superseded" or finding.get("mode", "live") != "live":
            continue
        hit = [attack for attack in by_account[finding["account_id"]] if attack.covers(finding)]
        for attack in hit:
            attack.found_by.add((finding["detector"], SEVERITIES.index(finding["severity"])))
        if SEVERITIES.index(finding["severity"]) < floor:
            continue
        counted += 1
        right += bool(hit)
        detectors[finding["detector"]]["findings"] += 1
        detectors[finding["detector"]]["right"] += bool(hit)
        case = finding.get("case_id") or finding["finding_id"]
        cases[case] = cases.get(case, False) or bool(hit)
        event = (finding["account_id"], finding["occurred_at"])
        alerts[event] = alerts.get(event, False) or bool(hit)

    kinds = defaultdict(lambda: {"attacks": 0, "found": 0, "at_any_severity": 0, "by_own": 0, "by": set()})
    for attack in attacks:
        row = kinds[attack.kind]
        row["attacks"] += 1
        row["found"] += any(level >= floor for _, level in attack.found_by)
        row["at_any_severity"] += bool(attack.found_by)
        row["by_own"] += any(detector == attack.kind for detector, _ in attack.found_by)
        row["by"].update(detector for detector, _ in attack.found_by)
    found = sum(row["found"] for row in kinds.values())
    return {
        "severity": severity,
        "findings": counted,
        "right": right,
        "precision": share(right, counted),
        "alerts": len(alerts),
        "alerts_right": sum(alerts.values()),
        "cases": len(cases),
        "cases_right": sum(cases.values()),
        "case_precision": share(sum(cases.values()), len(cases)),
        "attacks": len(attacks),
        "found": found,
        "recall": share(found, len(attacks)),
        "kinds": {kind: {**row, "recall": share(row["found"], row["attacks"]), "by": sorted(row["by"])}
                  for kind, row in sorted(kinds.items())},
        "detectors": {name: {**row, "precision": share(row["right"], row["findings"])}
                      for name, row in sorted(detectors.items())},
    }


def percent(value):
    return "    –" if value is None else f"{100 * value:4.0f}%"


def print_table(result):
    print(f"findings of severity {result['severity']} and above: {result['findings']},"
          f" right {result['right']}, precision {percent(result['precision']).strip()}")
    print(f"cases: {result['cases']}, right {result['cases_right']}, precision {percent(result['case_precision']).strip()}")
    print(f"attacks: {result['attacks']}, found {result['found']}, recall {percent(result['recall']).strip()}")
    if "alerts_per_1000_account_days" in result:
        print(f"cases per 1000 accounts and day: {result['alerts_per_1000_account_days']:.2f},"
              f" of honest accounts: {result['false_alerts_per_1000_account_days']:.2f}")
    print(f"\n{'attack':<24}{'attacks':>8}{'found':>7}{'recall':>8}{'any':>6}  by, at any severity")
    for kind, row in result["kinds"].items():
        print(f"{kind:<24}{row['attacks']:>8}{row['found']:>7}{percent(row['recall']):>8}{row['at_any_severity']:>6}"
              f"  {', '.join(row['by'])}")
    print(f"\n{'detector':<24}{'findings':>9}{'right':>7}{'precision':>11}")
    for name, row in result["detectors"].items():
        print(f"{name:<24}{row['findings']:>9}{row['right']:>7}{percent(row['precision']):>11}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--severity", default="medium", choices=SEVERITIES, help="findings below it do not count (medium)")
    parser.add_argument("--slack-hours", type=float, default=24.0, help="SLACK (24)")
    parser.add_argument("--accounts", type=int, help="with --days: also cases per 1000 accounts and day")
    parser.add_argument("--days", type=float)
    parser.add_argument("--json", action="store_true")
    try:
        arguments = parser.parse_args()
    except SystemExit as exit_:
        sys.exit(64 if exit_.code else 0)
    result = score(list(checked(arguments.findings, "finding", FINDING)), list(checked(arguments.labels, "label", LABEL)),
                   arguments.severity, arguments.slack_hours)
    if arguments.accounts and arguments.days:
        account_days = arguments.accounts * arguments.days / 1000
        result["alerts_per_1000_account_days"] = result["cases"] / account_days
        result["false_alerts_per_1000_account_days"] = (result["cases"] - result["cases_right"]) / account_days
    if arguments.json:
        print(json.dumps(result, indent=1))
    else:
        print_table(result)


if __name__ == "__main__":
    main()
