"""An owner is not written to again and again, nor at night, and hears of everything all the same: from the event to the mail."""

import datetime
import json
import subprocess
import urllib.request

import pytest
from support import processes
from support.embedded import CONFIG
from support.mail_sink import MailSink
from support.outward import outputs, send

MORE = """\
  admin_listen: 127.0.0.1:{admin_port}
  admin_token: {{file: {folder}/admin.token}}
calm:
  digest_at: "{digest_at}"
  quiet_hours: "{quiet}"
delivery:
  mail:
    url: {url}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
"""
TOKEN = "the-admin-token-of-this-test"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def sink(tmp_path):
    with MailSink(tmp_path / "mail") as running:
        yield running


@pytest.fixture
def configured(tmp_path, sink):
    (tmp_path / "mail.password").write_text(sink.password)
    (tmp_path / "admin.token").write_text(TOKEN)

    def make(quiet: str = "", digest_at: str = "08:00") -> tuple[str, int]:
        port = processes.free_port()
        return CONFIG + MORE.format(url=sink.url, ca=sink.ca, user=sink.user, folder=tmp_path, quiet=quiet,
                                    digest_at=digest_at, admin_port=port), port

    return make


class Story:
    """Twelve quiet days of an account, and whatever comes then."""

    def __init__(self, end: datetime.datetime, timezone: str):
        self.events: list[str] = []
        contacts = [{"channel": "email", "address": "anna@example.com", "verified": True, "primary": True}]
        begin = end - datetime.timedelta(days=12)
        self.add(begin, "account_profile", contacts=contacts, locale="zh-CN", timezone=timezone, country="CN")
        for day in range(12):
            self.login(begin + datetime.timedelta(days=day), "annas")

    def add(self, at: datetime.datetime, type_: str, **members) -> None:
        self.events.append(json.dumps({"type": type_, "event_id": f"e{len(self.events)}", "account_id": "account-1",
                                       "occurred_at": at.isoformat()} | members))

    def login(self, at: datetime.datetime, device: str) -> None:
        self.add(at, "login", outcome="success", device={"id": device, "platform": "windows", "model": device}, ip="192.0.2.7")


def waiting(port: int) -> list[dict]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/deliveries", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["deliveries"]


def test_what_was_not_told_comes_in_one_digest(make_daemon, sink, configured):
    noon = datetime.datetime(2026, 3, 20, 12, tzinfo=datetime.timezone.utc)  # Eight in the evening in Shanghai.
    story = Story(noon, "Asia/Shanghai")
    for hour, device in enumerate(("first", "second", "third", "fourth")):
        story.login(noon + hour * HOUR, device)
    told = len(story.events)
    daemon = make_daemon(configured()[0]).start()
    send(daemon, story.events)
    assert [notice["template"] for notice in outputs(daemon, "notices")] == ["login_new"]
    # Nothing before the owner's morning, and once then, whoever is killed in between.
    story.login(noon + 11 * HOUR, "annas")
    send(daemon, story.events[told:])
    assert len(outputs(daemon, "notices")) == 1
    daemon.kill()
    daemon.start()
    told = len(story.events)
    story.login(noon + 12 * HOUR, "annas")
    story.login(noon + 13 * HOUR, "annas")
    send(daemon, story.events[told:])
    digest = outputs(daemon, "notices")[1:]
    assert [notice["template"] for notice in digest] == ["digest"]
    mail = processes.wait_until(lambda: [m for m in sink.mails if m["Subject"] == digest[0]["subject"]], "the digest")[0]
    text = mail.get_body(("plain",)).get_content()
    assert text.count("2026年3月20日 2") == 3, "at nine, ten and eleven in the evening"
    assert mail["Content-Language"] == "zh-CN"
    # Which of the two comes first is nobody's promise.
    processes.wait_until(lambda: len({m["Message-ID"] for m in sink.mails}) >= 2, "the first notice")
    assert len({m["Message-ID"] for m in sink.mails}) == 2
    daemon.stop()


def test_a_notice_of_the_night_waits_and_a_grave_one_does_not(make_daemon, sink, configured):
    now = datetime.datetime.now(datetime.timezone.utc)
    ends = (now + 2 * HOUR).strftime("%H:%M")
    config, port = configured(quiet=f"{(now - 2 * HOUR).strftime('%H:%M')}-{ends}", digest_at=ends)
    story = Story(now - datetime.timedelta(minutes=5), "UTC")
    story.login(now - datetime.timedelta(minutes=1), "of-a-stranger")
    daemon = make_daemon(config).start()
    send(daemon, story.events)
    (notice,) = outputs(daemon, "notices")
    assert notice["severity"] == "low" and notice["deliver_after"][11:16] == ends
    processes.wait_until(lambda: [entry["status"] for entry in waiting(port)] == ["waiting"], "it to wait")
    daemon.kill()
    daemon.start()
    processes.wait_until(lambda: [entry["status"] for entry in waiting(port)] == ["waiting"], "it to wait still")
    assert sink.mails == [] and daemon.metric("tocsin_delivery_oldest_pending_seconds", channel="mail") == 0

    # The owner says that it was somebody else: that is told at once.
    report = {"type": "feedback", "event_id": "report", "account_id": "account-1", "verdict": "not_me", "by": "owner",
              "notice_id": notice["notice_id"], "occurred_at": datetime.datetime.now(datetime.timezone.utc).isoformat()}
    send(daemon, [json.dumps(report)])
    reported = outputs(daemon, "notices")[-1]
    assert reported["template"] == "reported" and "deliver_after" not in reported
    processes.wait_until(lambda: [mail["Subject"] for mail in sink.mails] == [reported["subject"]], "the grave one")
    daemon.stop()


WRONG = [("22:00", "08:00", "calm.quiet_hours"), ("", "8 o'clock", "calm.digest_at"), ("22:00-08:00", "07:00", "calm.digest_at")]


@pytest.mark.parametrize(("quiet", "digest_at", "key"), WRONG)
def test_hours_that_are_none_are_refused_with_their_key(configured, tocsin_binary, tmp_path, quiet, digest_at, key):
    config = configured(quiet, digest_at)[0].replace("{folder}", str(tmp_path)).replace("{http_port}", "0")
    (tmp_path / "tocsin.yaml").write_text(config)
    command = [str(tocsin_binary), "check", "--config", str(tmp_path / "tocsin.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 78 and key in done.stdout + done.stderr, done.stdout + done.stderr
