"""What campaigns came to, in figures: the report of soak.py, and what docs/guarantees.md says of reports."""

import collections
import dataclasses

import campaign
import changelog
import oracle


@dataclasses.dataclass(frozen=True)
class Failure:
    """A run that raised this."""

    plan: campaign.Plan
    error: Exception

    @property
    def differed(self) -> bool:
        """It came to a verdict, and that was against us."""
        return isinstance(self.error, (oracle.Wrong, changelog.ChangelogError)) and not isinstance(self.error, campaign.NoEnd)


def report(outcomes: list[campaign.Outcome], failures: list[Failure], seconds: float) -> dict:
    """Faults and what they did are those of the runs in which everything was equal."""
    faults, requests, compared = collections.Counter(), collections.Counter(), collections.Counter()
    for outcome in outcomes:
        faults += outcome.faults
        requests += outcome.requests
        compared += outcome.compared
    plans = [outcome.plan for outcome in outcomes] + [failure.plan for failure in failures]
    return {
        "runs": len(plans),
        "seeds": sorted(plan.seed for plan in plans),
        "runs_over_brokers": dict(collections.Counter(str(plan.brokers) for plan in plans)),
        "runs_of_dynamic_members": sum(not plan.static for plan in plans),
        "equal": len(outcomes),
        "failed": [str(failure.plan) for failure in failures],
        "differed": [failure.plan.seed for failure in failures if failure.differed],
        "without_verdict": [f"{failure.plan.seed} ({type(failure.error).__name__})" for failure in failures if not failure.differed],
        "hours": round(seconds / 3600, 2),
        "seconds_of_equal_runs": round(sum(outcome.seconds for outcome in outcomes)),
        "kills": sum(outcome.kills for outcome in outcomes),
        "pauses": sum(outcome.pauses for outcome in outcomes),
        "pauses_beyond_the_session": sum(outcome.long_pauses for outcome in outcomes),
        "faults_total": faults.total(),
        "faults": dict(faults.most_common()),
        "requests_hurt": dict(requests.most_common()),
        "compared_total": compared.total(),
        "compared": dict(compared),
        "longest_quiet_seconds": round(max((outcome.quiet_seconds for outcome in outcomes), default=0), 1),
        "starts_tried_again": sum(outcome.retries for outcome in outcomes),
    }


def markdown(reports: list[dict]) -> str:
    """What the page says of these reports together: how it was run, the table, and what was done."""
    equal = _sum(reports, "equal")
    over = _count(reports, "runs_over_brokers")
    brokers = ", ".join(f"{over[number]} over {name}" for number, name in (("1", "one broker"), ("3", "three")) if over[number])
    rows = [
        ("runs", f"{_sum(reports, 'runs')}: {brokers}"),
        ("of them of dynamic members", _sum(reports, "runs_of_dynamic_members")),
        ("in which everything was equal", equal),
        ("in which an output, a state or a position differed, or a transaction stayed open", _named(reports, "differed")),
        ("not brought to the verdict", _named(reports, "without_verdict")),
        (f"faults in the {equal} runs", _sum(reports, "faults_total")),
        ("SIGKILL to a process of ours in them", _sum(reports, "kills")),
        (f"SIGSTOP, {_sum(reports, 'pauses_beyond_the_session')} of them for longer than the session", _sum(reports, "pauses")),
        ("outputs, commits and states compared", _sum(reports, "compared_total")),
        (f"time in the {equal} runs", f"{_sum(reports, 'seconds_of_equal_runs') / 60:.0f} minutes"),
        ("hours in total", f"{_sum(reports, 'hours'):.1f}"),
    ]
    table = ["| | |", "|---|---|"]
    table += [f"| {what} | {figure:,} |" if isinstance(figure, int) else f"| {what} | {figure} |" for what, figure in rows]
    return "\n\n".join([
        _how(reports),
        "\n".join(table),
        f"Faults in the {equal} runs: {_listed(reports, 'faults')}.",
        f"Requests that were hurt in them: {_listed(reports, 'requests_hurt')}.",
    ]) + "\n"


def _sum(reports: list[dict], name: str):
    return sum(report[name] for report in reports)


def _count(reports: list[dict], name: str) -> collections.Counter:
    return sum((collections.Counter(report[name]) for report in reports), collections.Counter())


def _named(reports: list[dict], name: str):
    """How many, and the seeds of them."""
    seeds = [str(seed) for report in reports for seed in report[name]]
    return f"{len(seeds)}: seed{'s' if len(seeds) > 1 else ''} {', '.join(seeds)}" if seeds else 0


def _listed(reports: list[dict], name: str) -> str:
    return ", ".join(f"`{what}` {times:,}" for what, times in _count(reports, name).most_common()) or "none"


def _how(reports: list[dict]) -> str:
    """When, with which program, on what, by which commands."""
    def each(name: str) -> str:
        return " and ".join(dict.fromkeys(str(report[name]) for report in reports))

    loads = [load for report in reports for load in report["load"]]
    load = f" (load {min(loads):.0f} to {max(loads):.0f})" if loads else ""
    commands = ", ".join(f"`{command}`" for command in dict.fromkeys(report["command"] for report in reports))
    cut = ", stopped before its end" if any(report["interrupted"] for report in reports) else ""
    return (f"{each('date')}, `{each('program')}` (tree {each('tree')}), {each('cores')} cores{load}, "
            f"seeds {_ranges(sorted({seed for report in reports for seed in report['seeds']}))}: {commands}{cut}.")


def _ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 is "1 to 3, 7"."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in ranges) or "none"
