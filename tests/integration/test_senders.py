"""What the senders of events, and whoever else asks by HTTP, may do to one another: nothing."""

import contextlib
import http.client
import json
import socket

from support.embedded import CONFIG, events_port

ANSWERS = """\
answers:
  base_url: http://127.0.0.1:1
  key: {{file: {key}}}
"""
EVENT = {"account_id": "acct-1", "occurred_at": "2026-03-01T08:00:00Z"}


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: str | None = None) -> int:
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def login(event_id: str, **members) -> str:
    return json.dumps(EVENT | {"type": "login", "event_id": event_id, "outcome": "success"} | members)


def test_connections_that_are_kept_keep_nobody_out(make_daemon, tmp_path):
    (tmp_path / "answers.key").write_text("k" * 64)
    daemon = make_daemon(CONFIG + ANSWERS.format(key=tmp_path / "answers.key")).start()
    ports = {"events": events_port(daemon), "metrics": daemon.http_port}

    def connection(port: str, timeout: float = 20) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", ports[port], timeout=timeout)

    with contextlib.ExitStack() as kept:
        # More than have a thread, of every kind: asked once, never, in part, and with a body that does not come.
        for i in range(300):
            sender = kept.enter_context(contextlib.closing(connection("events")))
            if i % 4 == 0:
                assert ask(sender, "POST", "/v1/events", login(f"kept-{i}")) == 202
            else:
                sender.connect()
                sender.sock.sendall((b"", b"POST /v1/ev", b"POST /v1/events HTTP/1.1\r\nContent-Length: 900\r\n\r\n{")[i % 4 - 1])
        for _ in range(100):
            scraper = kept.enter_context(contextlib.closing(connection("metrics")))
            assert ask(scraper, "GET", "/metrics") == 200
        for i in range(5):
            new = kept.enter_context(contextlib.closing(connection("events", timeout=3)))
            assert ask(new, "POST", "/v1/events", login(f"new-{i}")) == 202
            assert ask(kept.enter_context(contextlib.closing(connection("events", timeout=3))), "GET", "/r/nobodys") in (404, 410)
            for path in ("/livez", "/metrics"):
                assert ask(kept.enter_context(contextlib.closing(connection("metrics", timeout=3))), "GET", path) == 200
        # A sender that goes on is not the one that makes room.
        sender = kept.enter_context(contextlib.closing(connection("events", timeout=3)))
        for i in range(100):
            assert ask(sender, "POST", "/v1/events", login(f"steady-{i}")) == 202
            silent = socket.create_connection(("127.0.0.1", ports["events"]), timeout=3)
            kept.callback(silent.close)
        daemon.stop()  # While they are all open.
