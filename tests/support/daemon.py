"""The program under test as a process: started, asked whether it is ready, stopped, killed, started again."""

import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.request

from support import processes


class Daemon:
    """`tocsin run` with one configuration, in its own folder. Not running until `start`.

    `config` is YAML text. It must bind the observability port to `http_port`, which `start` asks for
    /readyz. A restart keeps folder, ports and state; what the daemon says is appended to `log`.
    """

    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, config: str, http_port: int):
        self.binary, self.folder, self.http_port = binary, folder, http_port
        self.config = folder / "tocsin.yaml"
        self.log = folder / "tocsin.log"
        self.environment: dict[str, str] = {}  # Beyond this process's own.
        self.process: subprocess.Popen | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(config)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, timeout: float = 60, wait: bool = True) -> "Daemon":
        """Starts it and returns when it is ready, or at once. Raises with the end of its log when it ends instead."""
        assert not self.running, "it runs already"
        with open(self.log, "ab") as log:
            self.process = processes.start(
                [str(self.binary), "run", "--config", str(self.config)],
                cwd=self.folder,
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if wait:
            processes.wait_until(self._ready, "the daemon to be ready", timeout)
        return self

    def stop(self, timeout: float = 30) -> None:
        """Ends it in good order, and fails when it does not end so: leaks and sanitizer reports count."""
        code = processes.stop(self.process, timeout)
        assert code == 0, f"the daemon ended with {code} after SIGTERM:\n{self.log_tail()}"

    def kill(self) -> None:
        """A power cut: SIGKILL."""
        processes.kill(self.process)

    def get(self, path: str, timeout: float = 60) -> tuple[int, str]:
        """Status and body of a GET on the observability port."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")

    def metric(self, name: str, **labels: str) -> float:
        """The sum of the samples of this metric that carry these labels; 0 when there are none."""
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            series, _, value = line.rpartition(" ")
            found, _, inner = series.partition("{")
            if found == name and wanted <= set(inner.rstrip("}").split(",")):
                total += float(value)
        return total

    def said(self) -> list[dict]:
        """The lines of its log, once each is whole."""
        lines = self.log.read_text(errors="replace").splitlines(keepends=True) if self.log.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def log_tail(self, characters: int = 4000) -> str:
        """The end of its log; what a sanitizer reported, from the beginning of that."""
        if not self.log.exists():
            return "(it said nothing)"
        text = self.log.read_text(errors="replace")
        report = text.find("ERROR: AddressSanitizer")
        return text[-characters:] if report < 0 else text[report : report + 2 * characters]

    def close(self) -> None:
        """Ends it without asking, if it still runs: the end of a test that did not get to its own."""
        if self.running:
            self.kill()

    def _ready(self) -> bool:
        if not self.running:
            raise RuntimeError(f"the daemon ended with {self.process.returncode}:\n{self.log_tail()}")
        try:
            return self.get("/readyz", timeout=10)[0] == 200
        except OSError:
            return False
