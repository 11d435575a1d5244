"""An HTTP server that holds tickets and refuses what no documentation describes: what the ticket systems of the tests share
(ticket_systems.py)."""

import http.server
import json
import re
import threading
import urllib.parse


class Refusal(Exception):
    def __init__(self, status: int, body: dict):
        super().__init__(body)
        self.status, self.body = status, body


def only(body: dict, required: set[str], optional: set[str] = frozenset()) -> None:
    """The members of an object: all that must be there, and none that is not documented."""
    assert required <= body.keys() <= required | set(optional), sorted(body)


class TicketServer:
    """What the three share. A handler of `routes` gets the match, the query and the body, and answers (status, body)."""

    token = "a token of this test"
    settings: dict[str, str] = {}
    authorization = ""

    def __init__(self):
        self.tickets: dict[str, dict] = {}
        self.wrong: list[str] = []
        self.lose: list[tuple[str, str]] = []  # (method, path): carried out, and not answered.
        self.away = False  # Nothing is carried out, and nothing answered.
        self.routes: list[tuple[str, re.Pattern, object]] = []
        self.lacks: set[str] = set()  # Of what an administrator has to make: "queue", "field", "outcome", "type", "right"; "place": it is elsewhere.
        self._lock = threading.RLock()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self):
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if server.away:
                    self.close_connection = True
                    return
                with server._lock:
                    status, body = server._answer(self.command, self.path, self.headers, raw)
                    key = (self.command, self.path.partition("?")[0])
                    lost = key in server.lose
                    if lost:
                        server.lose.remove(key)
                if lost:
                    self.close_connection = True
                    return
                text = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = _handle

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def route(self, method: str, pattern: str, handler) -> None:
        self.routes.append((method, re.compile(pattern), handler))

    def _answer(self, method: str, target: str, headers, raw: bytes) -> tuple[int, object]:
        path, _, query = target.partition("?")
        body = None
        try:
            if headers.get("Authorization") != self.authorization:
                raise Refusal(401, {"error": "not authenticated"})
            if method != "GET" and raw:
                assert headers["Content-Type"] == "application/json"
                body = json.loads(raw)
            for known, pattern, handler in self.routes:
                if known == method and (match := pattern.fullmatch(path)):
                    self.headers = headers
                    return handler(match, dict(urllib.parse.parse_qsl(query, strict_parsing=bool(query))), body)
            raise AssertionError("no such request in the documentation")
        except Refusal as refusal:
            return refusal.status, refusal.body
        except (AssertionError, KeyError, ValueError, TypeError) as error:
            self.wrong.append(f"{method} {target}: {error!r} {body}")
            return 422, {"error": "the contract of the test"}

    def held(self, name: str) -> dict:
        if name not in self.tickets:
            raise Refusal(404, {"error": "RecordNotFound"})
        return self.tickets[name]

    # What tests ask, the same for all.
    def of_case(self, case: str) -> list[str]:
        return [name for name, ticket in self.tickets.items() if ticket["case"] == case]

    def words(self, name: str) -> list[str]:
        """As they are read (ticket_words.py)."""
        raise NotImplementedError

    def twin(self, name: str, copy: str | None = None) -> str:
        copy = copy or str(len(self.tickets) + 1)
        self.tickets[copy] = json.loads(json.dumps(self.tickets[name]))
        return copy
