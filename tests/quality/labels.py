"""An analyst who says of every finding that he was told of, a week later, whether it was right; and the floors that put a detector to
shadow by what he says (docs/adr/0015).

What he says is known before it is replayed: he judges the findings of a replay without labels. A finding that only the replay with labels
makes stays unjudged, and one that it keeps in shadow is judged although nobody was told of it.
"""
import json
import pathlib
import re
import sys
from collections import defaultdict
from datetime import timedelta

import yaml

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import score  # noqa: E402

LATE = timedelta(days=7)
SLACK = timedelta(hours=24)   # As tools/score.py takes it: what follows an attack belongs to it for so long.
OCCURRED_AT = re.compile(rb'"occurred_at":"([^"]*)"')


def is_told(finding):
    """Somebody was told of it: an analyst has it before him."""
    return (finding["status"] != "superseded" and finding.get("mode", "live") == "live"
            and score.SEVERITIES.index(finding["severity"]) >= score.SEVERITIES.index("medium"))


def judged(findings):
    """(when, finding): each finding a week after it was first told, as it was known by then; what was taken back until then is not."""
    versions = defaultdict(list)
    for finding in findings:
        versions[finding["finding_id"]].append(finding)
    for known in versions.values():
        told = next((finding for finding in known if is_told(finding)), None)
        if told is None:
            continue
        at = score.parse_time(told["detected_at"]) + LATE
        last = [finding for finding in known if score.parse_time(finding["detected_at"]) <= at][-1]
        if is_told(last):
            yield at, last


def labels_of(findings, attacks):
    """The analyst's feedback on the findings of a replay, in the order in which he gives it: (when, event). `attacks` is the truth."""
    by_account = defaultdict(list)
    for attack in attacks:
        by_account[attack["account_id"]].append(score.Attack(attack, SLACK))
    labels = []
    for at, finding in judged(findings):
        right = any(attack.covers(finding) for attack in by_account[finding["account_id"]])
        labels.append((at, {"type": "feedback", "event_id": f"label-{finding['finding_id']}", "account_id": finding["account_id"],
                            "occurred_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                            "verdict": "confirmed_fraud" if right else "false_positive", "by": "analyst",
                            "finding_id": finding["finding_id"]}))
    return sorted(labels, key=lambda label: (label[0], label[1]["event_id"]))


def put_in(events, labels, out):
    """Writes the stream with each label before the first event that is as late; returns how many there are. What comes after the
    stream's end is left out."""
    given = 0
    with open(events, "rb") as file, open(out, "wb") as stream:
        for line in file:
            if given < len(labels):
                now = score.parse_time(OCCURRED_AT.search(line)[1].decode())
                while given < len(labels) and labels[given][0] <= now:
                    stream.write(json.dumps(labels[given][1]).encode() + b"\n")
                    given += 1
            stream.write(line)
    return given


def floors(rules, findings, families, floor):
    """The configuration `rules`, with a floor for each detector of such families that found anything."""
    config = yaml.safe_load(rules.read_text(encoding="utf-8")) or {}
    detectors = config.setdefault("detectors", {})
    for name in sorted({finding["detector"] for finding in findings if finding["family"] in families}):
        detectors.setdefault(name, {})["precision_floor"] = floor
    return yaml.safe_dump(config, sort_keys=False, default_flow_style=None, width=200)
