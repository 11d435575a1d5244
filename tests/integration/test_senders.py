"""What the senders of events, and whoever else asks by HTTP, may do to one another: nothing."""

import contextlib
import http.client
import json
import socket

from support.embedded import CONFIG, events_port, post, wait_until_processed

ANSWERS = """\
answers:
  base_url: http://127.0.0.1:1
  key: {{file: {key}}}
"""
SECONDS_MAX = 9  # After ten a request that does not come is given up, and makes room by itself.
EVENT = {"account_id": "acct-1", "occurred_at": "2026-03-01T08:00:00Z"}
MINUTE = "2026-03-01T08:%02d:%02dZ"


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

    def connection(port: str, timeout: float = 60) -> http.client.HTTPConnection:
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
            new = kept.enter_context(contextlib.closing(connection("events", timeout=SECONDS_MAX)))
            assert ask(new, "POST", "/v1/events", login(f"new-{i}")) == 202
            assert ask(kept.enter_context(contextlib.closing(connection("events", timeout=SECONDS_MAX))), "GET", "/r/nobodys") in (404, 410)
            for path in ("/livez", "/metrics"):
                assert ask(kept.enter_context(contextlib.closing(connection("metrics", timeout=SECONDS_MAX))), "GET", path) == 200
        # A sender that goes on is not the one that makes room.
        sender = kept.enter_context(contextlib.closing(connection("events", timeout=SECONDS_MAX)))
        for i in range(100):
            assert ask(sender, "POST", "/v1/events", login(f"steady-{i}")) == 202
            silent = socket.create_connection(("127.0.0.1", ports["events"]), timeout=SECONDS_MAX)
            kept.callback(silent.close)
        daemon.stop()  # While they are all open.


def test_services_that_count_from_one_are_not_each_others_duplicates(make_daemon):
    daemon = make_daemon(CONFIG).start()
    profile = EVENT | {"type": "account_profile", "event_id": "1", "display_name": "Ada", "locale": "en", "timezone": "Asia/Singapore"}
    payments = [
        EVENT | {"type": "transaction", "event_id": str(i), "transaction_id": str(i), "occurred_at": MINUTE % (i, 0), "kind": "payment",
                 "status": "completed", "amount": "5.00", "currency": "SGD"}
        for i in range(1, 9)
    ]
    guesses = [
        login(str(i), occurred_at=MINUTE % (20, i), outcome="failure" if i < 8 else "success", ip="192.0.2.7",
              failure_reason="bad_credentials" if i < 8 else None)
        for i in range(1, 9)
    ]
    for service in ([json.dumps(profile)], map(json.dumps, payments), guesses, guesses):
        assert post(daemon, "\n".join(service))[0] == 202
    wait_until_processed(daemon)
    assert daemon.metric("tocsin_duplicate_events_total") == len(guesses), "those that were sent twice"
    found = [json.loads(line)["detector"] for line in (daemon.folder / "out/findings.jsonl").read_text().splitlines()]
    assert "guessed_in" in found
    daemon.stop()
