"""Whoever changes how an owner is reached does not keep the owner from hearing of it: from the event to the mail."""

import datetime
import json
import re
import urllib.request

import pytest
from support import processes
from support.embedded import CONFIG
from support.mail_sink import MailSink
from support.outward import outputs, send
from support.webhook_receiver import WebhookReceiver

DELIVERY = """\
http:
  metrics_listen: 127.0.0.1:{{http_port}}
  events_listen: 127.0.0.1:0
  admin_listen: 127.0.0.1:{admin_port}
  admin_token: {{file: {folder}/admin.token}}
delivery:
  retry_waits: [1s, 1s, 1s]
  mail:
    url: {url}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
  webhooks:
    - {{name: phone, url: "{hook}", keys: [{{file: {folder}/webhook.key}}], allow_private: true, channels: [sms]}}
"""
START = datetime.datetime(2026, 3, 1, 8, tzinfo=datetime.timezone.utc)
TOKEN = "the-admin-token-of-this-test"
OLD = {"email": "anna@example.com", "sms": "+49 30 0000001"}
NEW = {"email": "thief@example.com", "sms": "+49 30 0000002"}


class Story:
    """An account with a quiet past; a device that nobody knows; then how its owner is reached is changed."""

    def __init__(self):
        self.events: list[str] = []
        self.at = START
        self.profile(OLD)
        for day in range(12):
            self.at = START + datetime.timedelta(days=day)
            self.add("login", outcome="success", device={"id": "annas", "platform": "windows"}, ip="192.0.2.7")
        self.at += datetime.timedelta(hours=9)
        self.add("login", outcome="success", device={"id": "the-thiefs", "platform": "linux"}, ip="203.0.113.5")

    def add(self, type_: str, **members) -> None:
        self.at += datetime.timedelta(minutes=15)
        self.events.append(json.dumps({"type": type_, "event_id": f"e{len(self.events)}", "account_id": "account-1",
                                       "occurred_at": self.at.isoformat()} | members))

    def profile(self, contacts: dict[str, str], locale: str = "en", timezone: str = "Europe/Berlin") -> None:
        listed = [{"channel": channel, "address": address, "verified": True, "primary": channel == "email"}
                  for channel, address in contacts.items()]
        self.add("account_profile", contacts=listed, locale=locale, timezone=timezone, country="DE")

    def change(self, channel: str) -> None:
        change = {"email": "email_changed", "sms": "phone_changed"}[channel]
        self.add("account_change", change=change, previous_contact={"channel": channel, "address": OLD[channel]},
                 device={"id": "the-thiefs", "platform": "linux"}, ip="203.0.113.5")


@pytest.fixture
def receivers(tmp_path):
    with MailSink(tmp_path / "mail") as sink, WebhookReceiver() as phone:
        yield sink, phone


@pytest.fixture
def configured(tmp_path, receivers):
    sink, phone = receivers
    (tmp_path / "mail.password").write_text(sink.password)
    (tmp_path / "admin.token").write_text(TOKEN)
    phone.write_secret(tmp_path / "webhook.key")
    text = DELIVERY.format(url=sink.url, ca=sink.ca, user=sink.user, hook=phone.url, folder=tmp_path,
                           admin_port=processes.free_port())
    return CONFIG[: CONFIG.index("http:")] + text


@pytest.mark.parametrize("changed", ["email", "sms"])
@pytest.mark.parametrize("profile_first", [True, False], ids=["profile_first", "profile_later"])
def test_a_changed_contact_is_told_to_the_one_before(make_daemon, configured, receivers, changed, profile_first):
    sink, phone = receivers
    story = Story()
    if profile_first:
        story.profile(OLD | {changed: NEW[changed]})
    story.change(changed)
    of_the_change = len(story.events) - 1
    if not profile_first:
        story.profile(OLD | {changed: NEW[changed]})
    # The thief goes on: what is told from here on goes to the one before as well.
    for next_step in ("mfa_disabled", "notifications_changed", "limit_changed", "payee_added"):
        story.add("account_change", change=next_step, payee={"id": "payee-9"}, device={"id": "the-thiefs", "platform": "linux"})
    daemon = make_daemon(configured).start()
    send(daemon, story.events)
    notices = outputs(daemon, "notices")
    told_at = json.loads(story.events[of_the_change])["occurred_at"][:16]
    about_the_change = [notice for notice in notices if notice["occurred_at"].startswith(told_at)]
    assert len(about_the_change) == 1, "a changed contact on a new device is told"
    later = [notice for notice in notices if notice["occurred_at"] > about_the_change[0]["occurred_at"]]
    assert later, "and so is what follows"
    for notice in [*about_the_change, *later]:
        reached = {recipient["address"] for recipient in notice["recipients"]}
        assert OLD[changed] in reached, notice["template"]
        assert (NEW[changed] in reached) == (profile_first or notice in later)

    wanted = {(notice["notice_id"], recipient["address"]) for notice in notices for recipient in notice["recipients"]}
    mails = lambda: {(mail["Message-ID"].strip("<>").split(".")[0], mail["To"]) for mail in sink.mails}  # noqa: E731
    texts = lambda: {(request["data"]["notice_id"], recipient["address"]) for request in phone.requests  # noqa: E731
                     for recipient in request["data"]["recipients"] if recipient["channel"] == "sms"}
    processes.wait_until(lambda: mails() | texts() == wanted, "everybody to be told")
    assert {address for _, address in mails()} == ({OLD["email"], NEW["email"]} if changed == "email" else {OLD["email"]})
    daemon.stop()


def test_a_thief_does_not_choose_the_language_of_the_warning(make_daemon, configured):
    story = Story()
    story.profile(OLD, locale="zh-CN", timezone="Asia/Tokyo")
    story.change("sms")
    for next_step in ("mfa_disabled", "password_changed", "limit_changed", "payee_added"):
        story.add("account_change", change=next_step, payee={"id": "payee-9"}, device={"id": "the-thiefs", "platform": "linux"})
    daemon = make_daemon(configured).start()
    send(daemon, story.events)
    grave = [notice for notice in outputs(daemon, "notices") if notice["severity"] in ("high", "critical")]
    assert grave
    for notice in grave:
        assert notice["locale"] == "en" and "(UTC+1)" in notice["text"], notice["template"]
    daemon.stop()


def test_an_address_that_mail_cannot_carry_is_listed(make_daemon, configured, receivers):
    sink, _ = receivers
    story = Story()
    story.events[0] = story.events[0].replace("anna@example.com", "安娜@example.com")
    story.change("sms")
    daemon = make_daemon(configured).start()
    send(daemon, story.events)
    refused = lambda: daemon.metric("tocsin_delivery_attempts_total", channel="mail", outcome="refused")  # noqa: E731
    processes.wait_until(lambda: refused() > 0, "the refusal")
    port = re.search(r"admin_listen: 127.0.0.1:(\d+)", configured)[1]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/admin/v1/deliveries", headers={"Authorization": f"Bearer {TOKEN}"})

    def failed() -> set[str]:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return {entry["reason"] for entry in json.load(answer)["deliveries"] if entry["status"] == "failed"}

    assert processes.wait_until(failed, "it to be listed") == {"address_not_ascii"}
    assert sink.mails == [] and "安娜" not in daemon.log.read_text()
    daemon.stop()
