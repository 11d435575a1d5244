"""The daemon is killed at random, again and again, while it delivers to all three kinds of receivers: a mail server, a
webhook receiver that verifies with foreign code, and Request Tracker. In the end everything is there, and who honours the
names of things has each once.

    /usr/bin/python3 -m pytest -s tests/integration/test_delivery_killed.py     # prints what came twice on the wire
"""

import collections
import http.client
import os
import random
import threading
import time
import urllib.error
import urllib.request

import pytest
from support import processes, takeovers
from support.embedded import CONFIG, post, wait_until_processed
from support.losing_proxy import LosingProxy
from support.mail_sink import MailSink
from support.outward import TICKETS, assert_all_said, operations, outputs, send, wanted_mails
from support.request_tracker_server import RequestTracker
from support.webhook_receiver import WebhookReceiver

DELIVERY = """\
delivery:
  timeout: 60s
  retry_waits: [1s, 1s, 1s, 1s, 1s, 2s, 2s, 2s, 2s, 2s, 2s, 2s]
  mail:
    url: {mail}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
    connections: 3
  webhooks:
    - {{name: app, url: "{hook}", keys: [{{file: {folder}/webhook.key}}], allow_private: true, tickets: true, connections: 2}}
"""
ADMIN = """\
  admin_listen: 127.0.0.1:{port}
  admin_token: {{file: {folder}/admin.token}}
"""
ADMIN_TOKEN = "admin-token-of-this-test"
CARD = "6222020200112233445"  # Where the thief sends the money.
ACCOUNTS, TAKEN_OVER = 12, 6
KILLS = 12


class Feeder(threading.Thread):
    """Publishes the story in small pieces; a piece that is not confirmed is sent again."""

    def __init__(self, daemon, story: list[str], chance: random.Random):
        super().__init__(daemon=True)
        self._daemon, self._story, self._chance = daemon, story, random.Random(chance.random())

    def run(self) -> None:
        at = 0
        while at < len(self._story):
            batch = self._story[at : at + self._chance.randrange(2, 6)]
            while not self._posted("\n".join(batch)):
                time.sleep(0.1)
            at += len(batch)
            time.sleep(0.6)

    def _posted(self, body: str) -> bool:
        try:
            return post(self._daemon, body)[0] == 202
        except (OSError, http.client.HTTPException):
            return False


def waiting(daemon) -> float:
    try:
        return daemon.metric("tocsin_deliveries", status="pending")
    except OSError:
        return 0


def tickets_by_case(tracker) -> dict[str, str]:
    return {ticket["fields"]["tocsin_case"]: ticket["id"] for ticket in tracker.tickets()}


def operators_see(daemon, port: int) -> str:
    """Log, metrics, and what the admin interface lists."""
    said = daemon.log.read_text() + daemon.get("/metrics")[1]
    for path in ("audit", "config", "dead-letters", "deliveries", "findings", "logs", "status"):
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/{path}", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
        said += processes.wait_until(lambda asked=asked: answer_of(asked), f"an answer at {path}")
    return said


def answer_of(asked: urllib.request.Request) -> str:
    """"" when it cannot be given now: delivery may be coming back."""
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        assert error.code == 503, error
        return ""


def report(name: str, on_the_wire: collections.Counter) -> None:
    things, sent = len(on_the_wire), sum(on_the_wire.values())
    print(f"{name}: {things} things, {sent - things} repeated on the wire ({100 * (sent - things) / things:.1f} %)")


@pytest.fixture
def receivers(tmp_path):
    with MailSink(tmp_path / "mail") as sink, WebhookReceiver() as receiver, RequestTracker() as tracker:
        with LosingProxy(tracker.url) as proxy:
            yield sink, receiver, tracker, proxy


def test_nothing_is_lost_and_who_honours_names_sees_each_once(make_daemon, tmp_path, receivers):
    sink, receiver, tracker, proxy = receivers
    seed = int(os.environ.get("TOCSIN_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"TOCSIN_SEED={seed}")
    chance = random.Random(seed)
    # As far away as receivers are: there is time to be killed between what they take and what they say.
    sink.answers_after = receiver.answers_after = 0.1
    for i in range(0, ACCOUNTS, 2):
        sink.plan[f"account-{i}@example.com"] = chance.choice([[], ["451 4.7.1 later"], ["data 451 4.3.0 busy"]])
    (tmp_path / "mail.password").write_text(sink.password)
    (tmp_path / "rt.token").write_text(tracker.token + "\n")
    receiver.write_secret(tmp_path / "webhook.key")
    (tmp_path / "admin.token").write_text(ADMIN_TOKEN)
    port = processes.free_port()
    config = CONFIG + ADMIN.format(port=port, folder=tmp_path) + DELIVERY.format(mail=sink.url, ca=sink.ca, user=sink.user, hook=receiver.url, folder=tmp_path)
    daemon = make_daemon(config + TICKETS.format(url=proxy.url, folder=tmp_path).replace("poll: 1s", "poll: 10m")).start()

    def mails() -> collections.Counter:
        with sink.arrived:
            return collections.Counter(mail["Message-ID"] for mail in sink.mails)

    def addressed() -> set[tuple[str, str]]:
        with sink.arrived:
            return {(mail["Message-ID"].strip("<>").split(".")[0], mail["To"]) for mail in sink.mails}

    def hooks(member: str) -> collections.Counter:
        with receiver.changed:
            return collections.Counter(headers["webhook-id"] for headers, request in zip(receiver.headers, receiver.requests)
                                       if member in request["data"])

    def on_its_way() -> bool:
        return (waiting(daemon) > 0 or not set(wanted_mails(daemon)) <= addressed()
                or not {notice["notice_id"] for notice in outputs(daemon, "notices")} <= set(hooks("notice_id")))

    # Quiet weeks first, which tell nobody anything.
    story = [event.replace("payee-99", CARD) for event in takeovers.events(ACCOUNTS)]
    quiet = len(story) - 11 * TAKEN_OVER
    send(daemon, story[:quiet])
    feeder = Feeder(daemon, story[quiet:], chance)
    feeder.start()
    kills, in_the_middle, seen = 0, 0, []
    # As long as there is something to tell: whatever the machine is slow at, it is killed while that is on its way.
    while kills < KILLS and (feeder.is_alive() or on_its_way()):
        time.sleep(chance.uniform(0, 0.5))
        while feeder.is_alive() and not on_its_way():
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.1))
        in_the_middle += on_its_way()
        seen.append(operators_see(daemon, port))
        daemon.kill()
        kills += 1
        daemon.start()
    processes.wait_until(lambda: not feeder.is_alive(), "all of it to be said", 120)
    wait_until_processed(daemon)
    wanted, cases = set(wanted_mails(daemon)), operations(daemon)
    notices = {notice["notice_id"] for notice in outputs(daemon, "notices")}
    last_words = {case[-1]["ticket_id"] for case in cases.values()}
    assert len(cases) == TAKEN_OVER and kills > 1 and in_the_middle >= kills / 2, "something was on its way when it was killed"

    # A Request Tracker on a busy machine takes its time; what counts is that all of it comes.
    arrived = lambda: (len(sink.mails), len(receiver.requests), len(proxy.seen))  # noqa: E731
    complete = lambda: (addressed() >= wanted and set(hooks("notice_id")) >= notices and last_words <= set(hooks("ticket_id"))  # noqa: E731
                        and daemon.metric("tocsin_deliveries", status="pending") == 0)
    processes.wait_while_it_goes_on(complete, "every mail, webhook and ticket", arrived, quiet=120)

    def all_said() -> dict[str, list[str]]:
        found = {case: tracker.words(number) for case, number in tickets_by_case(tracker).items()}
        assert found.keys() == cases.keys()
        for case, said in found.items():
            assert_all_said(said, cases[case])
        return found

    entries = processes.eventually(all_said, timeout=60, pause=1)
    seen.append(operators_see(daemon, port))
    daemon.stop()

    # Whoever operates it sees no owner's address, no account of the payee's, no secret.
    private = ["account-0@", "account-2@", CARD, sink.password, tracker.token, receiver.secret, ADMIN_TOKEN]
    assert any('"channel":"mail"' in said for said in seen), "deliveries were listed"
    for said in [*seen, daemon.log.read_text()]:
        assert [one for one in private if one in said] == []

    # Nothing that nobody asked for, and each thing under one name.
    assert addressed() == wanted and len(mails()) == len(wanted)
    assert set(hooks("notice_id")) == notices
    assert set(hooks("ticket_id")) <= {operation["ticket_id"] for case in cases.values() for operation in case}
    assert receiver.refused == []
    assert len(tracker.tickets()) == len(entries) == len(cases)

    print(f"killed {kills} times, {in_the_middle} times with deliveries on their way")
    report("mail", mails())
    report("webhook, notices", hooks("notice_id"))
    report("webhook, tickets", hooks("ticket_id"))
    said = sum(len(words) for words in entries.values())
    told_on_the_wire = sum(method == "POST" and (path.endswith("/comment") or path == "/REST/2.0/ticket")
                           for method, path in proxy.seen)
    print(f"Request Tracker: {len(entries)} tickets with {said} entries, each once; {told_on_the_wire - said} requests of "
          f"{told_on_the_wire} to make one were repeated on the wire")
