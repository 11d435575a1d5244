"""The metrics of the program as it prints them, and those that queries and pages ask for."""

import functools
import os
import re
import subprocess

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (?:`([^`]*)`)? ?\| (.*) \|$", re.M)
NAME = re.compile(r"\b(?:tocsin|process)_[a-z0-9_]+\b(?!\.)")
# Words of that shape that are no metrics: a program of this tree, headers of records.
NO_METRICS = {"tocsin_bench", "tocsin_topic", "tocsin_partition", "tocsin_offset"}


@functools.cache
def declared() -> dict[str, tuple[str, frozenset[str], str]]:
    """Name: (kind, labels, help)."""
    page = subprocess.run([os.environ["TOCSIN_BINARY"], "generate", "metrics"], capture_output=True, text=True, check=True).stdout
    return {name: (kind, frozenset(labels.split(",")) - {""}, said) for name, kind, labels, said in ROW.findall(page)}


def series() -> dict[str, frozenset[str]]:
    """Every name that can be asked for, with its labels: a histogram has three."""
    all_of_them = {}
    for name, (kind, labels, _) in declared().items():
        if kind == "histogram":
            all_of_them |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
        else:
            all_of_them[name] = labels
    return all_of_them


def asked(text: str) -> set[str]:
    """What a query or a page names."""
    return set(NAME.findall(text)) - NO_METRICS


def metric_of(name: str) -> str:
    """The metric that a name of `series` belongs to."""
    if name in declared():
        return name
    return re.sub(r"_(bucket|sum|count)$", "", name)
