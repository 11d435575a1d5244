"""A real Prometheus and a real Alertmanager, as operators run them, with the chart's own rules.

    with Alertmanager(folder, webhook_url) as manager, Prometheus(folder, targets, alertmanager=manager) as prometheus:
        prometheus.query("sum(tocsin_lag_events)")
        prometheus.range("…", seconds=300, end=time.time())
        prometheus.firing()

Times of the rules are for people; `hurry` shortens how long something has to last before an alert fires, and nothing else.
"""

import json
import pathlib
import re
import shutil
import subprocess
import urllib.parse
import urllib.request

import yaml

from support import processes
from support.operator_tools import tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "helm/tocsin/rules/alerts.yaml"


def fetch(url: str, timeout: float = 60):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return json.load(answer)


class _Server:
    def __init__(self, folder: pathlib.Path, name: str):
        self.folder, self.port = folder, processes.free_port()
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, command: list[str]) -> None:
        with open(self.log, "ab") as log:
            self.process = processes.start(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)
        processes.wait_until(self.ready, f"{self.log.stem} to be ready: {self.log}", 60)

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def __exit__(self, *_) -> None:
        processes.stop(self.process, 20)


class Alertmanager(_Server):
    """Sends what fires, and what has ended, to one webhook at once."""

    def __init__(self, folder: pathlib.Path, receiver_url: str):
        super().__init__(folder, "alertmanager")
        config = {"route": {"receiver": "person", "group_by": ["alertname"], "group_wait": "1s", "group_interval": "1s"},
                  "receivers": [{"name": "person", "webhook_configs": [{"url": receiver_url, "send_resolved": True}]}]}
        self.config = folder / "alertmanager.yaml"
        self.config.write_text(yaml.safe_dump(config))

    def __enter__(self) -> "Alertmanager":
        for template in tools().glob("*.tmpl"):
            shutil.copy(template, self.folder)
        self.start([str(tools() / "prometheus-alertmanager"), f"--config.file={self.config}", f"--storage.path={self.folder}/alerts",
                    f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="])
        return self

    def active(self) -> set[str]:
        return {alert["labels"]["alertname"] for alert in fetch(f"http://127.0.0.1:{self.port}/api/v2/alerts?active=true")}


class Prometheus(_Server):
    """`targets`: instance name to port."""

    def __init__(self, folder: pathlib.Path, targets: dict[str, int], alertmanager: Alertmanager | None = None,
                 hurry: str = "", changes: dict[str, str] | None = None, interval: str = "1s"):
        super().__init__(folder, "prometheus")
        rules = RULES.read_text()
        if hurry:
            rules = re.sub(r"(?m)^( +for: )\S+$", rf"\g<1>{hurry}", rules)
        for before, after in (changes or {}).items():
            assert before in rules, before
            rules = rules.replace(before, after)
        (folder / "rules.yaml").write_text(rules)
        scraped = [{"targets": [f"127.0.0.1:{port}"], "labels": {"instance": name}} for name, port in targets.items()]
        config = {"global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
                  "rule_files": ["rules.yaml"], "scrape_configs": [{"job_name": "tocsin", "static_configs": scraped}]}
        if alertmanager:
            config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]}
        self.config = folder / "prometheus.yaml"
        self.config.write_text(yaml.safe_dump(config))

    def __enter__(self) -> "Prometheus":
        self.start([str(tools() / "prometheus"), f"--config.file={self.config}", f"--storage.tsdb.path={self.folder}/tsdb",
                    f"--web.listen-address=127.0.0.1:{self.port}"])
        return self

    def _ask(self, path: str, **parameters) -> list[dict]:
        answer = fetch(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def query(self, expression: str) -> list[dict]:
        """The samples now: [{"metric": labels, "value": [time, text]}]."""
        return self._ask("query", query=expression)

    def number(self, expression: str) -> float | None:
        """The value of the only sample; None when there is none."""
        result = self.query(expression)
        return float(result[0]["value"][1]) if result else None

    def range(self, expression: str, seconds: float, end: float, step: float = 1) -> list[dict]:
        """Samples of the seconds before `end`: [{"metric": labels, "values": [[time, text]]}]."""
        return self._ask("query_range", query=expression, start=end - seconds, end=end, step=step)

    def firing(self) -> set[str]:
        alerts = fetch(f"http://127.0.0.1:{self.port}/api/v1/alerts")["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
