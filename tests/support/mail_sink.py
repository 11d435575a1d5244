"""A real SMTP server that also answers as bad days do: 4xx, 5xx, a line that is cut after the message was taken, silence.

    with MailSink(folder) as sink:
        sink.plan["slow@example.com"] = ["451 4.7.1 later", "451 4.7.1 later"]   # then it is taken
        sink.url, sink.ca, sink.user, sink.password                               # STARTTLS and a login are required
        sink.mails                                                                # what was taken, in order

An answer of a plan is an SMTP reply to RCPT, or "data 552 …" for the reply to the message, or "drop" (the message is
taken and the line is cut before the reply), or "stall". The last one stays when it begins with "always ".
"""

import asyncio
import contextlib
import email
import email.message
import email.policy
import pathlib
import ssl
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from support import certificates, processes

_FOR_EVER = 3600  # Seconds: longer than any test waits.


class MailSink:
    def __init__(self, folder: pathlib.Path, port: int | None = None, tls_first: bool = False):
        """`tls_first`: TLS from the beginning of a connection (smtps) and not by STARTTLS."""
        self.user, self.password = "tocsin", "a password: with blanks"
        self.port = port or processes.free_port()
        self.url = f"smtp{'s' if tls_first else ''}://localhost:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = certificates.make(folder, "localhost")
        self.plan: dict[str, list[str]] = {}
        self.mails: list[email.message.EmailMessage] = []
        self.senders: list[str] = []
        self.attempts: dict[str, int] = {}
        self.arrived = threading.Condition()
        self.silent_at_quit = False
        self.answers_after = 0.0  # Seconds: a message is taken at once, and confirmed so much later.
        self._answer_to_all: str | None = None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        tls = {"ssl_context": context, "auth_require_tls": False} if tls_first else {"tls_context": context, "require_starttls": True}
        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, auth_required=True, authenticator=self._authenticate,
            ready_timeout=30, **tls,
        )

    def __enter__(self) -> "MailSink":
        self._controller.start()
        return self

    def __exit__(self, *_) -> None:
        self._controller.stop(no_assert=True)

    def refuse_all(self, answer: str | None) -> None:
        """Every recipient is answered so, whatever the plan says; None ends it."""
        self._answer_to_all = answer

    def to(self, address: str) -> list[email.message.EmailMessage]:
        with self.arrived:
            return [mail for mail in self.mails if mail["To"] == address]

    def _authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        good = data.login.decode() == self.user and data.password.decode() == self.password
        return AuthResult(success=good, handled=good)  # What is not handled is answered with 535.

    def _next(self, address: str, of_message: bool) -> str:
        """What the plan says now; "" takes it."""
        with self.arrived:
            plan = self.plan.get(address, [])
            if not plan or plan[0].removeprefix("always ").startswith("data ") != of_message:
                return ""
            answer = plan[0]
            if not answer.startswith("always "):
                plan.pop(0)
            return answer.removeprefix("always ")

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self._answer_to_all:
            return self._answer_to_all
        with self.arrived:
            self.attempts[address] = self.attempts.get(address, 0) + 1
        with self.arrived:
            plan = self.plan.get(address, [])
            special = bool(plan) and plan[0].removeprefix("always ") in ("drop", "stall")
        if not special and (answer := self._next(address, of_message=False)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server, session, envelope) -> str:
        if self.silent_at_quit:
            await asyncio.sleep(_FOR_EVER)
        return "221 bye"

    async def handle_DATA(self, server, session, envelope) -> str:
        address = envelope.rcpt_tos[0]
        answer = self._next(address, of_message=True) or self._next(address, of_message=False)
        if answer == "stall":
            await asyncio.sleep(_FOR_EVER)
            return "451 4.3.0 too late"
        if answer.startswith("data "):
            return answer.removeprefix("data ")
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.arrived:
            self.mails.append(parsed)
            self.senders.append(envelope.mail_from)
            self.arrived.notify_all()
        if answer == "drop":
            server.transport.abort()
        await asyncio.sleep(self.answers_after)
        return "250 OK"


@contextlib.contextmanager
def without_starttls():
    """The address of a relay that takes mail as it comes and offers no TLS, and a list of the commands it heard."""
    port, heard = processes.free_port(), []

    class Handler:
        async def handle_EHLO(self, server, session, envelope, hostname, responses):
            heard.append("EHLO")
            session.host_name = hostname
            return responses

        async def handle_MAIL(self, server, session, envelope, address, options):
            heard.append("MAIL")
            return "250 OK"

    controller = Controller(Handler(), hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    try:
        yield f"smtp://localhost:{port}", heard
    finally:
        controller.stop(no_assert=True)
