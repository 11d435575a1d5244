"""What tools/demo shows last: one account is taken over now. Its owner gets a mail, says that it was not them, and support has
a ticket. The mail server and the desk are here, on the loopback, with what Python brings along."""

import datetime
import email
import email.policy
import http.client
import http.server
import json
import re
import socketserver
import threading
import time
import urllib.parse

ACCOUNT = "demo-live"
THIEF = "203.0.113.5"
SECONDS_MAX = 120  # A slow machine is waited for.


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail and keeps it: as little SMTP as that needs."""

    daemon_threads = allow_reuse_address = True

    def __init__(self):
        self.mails = []
        super().__init__(("127.0.0.1", 0), _MailSession)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def to(self, address):
        return [mail for mail in self.mails if mail["To"] == address]


class _MailSession(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 demo")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                text = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    text += line.removeprefix(b".")
                self.server.mails.append(email.message_from_bytes(text, policy=email.policy.default))
            self._say("221 bye" if verb == b"QUIT" else "250 ok")
            if verb == b"QUIT":
                return

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Desk(http.server.ThreadingHTTPServer):
    """A ticket system that takes webhooks: one ticket for a case."""

    daemon_threads = True

    def __init__(self):
        self.operations = []
        super().__init__(("127.0.0.1", 0), _DeskRequest)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _DeskRequest(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.operations.append(json.loads(body)["data"])
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def config(mail, desk, key):
    """What the daemon is told of both."""
    return f"""\
delivery:
  mail: {{url: "smtp://127.0.0.1:{mail.server_address[1]}", tls: false, from: security@pay.example.com}}
  webhooks:
    - {{name: desk, url: "http://127.0.0.1:{desk.server_address[1]}/", keys: [{{file: {key}}}], allow_private: true,
       notices: false, tickets: true}}
  flood_max: 0
"""


def events():
    """Two quiet weeks, then the last ten minutes."""
    now = datetime.datetime.now(datetime.timezone.utc)
    made = []

    def add(ago, type_, **members):
        at = (now - ago).isoformat(timespec="seconds").replace("+00:00", "Z")
        made.append({"type": type_, "event_id": f"live-{len(made)}", "account_id": ACCOUNT, "occurred_at": at} | members)

    day, minute = datetime.timedelta(days=1), datetime.timedelta(minutes=1)
    add(15 * day, "account_profile", display_name="Anna", locale="en", timezone="Europe/Berlin", country="DE", tier="basic",
        contacts=[{"channel": "email", "address": "anna@example.com", "verified": True, "primary": True}])
    phone = {"id": "anna-phone", "platform": "ios", "model": "iPhone"}
    for days in range(14, 0, -1):
        add(days * day, "login", outcome="success", ip="192.0.2.7", device=phone)
        add(days * day - 5 * minute, "transaction", transaction_id=f"live-t{days}", kind="payment", status="completed",
            amount=f"{20 + days}.50", currency="EUR")
    for tries in range(6):
        add(9 * minute - tries * minute / 2, "login", outcome="failure", failure_reason="bad_credentials", ip=THIEF)
    add(5 * minute, "login", outcome="success", ip=THIEF, device={"id": "another", "platform": "linux"})
    add(4 * minute, "account_change", change="email_changed", previous_contact={"channel": "email", "address": "anna@example.com"})
    add(3 * minute, "account_change", change="payee_added", payee={"id": "payee-99"})
    add(minute, "transaction", transaction_id="live-stolen", kind="transfer", status="authorized", amount="6800.00",
        currency="EUR", ip=THIEF, counterparty={"id": "payee-99", "name": "X"})
    return "\n".join(json.dumps(event) for event in made).encode()


def _call(url, method, body=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=SECONDS_MAX)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    connection.request(method, parts.path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def _wait(found, what, fail):
    deadline = time.monotonic() + SECONDS_MAX
    while not (answer := found()):
        if time.monotonic() > deadline:
            fail(f"waited {SECONDS_MAX} s for {what}")
        time.sleep(0.02)
    return answer


def _heading(page):
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else "?"


def show(daemon, mail, desk, ui):
    """`ui` has heading, say, paint, fail and records of tools/demo."""
    ui.heading("now: an account is taken over")
    connection = http.client.HTTPConnection("127.0.0.1", daemon.events_port, timeout=SECONDS_MAX)
    began = time.monotonic()
    after = lambda: ui.paint("2", f"{time.monotonic() - began:6.2f} s")  # noqa: E731
    connection.request("POST", "/v1/events", events(), {"Content-Type": "application/x-ndjson"})
    if connection.getresponse().status != 202:
        ui.fail("the events were not taken")
    ui.say(f"{after()}  six wrong passwords, then the right one from elsewhere; a new payee, EUR 6,800 on their way")

    daemon.drain()
    # Several mails are on their way at once: the one to look at is that of the newest notice.
    newest = [notice["notice_id"] for notice in ui.records("notices") if notice["account_id"] == ACCOUNT][-1]
    told = _wait(lambda: [one for one in mail.to("anna@example.com") if newest in one["Message-ID"]], "the mail", ui.fail)[0]
    text = told.get_body(("plain",)).get_content()
    ui.say(f"{after()}  the owner has a mail: {ui.paint('1', told['Subject'])}")
    links = re.findall(r"http://\S+/r/\S+", text)
    if not links:
        ui.fail("the mail has no links")
    status, page = _call(links[-1], "GET")
    ui.say(f"{after()}  its link opens a page ({status}), and nothing has happened yet: {ui.paint('1', _heading(page))}")
    pressed_at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    status, page = _call(links[-1], "POST", "answer=not_me")
    ui.say(f"{after()}  they press the button \"not me\" ({status}): {ui.paint('1', _heading(page))}")

    ours = lambda: [one for one in desk.operations if one["account_id"] == ACCOUNT and one["occurred_at"] >= pressed_at]  # noqa: E731
    ticket = _wait(ours, "the ticket", ui.fail)[-1]
    ui.say(f"{after()}  support has it at {ticket['priority']} ({ticket['operation']}): {ui.paint('1', ticket['subject'])}")
    ui.say(f"          to be decided: {ticket['decision']}")
    wanted = {"revoke_sessions", "freeze"}
    asked_for = lambda: {one["action"] for one in ui.records("actions") if one["account_id"] == ACCOUNT}  # noqa: E731
    _wait(lambda: wanted <= asked_for(), "the actions", ui.fail)
    ui.say(f"{after()}  the platform is asked to: {', '.join(sorted(asked_for()))}")
