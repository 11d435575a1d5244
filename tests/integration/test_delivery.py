"""Notices leave the embedded daemon for real receivers: a mail server with TLS and login, and webhooks whose signatures
foreign code verifies. Both also have bad days (when the daemon has them: test_delivery_killed.py)."""

import collections
import http.client
import json
import subprocess
import time

import pytest
from support import processes, takeovers
from support.embedded import CONFIG
from support.mail_sink import MailSink, without_starttls
from support.outward import outputs, send, wanted_mails
from support.webhook_receiver import WebhookReceiver

MAIL = """\
delivery:
  timeout: {timeout}
  retry_waits: [1s, 1s, 1s, 2s, 2s, 2s, 2s]
  mail:
    url: {url}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
    connections: 3
"""
WEBHOOKS = """\
  webhooks:
    - {{name: app, url: "{url}", keys: [{{file: {key}}}], allow_private: true, notices: true, tickets: true, connections: 2}}
"""
ADMIN = """\
  admin_listen: 127.0.0.1:{admin_port}
  admin_token: {{file: {token}}}
"""
TOKEN = "admin-token-of-this-test"


@pytest.fixture
def sink(tmp_path):
    with MailSink(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def receiver():
    with WebhookReceiver() as running:
        yield running


def configured(tmp_path, sink=None, receiver=None, admin_port=0, more="", timeout="120s") -> str:
    """`timeout`: of one attempt. As long as it may be, or a receiver on a busy machine is told some things twice."""
    config = CONFIG
    if admin_port:
        (tmp_path / "admin.token").write_text(TOKEN)
        config += ADMIN.format(admin_port=admin_port, token=tmp_path / "admin.token")
    config += MAIL.format(
        url=sink.url if sink else "''", ca=sink.ca if sink else "''", user=sink.user if sink else "''",
        folder=tmp_path, timeout=timeout,
    ) if sink else f"delivery:\n  timeout: {timeout}\n  retry_waits: [1s, 1s, 1s, 2s, 2s, 2s, 2s]\n"
    (tmp_path / "mail.password").write_text(sink.password if sink else "")
    config += more
    if receiver:
        key = receiver.write_secret(tmp_path / "webhook.key")
        config += WEBHOOKS.format(url=receiver.url, key=key)
    return config


def ask(port: int, method: str, path: str, body: str = "", token: str = TOKEN) -> tuple[int, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body or None, {"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.fixture
def deliveries(tocsin_binary, tmp_path):
    """deliveries(port, verb, ...) -> (exit code, standard output, standard error) of `tocsin deliveries`."""

    def call(port: int, *arguments: str) -> tuple[int, str, str]:
        command = [str(tocsin_binary), "deliveries", *arguments, "--admin", f"http://127.0.0.1:{port}",
                   "--token-file", str(tmp_path / "admin.token")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        return done.returncode, done.stdout, done.stderr

    return call


def told_of(port: int) -> list[dict] | None:
    """What the admin interface lists; None when not every partition of delivery answers now."""
    status, said = ask(port, "GET", "/admin/v1/deliveries")
    return said["deliveries"] if status == 200 else None


def restarted(daemon) -> None:
    """It delivers again."""
    daemon.start()
    serving = lambda: daemon.metric("tocsin_delivery_partitions", status="serving")  # noqa: E731
    processes.wait_until(lambda: serving() > 0 and daemon.metric("tocsin_delivery_partitions", status="restoring") == 0, "delivery to be back")


def test_what_is_set_aside_is_delivered_once(make_daemon, tmp_path, receiver):
    config = configured(tmp_path, receiver=receiver).replace("  partitions: 1\n", "  partitions: 1\n  outputs_retention: 100s\n")
    daemon = make_daemon(config).start()
    wanted: set[str] = set()

    def delivered() -> list[str]:
        return [request["data"]["notice_id"] for request in receiver.requests if "notice_id" in request["data"]]

    for number in range(3):
        send(daemon, [event.replace("account-", f"round-{number}-") for event in takeovers.events(2)])
        new = {notice["notice_id"] for notice in outputs(daemon, "notices")} - wanted
        assert new
        wanted |= new
        processes.wait_until(lambda: wanted <= set(delivered()), "the notices to be delivered", 60)
        current = daemon.folder / "out/notices.jsonl"
        processes.wait_until(lambda: current.exists() and not current.read_bytes(), "the files to be set aside", 60)
        if number == 1:
            daemon.stop()
            daemon.start()
    daemon.stop()
    assert sorted(delivered()) == sorted(wanted)
    assert "delivery_input" not in daemon.log.read_text()


def test_a_receiver_that_never_answers_does_not_keep_a_process_from_ending(make_daemon, tmp_path, receiver):
    """It ends within engine.drain_timeout; what was on its way is sent at the next start."""
    config = configured(tmp_path, receiver=receiver).replace("  timeout: 3s", "  timeout: 100s") + "engine: {drain_timeout: 4s}\n"
    receiver.stall.set()
    daemon = make_daemon(config).start()
    send(daemon, takeovers.events(2))
    wanted = {notice["notice_id"] for notice in outputs(daemon, "notices")}
    processes.wait_until(lambda: daemon.metric("tocsin_deliveries", channel="app") > 0, "what is on its way", 30)
    begin = time.monotonic()
    daemon.stop(timeout=30)
    assert time.monotonic() - begin < 5.5
    receiver.stall.clear()
    daemon.start()
    came = lambda: {request["data"].get("notice_id") for request in receiver.requests}
    processes.wait_until(lambda: wanted <= came(), "the notices", 60)
    daemon.stop()


def test_what_is_answered_while_a_process_ends_is_not_sent_again(make_daemon, tmp_path, receiver):
    """Its receiver has it, and said so in time: the answer is still committed."""
    receiver.answers_after = 1.0
    daemon = make_daemon(configured(tmp_path, receiver=receiver)).start()
    send(daemon, takeovers.events(2))
    wanted = sorted(notice["notice_id"] for notice in outputs(daemon, "notices"))
    came = lambda: sorted(request["data"]["notice_id"] for request in receiver.requests if "notice_id" in request["data"])  # noqa: E731
    processes.wait_until(lambda: receiver.requests, "what is on its way", 60)
    daemon.stop()
    assert "delivery_cut" not in daemon.log.read_text()
    receiver.answers_after = 0.0
    daemon.start()
    processes.wait_until(lambda: set(wanted) <= set(came()) and daemon.metric("tocsin_deliveries", channel="app") == 0, "the notices", 60)
    daemon.stop()
    assert came() == wanted


def test_mails_and_webhooks_arrive_as_they_should(make_daemon, tmp_path, sink, receiver):
    config = configured(tmp_path, sink, receiver).replace("    connections: 3\n", "    bounces: bounces@example.com\n")
    daemon = make_daemon(config).start()
    send(daemon, takeovers.events(4))
    wanted = wanted_mails(daemon)
    notices, tickets = outputs(daemon, "notices"), outputs(daemon, "tickets")
    assert len(wanted) > len(notices) >= 2 and tickets
    processes.wait_until(lambda: len(sink.mails) >= len(wanted), "the mails")
    # An append that was still waiting may have been replaced by the next operation of its case.
    last = {ticket["case_id"]: ticket["ticket_id"] for ticket in tickets}
    needed = {notice["notice_id"] for notice in notices} | set(last.values())
    came = lambda: {request["data"].get("notice_id") or request["data"]["ticket_id"] for request in receiver.requests}
    processes.wait_until(lambda: needed <= came(), "the webhooks")
    daemon.stop()

    assert receiver.refused == []
    found = [request["data"] for request in receiver.requests]
    assert sorted(n["notice_id"] for n in found if "notice_id" in n) == sorted(n["notice_id"] for n in notices)
    # Tickets of a case in their order.
    for case in {ticket["case_id"] for ticket in tickets}:
        due = [t["ticket_id"] for t in tickets if t["case_id"] == case]
        came = [t["ticket_id"] for t in found if t.get("case_id") == case and "ticket_id" in t]
        assert came and came == [ticket for ticket in due if ticket in came]
        assert came[0] == due[0] and came[-1] == due[-1]
    assert all(headers["ce-id"] == headers["webhook-id"] for headers in receiver.headers)

    by_notice = {notice["notice_id"]: notice for notice in notices}
    assert sorted((mail["Message-ID"].strip("<>").split(".")[0], mail["To"]) for mail in sink.mails) == sorted(wanted)
    for mail in sink.mails:
        notice = by_notice[mail["Message-ID"].strip("<>").split(".")[0]]
        assert mail["Subject"] == notice["subject"]
        assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == notice["text"]
        assert mail.get_body(("html",)).get_content().replace("\r\n", "\n") == notice["html"]
        assert mail["Auto-Submitted"] == "auto-generated" and mail["Content-Language"] == notice["locale"]
        assert mail["References"] == f"<{notice['case_id']}@example.com>"
        assert "security@example.com" in mail["From"]
    assert len({mail["Message-ID"] for mail in sink.mails}) == len(sink.mails)
    assert set(sink.senders) == {"bounces@example.com"}, "what cannot be delivered comes back there"
    said = daemon.log.read_text()
    assert "@example.com" not in said and sink.password not in said


def test_bad_days_of_a_mail_server(make_daemon, tmp_path, sink, deliveries):
    sink.plan = {
        "account-0@example.com": ["451 4.7.1 later", "data 452 4.3.1 full"],
        "old-account-0@example.com": ["always 550 5.1.1 <old-account-0@example.com>: no such user"],  # As relays answer.
        "account-2@example.com": ["drop"],
        "old-account-2@example.com": ["stall"],
    }
    port = processes.free_port()
    # The one that stalls is given up after a time in which no other is on any machine.
    daemon = make_daemon(configured(tmp_path, sink, admin_port=port, timeout="20s")).start()
    send(daemon, takeovers.events(4))
    wanted = collections.Counter(address for _, address in wanted_mails(daemon))
    for address in ("account-0@example.com", "account-2@example.com", "old-account-2@example.com"):
        processes.wait_until(lambda a=address: len({m["Message-ID"] for m in sink.to(a)}) >= wanted[a], f"mail for {address}")
    dropped = sink.to("account-2@example.com")
    assert len(dropped) == wanted["account-2@example.com"] + 1, "the one whose reply was lost came again"
    assert len({mail["Message-ID"] for mail in dropped}) == wanted["account-2@example.com"], "under the same name"

    count = wanted["old-account-0@example.com"]
    of_failed = lambda: [d for d in told_of(port) or [] if d["status"] == "failed"]  # noqa: E731
    failed = processes.wait_until(lambda: len(of_failed()) >= count and of_failed(), "the refusals to be listed")
    assert {entry["reason"] for entry in failed} == {"smtp_550"}
    assert len(failed) == count
    processes.wait_until(lambda: daemon.metric("tocsin_deliveries", channel="mail", status="failed") == len(failed), "the same number")
    for said in (json.dumps(failed), daemon.get("/metrics")[1], daemon.log.read_text()):
        assert "account-" not in said and "@example.com" not in said, "what a relay answers holds the address"
    assert ask(port, "GET", "/admin/v1/deliveries", token="wrong")[0] == 401

    # A restart forgets nothing; the person mends the address and replays.
    processes.wait_until(lambda: len(told_of(port) or []) == len(failed), "nothing else to be on its way")
    daemon.stop()
    restarted(daemon)
    assert len(processes.wait_until(lambda: told_of(port), "the list")) == len(failed)
    sink.plan = {}
    name = failed[0]["delivery"]
    code, listed, _ = deliveries(port, "list")
    assert code == 0 and len(listed.splitlines()) == len(failed)
    assert any(line.startswith(name) and "by mail  failed (smtp_550)" in line for line in listed.splitlines()), listed
    code, listed, _ = deliveries(port, "list", "--format", "json")
    assert code == 0 and sorted(json.loads(line)["delivery"] for line in listed.splitlines()) == sorted(d["delivery"] for d in failed)
    for verb in ("replay", "drop"):
        code, _, said = deliveries(port, verb, "nonsense")
        assert code != 0 and "must be one that the list names" in said, said
        code, _, said = deliveries(port, verb, "0" * 32)
        assert code != 0 and "no delivery of this name" in said, said
        code, _, said = deliveries(port, verb)
        assert code != 0 and "--all" in said, said
    code, _, said = deliveries(port, "replay", name)
    assert code == 0 and "1 touched" in said
    processes.wait_until(lambda: sink.to("old-account-0@example.com"), "the replayed mail")
    assert set(sink.senders) == {"security@example.com"}
    code, _, said = deliveries(port, "drop", "--all")
    assert code == 0 and f"{len(failed) - 1} touched" in said
    processes.wait_until(lambda: deliveries(port, "list") == (0, "", ""), "nothing to be left", pause=0.5)
    daemon.stop()


def test_mail_by_tls_from_the_beginning(make_daemon, tmp_path):
    with MailSink(tmp_path / "smtps", tls_first=True) as sink:
        daemon = make_daemon(configured(tmp_path, sink)).start()
        send(daemon, takeovers.events(2))
        wanted = len(wanted_mails(daemon))
        processes.wait_until(lambda: len(sink.mails) == wanted > 0, "the mails")
        daemon.stop()


def test_no_mail_leaves_in_the_clear(make_daemon, tmp_path, sink, deliveries):
    with without_starttls() as (url, heard):
        port = processes.free_port()
        config = configured(tmp_path, sink, admin_port=port).replace(sink.url, url)
        daemon = make_daemon(config).start()
        send(daemon, takeovers.events(2))
        processes.wait_until(lambda: "(no_starttls)" in deliveries(port, "list")[1], "an attempt", pause=0.5)
        assert "EHLO" in heard and "MAIL" not in heard
        daemon.stop()


@pytest.mark.parametrize("wrong", ["certificate", "password"])
def test_a_relay_that_is_not_trusted_or_does_not_trust_us(make_daemon, tmp_path, sink, wrong):
    config = configured(tmp_path, sink)
    if wrong == "certificate":
        config = config.replace(f"    ca: {sink.ca}\n", "")
    else:
        (tmp_path / "mail.password").write_text("another")
    daemon = make_daemon(config).start()
    send(daemon, takeovers.events(2))
    reason = "outcome=\"retried\""
    processes.wait_until(lambda: daemon.metric("tocsin_delivery_attempts_total", channel="mail", outcome="retried") > 0, reason)
    assert sink.mails == []
    assert daemon.metric("tocsin_delivery_attempts_total", channel="mail", outcome="refused") == 0
    daemon.stop()


def test_a_relay_that_says_no_goodbye_does_not_hold_up_the_end(make_daemon, tmp_path, sink):
    sink.silent_at_quit = True
    daemon = make_daemon(configured(tmp_path, sink)).start()
    send(daemon, takeovers.events(2))
    wanted = len(wanted_mails(daemon))
    processes.wait_until(lambda: len(sink.mails) >= wanted, "the mails")
    began = time.monotonic()
    daemon.stop()
    assert time.monotonic() - began < 60, "the relay is silent for an hour"


def test_bad_days_of_a_webhook(make_daemon, tmp_path, receiver):
    elsewhere = WebhookReceiver()
    with elsewhere:
        receiver.plan = [(302, {"Location": elsewhere.url}), (503, {"Retry-After": "2"}), (500, {})]
        daemon = make_daemon(configured(tmp_path, receiver=receiver)).start()
        began = time.monotonic()
        send(daemon, takeovers.events(2))
        wanted = len(outputs(daemon, "notices"))
        processes.wait_until(lambda: sum("notice_id" in r["data"] for r in receiver.requests) >= wanted, "the notices")
        assert time.monotonic() - began >= 2, "Retry-After is honoured"
        assert elsewhere.paths == [], "redirects are not followed"
        daemon.stop()
    assert receiver.refused == []


def test_a_refused_operation_holds_up_nothing_and_can_be_replayed(make_daemon, tmp_path, receiver):
    port = processes.free_port()
    hook = f'  webhooks:\n    - {{name: desk, url: "{receiver.url}", keys: [{{file: {receiver.write_secret(tmp_path / "desk.key")}}}], '
    hook += "allow_private: true, notices: false, tickets: true}\n"
    receiver.plan = [None, (400, {})]  # The open is taken, what follows it is not.
    receiver.stall.set()
    daemon = make_daemon(configured(tmp_path, admin_port=port) + hook).start()
    send(daemon, takeovers.events(1))
    operations = outputs(daemon, "tickets")
    assert len({operation["case_id"] for operation in operations}) == 1 and len(operations) > 3
    receiver.stall.clear()
    deliveries = lambda: told_of(port)  # noqa: E731
    processes.wait_until(lambda: [one["status"] for one in deliveries() or []] == ["failed"], "all but the refused one to be told")
    (failed,) = processes.wait_until(deliveries, "the list")
    told = [request["data"]["ticket_id"] for request in receiver.requests]
    wanted = [operation["ticket_id"] for operation in operations]
    assert failed["reason"] == "http_400" and failed["case_id"] == operations[0]["case_id"]
    assert failed["id"] in wanted and failed["id"] not in told
    assert told[0] == wanted[0] and told[-1] == wanted[-1] and len(told) > 1, "the case went on"
    daemon.kill()
    restarted(daemon)
    remembered = processes.wait_until(deliveries, "the list")
    assert [(one["id"], one["status"]) for one in remembered] == [(failed["id"], "failed")], "and it is remembered"
    assert ask(port, "POST", "/admin/v1/deliveries/replay") == (200, {"touched": 1})
    processes.wait_until(lambda: receiver.requests[-1]["data"]["ticket_id"] == failed["id"], "what was replayed")
    processes.wait_until(lambda: deliveries() == [], "nothing to be left")
    daemon.stop()


def test_a_desk_behind_a_webhook_hears_of_mail_that_reaches_nobody(make_daemon, tmp_path, sink, receiver):
    key = receiver.write_secret(tmp_path / "desk.key")
    hook = f"  webhooks: [{{name: desk, url: '{receiver.url}', keys: [{{file: {key}}}], allow_private: true, notices: false, tickets: true}}]\n"
    sink.refuse_all("550 5.1.1 no such mailbox")
    daemon = make_daemon(configured(tmp_path, sink) + hook).start()
    send(daemon, takeovers.events(1))
    wanted = wanted_mails(daemon)
    told = lambda: [r["data"] for r in receiver.requests if r["type"] == "tocsin.unreached.v1"]  # noqa: E731
    processes.wait_until(lambda: len(told()) == len(wanted), "word of each mail")
    assert sorted(one["notice_id"] for one in told()) == sorted(notice for notice, _ in wanted)
    assert {one["reason"] for one in told()} == {"refused"} and {one["channel"] for one in told()} == {"mail"}
    assert {one["case_id"] for one in told()} <= {ticket["case_id"] for ticket in outputs(daemon, "tickets")}
    for _, address in wanted:
        assert address not in json.dumps(told()), "masked"
    daemon.stop()


def test_private_addresses_are_refused_unless_allowed(make_daemon, tmp_path, receiver):
    # https, or the configuration would not even be taken; the address is what counts.
    config = configured(tmp_path, receiver=receiver).replace("allow_private: true", "allow_private: false")
    config = config.replace("http://", "https://")
    port = processes.free_port()
    (tmp_path / "admin.token").write_text(TOKEN)
    config = config.replace("delivery:\n", ADMIN.format(admin_port=port, token=tmp_path / "admin.token") + "delivery:\n", 1)
    daemon = make_daemon(config).start()
    send(daemon, takeovers.events(2))
    tried = processes.wait_until(lambda: [d for d in told_of(port) or [] if "reason" in d], "an attempt")
    assert {entry["reason"] for entry in tried} == {"private_address"}
    assert receiver.paths == []
    daemon.stop()


def test_a_slow_receiver_delays_no_other(make_daemon, tmp_path, sink, receiver):
    receiver.stall.set()
    daemon = make_daemon(configured(tmp_path, sink, receiver)).start()
    send(daemon, takeovers.events(12))
    wanted = len(wanted_mails(daemon))
    # Before the first attempt at the other is over.
    processes.wait_until(lambda: len(sink.mails) >= wanted, "the mails", timeout=100 / processes.PATIENCE)
    assert receiver.requests == []
    receiver.stall.clear()
    notices = len(outputs(daemon, "notices"))
    ids = lambda: {r["data"]["notice_id"] for r in receiver.requests if "notice_id" in r["data"]}  # noqa: E731
    processes.wait_until(lambda: len(ids()) == notices, "the webhooks, once it answers", timeout=60)
    daemon.stop()


def test_a_flood_is_held_and_released(make_daemon, tmp_path, sink, deliveries):
    port = processes.free_port()
    daemon = make_daemon(configured(tmp_path, sink, admin_port=port, more="  flood_max: 3\n  flood_window: 1d\n")).start()
    send(daemon, takeovers.events(12))
    processes.wait_until(lambda: daemon.metric("tocsin_delivery_flood_gate_shut") == 1, "the gate to shut")
    wanted = wanted_mails(daemon)
    notices = outputs(daemon, "notices")
    let_through = sum(recipient["channel"] == "email" for notice in notices[:3] for recipient in notice["recipients"])
    processes.wait_until(lambda: daemon.metric("tocsin_deliveries", channel="mail", status="held") == len(wanted) - let_through,
                         "the rest to be held")
    daemon.kill()
    daemon.start()
    processes.wait_until(lambda: daemon.metric("tocsin_delivery_flood_gate_shut") == 1, "the gate to be shut still")
    held = lambda: deliveries(port, "list")[1].count("by mail  held")  # noqa: E731
    processes.wait_until(lambda: held() == len(wanted) - let_through, "them to be held still", pause=0.5)
    code, _, said = deliveries(port, "release")
    assert code == 0 and f"{len(wanted) - let_through} touched" in said
    processes.wait_until(lambda: len({m["Message-ID"] for m in sink.mails}) == len(wanted), "every mail")
    daemon.stop()
