"""The risk curve: which share of a stranger's logins is challenged when a given share of honest ones is."""
import bisect


def found_at(honest, strangers, challenged):
    """Expected number of `strangers` (scores, higher is worse) among those challenged when the share `challenged` of `honest` is.
    Where the line falls among equal scores, they are challenged by lot."""
    ordered = sorted(honest)
    allowed = challenged * len(ordered)
    line = ordered[-max(1, int(allowed) + 1)] if ordered else float("-inf")
    above = len(ordered) - bisect.bisect_right(ordered, line)
    at_line = bisect.bisect_right(ordered, line) - bisect.bisect_left(ordered, line)
    lot = min(1.0, max(0.0, (allowed - above) / at_line)) if at_line else 0.0
    return sum(score > line for score in strangers) + lot * sum(score == line for score in strangers)


def area(honest, strangers):
    """Area under the curve: how often a stranger's login scores above an honest one, equal ones by lot."""
    ordered = sorted(honest)
    below = sum(bisect.bisect_left(ordered, score) + bisect.bisect_right(ordered, score) for score in strangers)
    return below / (2 * len(ordered) * len(strangers)) if ordered and strangers else float("nan")
