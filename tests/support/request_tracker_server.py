"""A real Request Tracker 5, Debian's, on a free port of the loopback, with a database of its own in a folder of its own.

    with RequestTracker() as rt:
        rt.url, rt.token                        # as Tocsin uses them
        rt.tickets(), rt.words(ticket)          # what an agent sees
        rt.update(ticket, Status="resolved")    # what an agent does

The database is filled once for every clone (a few seconds), kept in the cache, and copied: tests begin with an empty
queue that the command of docs/tickets.md made.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import urllib.parse
import urllib.request

from support import processes, ticket_words
from support.kafka_artifacts import cache_folder, locked

_HERE = pathlib.Path(__file__).resolve().parent / "request_tracker"
_DOCS = _HERE.parents[2] / "docs"
_SETUP = _DOCS / "request-tracker.initialdata"
ROOT = ("root", "root-password")


def _version() -> str:
    command = ["dpkg-query", "-W", "-f", "${Version}", "request-tracker5"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert asked.returncode == 0 and asked.stdout, "Request Tracker is not installed: run tools/setup test"
    return asked.stdout


def _environment(folder: pathlib.Path, port: int) -> dict[str, str]:
    own = {"RT_SITE_CONFIG": str(_HERE / "site_config.pm"), "RT_SITE_CONFIG_DIR": str(folder / "none"),
           "TOCSIN_RT_FOLDER": str(folder), "TOCSIN_RT_PORT": str(port), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    return os.environ | own


def _documented() -> list[str]:
    """What an administrator runs, as docs/tickets.md has it."""
    command = re.search(r"^ *(rt-setup-database-5 .*)$", (_DOCS / "tickets.md").read_text(), re.MULTILINE)
    assert command, "docs/tickets.md names no command"
    return shlex.split(command[1])


def _run(command: list[str], environment: dict[str, str]) -> str:
    """What it printed."""
    done = subprocess.run(command, cwd=_DOCS, env=environment | {"PATH": "/usr/sbin:/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
                          timeout=1200, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _token_in(said: str) -> str:
    token = re.search(r"^token: (\S+)$", said, re.MULTILINE)
    assert token, said
    return token[1]


def _prepared() -> pathlib.Path:
    """A folder with a filled database and the token; made now when it is not there."""
    parts = [_version().encode(), repr(_documented()).encode()]
    parts += [path.read_bytes() for path in [*sorted(_HERE.iterdir()), _SETUP]]
    folder = cache_folder() / f"request-tracker-{hashlib.sha256(b''.join(parts)).hexdigest()[:12]}"
    with locked(cache_folder() / "request-tracker.lock"):
        if folder.is_dir():
            return folder
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".request-tracker-") as scratch:
            filled = pathlib.Path(scratch) / "rt"
            (filled / "var").mkdir(parents=True)
            (filled / "root").write_text(ROOT[1])
            environment = _environment(filled, 1)
            empty = ["--action", "init", "--skip-create", "--root-password-file", str(filled / "root")]
            _run(["rt-setup-database-5", *empty], environment)
            (filled / "token").write_text(_token_in(_run(_documented(), environment)))
            filled.rename(folder)
    return folder


class RequestTracker:
    def __init__(self):
        self._scratch = tempfile.TemporaryDirectory(prefix="tocsin-rt-")
        self.folder = pathlib.Path(self._scratch.name) / "rt"
        shutil.copytree(_prepared(), self.folder)
        for name in ("mason", "sessions", "local", "none"):
            (self.folder / name).mkdir(exist_ok=True)
        self.token = (self.folder / "token").read_text()
        self._process: subprocess.Popen | None = None
        self.port, self.url = 0, ""

    def __enter__(self) -> "RequestTracker":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        self._scratch.cleanup()

    def start(self) -> None:
        """At the port it had before, when it was started before."""
        for _ in range(5):
            self.port = self.port or processes.free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            with open(self.folder / "log", "ab") as log:
                self._process = processes.start(
                    ["perl", str(_HERE / "serve.pl"), str(self.folder), str(self.port)], cwd=self.folder,
                    env=_environment(self.folder, self.port), stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                processes.wait_until(self._answers, "Request Tracker to answer", timeout=60)
                return
            except ChildProcessError:  # A neighbour took the port.
                self.port = 0
        raise RuntimeError((self.folder / "log").read_text()[-3000:])

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)  # The group that it leads: it and its workers.
            self._process.wait()

    def administer(self) -> str:
        """What docs/tickets.md has an administrator run, once more; answers the token that it prints."""
        return _token_in(_run(_documented(), _environment(self.folder, self.port)))

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise ChildProcessError(self._process.returncode)
        try:
            self.ask("GET", "/rt")
            return True
        except OSError:
            return False

    def ask(self, method: str, path: str, body: dict | None = None, user: tuple[str, str] = ROOT):
        """As an agent, by the same interface."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.url}/REST/2.0{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(user).encode()).decode())
        with urllib.request.urlopen(request, timeout=120) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def ticket(self, number: str) -> dict:
        found = self.ask("GET", f"/ticket/{number}")
        found["id"] = str(found["id"])
        found["fields"] = {field["name"]: (field["values"] or [""])[0] for field in found["CustomFields"]}
        return found

    def tickets(self, where: str = "id > 0") -> list[dict]:
        found = self.ask("GET", "/tickets?per_page=100&orderby=id&query=" + urllib.parse.quote(where))
        return [self.ticket(item["id"]) for item in found["items"]]

    def _entries(self, number: str) -> list[tuple[str, str]]:
        """(transaction, words) of what people said in the ticket, in order: its beginning and every comment."""
        history = self.ask("GET", f"/ticket/{number}/history?fields=Type&per_page=100")["items"]
        by_people = {item["id"] for item in history if item["Type"] in ("Create", "Comment", "Correspond")}
        listed = self.ask("GET", f"/ticket/{number}/attachments?fields=Content,TransactionId&per_page=100&orderby=id")
        return [(item["TransactionId"], ticket_words.of_html(item["Content"])) for item in listed["items"]
                if item["TransactionId"] in by_people and item.get("Content")]

    def words(self, number: str) -> list[str]:
        """What people said in the ticket, in order, as it is read."""
        return [words for _, words in self._entries(number)]

    def address(self, page: str) -> str:
        """Of a page, such that it logs an agent in: "Ticket/Display.html?id=1"."""
        return f"{self.url}/{page}&user={ROOT[0]}&pass={ROOT[1]}"

    def entry(self, number: str, words: str) -> str:
        """The address of the page of the entry that says this."""
        found = next(transaction for transaction, said in self._entries(number) if said == words)
        return self.address(f"Transaction/Display.html?id={found}")

    def page(self, address: str) -> str:
        """As HTML: what an agent sees."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address, timeout=240) as answer:
            return answer.read().decode()

    def priority_shown(self, number: str) -> str:
        return re.search(r'<span class="Priority [^"]*">([^<]*)</span>', self.page(self.address(f"Ticket/Display.html?id={number}")))[1]

    def configure(self, perl: str) -> None:
        """More of its configuration; it is started again."""
        (self.folder / "none/more.pm").write_text(perl + "\n1;\n")
        self.stop()
        self.start()

    def update(self, number: str, **changes) -> None:
        self.ask("PUT", f"/ticket/{number}", changes)
