"""The queries of the dashboards with their variables filled in, as Grafana would."""

import dataclasses
import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "helm/tocsin/dashboards"
# Queries of what has not happened, or lies further back than a test runs: they answer, with nothing.
MAY_BE_EMPTY = {"In shadow"}
# Of what a process over Kafka whose producers key by account does not have: of the embedded log, and of `kafka.ingest: rekey`.
MAY_BE_EMPTY |= {"Moved to the keyed topic", "Waiting in the embedded log"}


@dataclasses.dataclass(frozen=True)
class Panel:
    board: str
    row: str
    title: str
    panel: dict

    def queries(self, rate: str, shown: str) -> list[tuple[str, str]]:
        """(legend, query)."""
        filled = []
        for target in self.panel["targets"]:
            query = target["expr"].replace("$__rate_interval", rate).replace("$__range", shown)
            query = query.replace("$namespace", ".*").replace("$job", "tocsin").replace("$instance", ".+")
            filled.append((target["legendFormat"], query))
        return filled


def panels() -> list[Panel]:
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        board, row = json.loads(path.read_text()), ""
        for panel in board["panels"]:
            if panel["type"] == "row":
                row = panel["title"]
            else:
                found.append(Panel(board["uid"], row, panel["title"], panel))
    return found
