"""What labels change that come a week late: one stream, replayed without them and with them, counted from the day on from which they can
have told something."""
from datetime import datetime, timedelta, timezone

import labels
import score   # In tools/, where `labels` has it found.

FIRST_DAY = datetime(2026, 1, 5, tzinfo=timezone.utc)   # Of generated streams.
# Chosen on seeds 1 and 2 (docs/tuning.md).
FLOOR = 0.8


def counts(findings, attacks, families, since):
    """Of findings of such families and of medium or more from then on: how many alerts they are, and right ones; attacks that begin
    then, and those with a right one."""
    about = [finding for finding in findings if finding["family"] in families and score.parse_time(finding["occurred_at"]) >= since]
    begun = [attack for attack in attacks if score.parse_time(attack["from"]) >= since]
    # What follows an attack from before is right as well.
    every, later = score.score(about, attacks), score.score(about, begun)
    return {"alerts": every["alerts"], "right": every["alerts_right"], "attacks": later["attacks"], "found": later["found"]}


def silenced(findings):
    """Detectors that went to shadow, and the day of the stream (the first is 1) with the first finding that they kept there. What an
    analyst's "false positive" allows an account for some days is in shadow as well, and says so."""
    days = {}
    for finding in findings:
        if finding.get("mode", "live") == "shadow" and "allowed_until" not in finding.get("evidence", {}):
            day = (score.parse_time(finding["occurred_at"]) - FIRST_DAY).days + 1
            days[finding["detector"]] = min(day, days.get(finding["detector"], day))
    return days


def measure(run, families, days_before, floor):
    """Replays the stream of `run` twice; what counts begins after `days_before`."""
    since = FIRST_DAY + timedelta(days=days_before)
    attacks = run.labelled()
    found = run.found()
    with_labels, config = run.folder / "with-labels.jsonl", run.arguments.config
    given = labels.put_in(run.events, labels.labels_of(found, attacks), with_labels)
    if config is None:
        config = run.folder / "floors.yaml"
        config.write_text(labels.floors(run.config, found, families, floor), encoding="utf-8")
    learnt = run.found(with_labels, config)
    before = silenced(found)   # By the configuration.
    return {"labels": given, "without": counts(found, attacks, families, since), "with": counts(learnt, attacks, families, since),
            "silenced": {detector: day for detector, day in silenced(learnt).items() if detector not in before},
            "floor": None if run.arguments.config else floor}


def together(by_seed):
    total = {"labels": sum(one["labels"] for one in by_seed.values()), "floor": next(iter(by_seed.values()))["floor"],
             "silenced": {seed: one["silenced"] for seed, one in by_seed.items()}}
    for name in ("without", "with"):
        total[name] = {key: sum(one[name][key] for one in by_seed.values()) for key in ("alerts", "right", "attacks", "found")}
    return total


def table(result, thousands, days_before, share):
    """Lines of Markdown. `share` formats a part of a whole."""
    floor = "the floors of the configuration" if result["floor"] is None else f"`precision_floor: {result['floor']}`"
    lines = [f"The same attacks in streams of {2 * days_before} days, counted after the first {days_before}; {result['with']['attacks']} attacks, "
             f"{result['labels']} labels in all, {floor}:", "",
             "| labels | recall | precision of alerts | alerts per 1000 accounts and day |", "|---|---|---|---|"]
    for name, row in (("without", result["without"]), ("a week late", result["with"])):
        lines.append(f"| {name} | {share(row['found'], row['attacks'])} | {share(row['right'], row['alerts'])} |"
                     f" {row['alerts'] / thousands:.2f} |")
    went = [f"seed {seed}: " + (", ".join(f"`{detector}` (day {day})" for detector, day in sorted(days.items(), key=lambda one: one[::-1]))
                                or "none") for seed, days in result["silenced"].items()]
    return lines + ["", f"Detectors that went to shadow, with the day of the first finding that they kept there: {'; '.join(went)}."]
