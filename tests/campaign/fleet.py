"""The processes of one run: `tocsin run`, each with its own directory, watched as an operator's supervisor does."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

from support import processes
from support.full_disk import FullDisk

CONFIG = """\
log: kafka
state_dir: {folder}/state
kafka:
  brokers: {brokers}
  group: {group}
{instance}  input_topics: [{inputs}]
  changelog_topic: {prefix}changelog
  findings_topic: {prefix}findings
  notices_topic: {prefix}notices
  tickets_topic: {prefix}tickets
  actions_topic: {prefix}actions
  dead_letters_topic: {prefix}dead-letters
  properties:
    session.timeout.ms: {session_ms}
    heartbeat.interval.ms: 500
    max.poll.interval.ms: 20000
    transaction.timeout.ms: 5000
    socket.timeout.ms: 5000
engine:
  workers: {workers}
  checkpoint_interval: {checkpoint}
  commit_events: 60
  drain_timeout: 20s
http:
  metrics_listen: 127.0.0.1:{http_port}
"""
# What decides about a record; the rest is how it is carried.
RULES = """\
geoip:
  city: [{databases}/city.mmdb]
  asn: [{databases}/asn.mmdb]
  anonymity: {databases}/anonymous-ip.mmdb
"""
UNAVAILABLE = 69  # It said that it could not start now: a supervisor tries again.
SESSION_SECONDS = 3.0


class Broken(AssertionError):
    """A process ended that nobody ended."""


class Member:
    """One process. What happens to its directory is up to the faults."""

    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, config: str, http_port: int):
        self.binary, self.folder, self.http_port = binary, folder, http_port
        self.state = folder / "state"
        self.disk = FullDisk(self.state, folder / "scratch")
        self.config = folder / "tocsin.yaml"
        self.log = folder / "tocsin.log"
        self.process: subprocess.Popen | None = None
        self._said = threading.Event()
        self.paused = False
        self.wanted = False  # To be running, as far as the campaign is concerned.
        self.kills = self.pauses = self.long_pauses = self.retries = 0
        self._paused_at = 0.0
        self.old_state: pathlib.Path | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(config)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def begun(self) -> bool:
        """It has said something: until then a signal ends it."""
        return self._said.is_set()

    def start(self) -> None:
        assert not self.running
        self.process = processes.start(
            [str(self.binary), "run", "--config", str(self.config)],
            cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | self.disk.environment,
        )
        self._said = threading.Event()
        threading.Thread(target=self._listen, args=(self.process.stdout, self._said), daemon=True).start()
        self.wanted, self.paused = True, False

    def _listen(self, lines, said: threading.Event) -> None:
        with open(self.log, "ab", buffering=0) as log:
            log.write(f"--- start at {time.time():.3f}\n".encode())
            for line in lines:
                log.write(line)
                if b'"level"' in line:
                    said.set()

    def kill(self) -> None:
        self.wanted = self.paused = False
        if self.running:
            processes.kill(self.process)
            self.kills += 1

    def stop(self) -> None:
        """Ends it in good order; anything but a clean end is an error. One that has not begun to run yet just ends."""
        self.wanted = False
        if not self.running:
            return
        self.resume()
        code = processes.stop(self.process, 60)
        too_early = code == -signal.SIGTERM and not self.begun
        if code not in (0, UNAVAILABLE) and not too_early:
            raise Broken(f"{self.folder.name} ended with {code} after SIGTERM:\n{self.log_tail()}")

    def signal(self, number: int) -> None:
        if self.running:
            self.process.send_signal(number)

    def pause(self) -> None:
        if not self.running:
            return
        self.signal(signal.SIGSTOP)
        self.paused, self._paused_at = True, time.monotonic()
        self.pauses += 1

    def resume(self) -> None:
        if self.paused:
            self.long_pauses += time.monotonic() - self._paused_at > SESSION_SECONDS
            self.signal(signal.SIGCONT)
        self.paused = False

    def supervise(self) -> None:
        """Starts it again when it could not start; raises when it died."""
        if not self.wanted or self.running or self.process is None:
            return
        if self.process.returncode != UNAVAILABLE:
            raise Broken(f"{self.folder.name} ended with {self.process.returncode} by itself:\n{self.log_tail()}")
        self.retries += 1
        time.sleep(0.2)
        self.start()

    def metric(self, name: str) -> float:
        """The sum of its samples; 0 when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/metrics", timeout=2) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return 0.0
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    def said(self, code: str) -> int:
        """How often its log has this code."""
        return self.log.read_text(errors="replace").count(f'"{code}"') if self.log.exists() else 0

    @property
    def producer_id(self) -> str:
        """What its transactions are named after when it has no name; empty when it was never started."""
        path = self.state / "producer-id"
        return path.read_text().strip() if path.exists() else ""

    @property
    def has_state(self) -> bool:
        """A checkpoint of it was written."""
        return any((self.state / "state" / "db").glob("*.sst"))

    # What happens to directories. Only while it does not run.
    def delete_state(self) -> None:
        shutil.rmtree(self.state, ignore_errors=True)

    def keep_copy(self) -> None:
        if self.has_state and self.old_state is None:
            self.old_state = self.folder / "old-state"
            shutil.copytree(self.state, self.old_state)

    def restore_copy(self) -> bool:
        if self.old_state is None:
            return False
        self.delete_state()
        shutil.copytree(self.old_state, self.state)
        return True

    def flip_bit(self, rng: random.Random) -> bool:
        """In a file that holds state or says where it is; answers whether there was one."""
        files = sorted(path for path in (self.state / "state" / "db").glob("*")
                       if path.name.startswith(("MANIFEST", "CURRENT")) or path.suffix == ".sst")
        files = [path for path in files if path.stat().st_size > 0]
        if not files:
            return False
        path = rng.choice(files)
        data = bytearray(path.read_bytes())
        at = rng.randrange(len(data))
        data[at] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        return True

    def log_tail(self, characters: int = 3000) -> str:
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""


class Fleet:
    """Makes members with one configuration."""

    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, brokers: str, group: str, topics, databases: pathlib.Path,
                 workers: int = 1, static: bool = True, checkpoint: str = "1s"):
        self.binary, self.folder, self.static = binary, folder, static
        self.members: list[Member] = []
        self._filled = {
            "brokers": f'"{brokers}"', "group": group, "prefix": topics.prefix, "inputs": ", ".join(topics.inputs),
            "workers": workers, "checkpoint": checkpoint, "session_ms": int(SESSION_SECONDS * 1000),
            "databases": databases,
        }
        self.group = group

    def add(self, name: str, instance: str | None = None) -> Member:
        folder, port = self.folder / name, processes.free_port()
        named = instance or (name if self.static else "")
        line = f"  instance: {named}\n" if named else ""
        config = (CONFIG + RULES).format(**self._filled, folder=folder, http_port=port, instance=line)
        self.members.append(Member(self.binary, folder, config, port))
        return self.members[-1]

    def supervise(self) -> None:
        for member in self.members:
            member.supervise()

    def close(self) -> None:
        for member in self.members:
            member.kill()
