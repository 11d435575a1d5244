"""Delivery over a real broker: a second consumer group with a changelog of its own, which survives the loss of the
state directory and a process that goes away in the middle."""

import collections
import json
import shutil
import time
import urllib.request

import pytest
from support import processes, takeovers
from support.kafka_client import Record, consume, produce, wait_until_committed
from support.webhook_receiver import WebhookReceiver

PARTITIONS = 3
INPUTS = ("logins", "transactions", "account-changes", "account-profiles")
CONFIG = """\
log: kafka
state_dir: {folder}/state
kafka:
  brokers: {brokers}
  group: {prefix}tocsin
  input_topics: [{inputs}]
  changelog_topic: {prefix}changelog
  findings_topic: {prefix}findings
  notices_topic: {prefix}notices
  tickets_topic: {prefix}tickets
  actions_topic: {prefix}actions
  dead_letters_topic: {prefix}dead-letters
  partitions: 3
engine:
  workers: 1
http:
  metrics_listen: 127.0.0.1:{http_port}
  admin_listen: 127.0.0.1:0
delivery:
  timeout: 60s
  retry_waits: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s]
  changelog_topic: {prefix}delivery-changelog
  webhooks:
    - {{name: app, url: "{url}", keys: [{{file: {key}}}], allow_private: true, tickets: true, connections: 2}}
"""


@pytest.fixture
def receiver():
    with WebhookReceiver() as running:
        yield running


def configured(kafka, topic_prefix, tmp_path, receiver) -> str:
    filled = CONFIG.replace("{{", "{").replace("}}", "}").replace("{brokers}", kafka.bootstrap)
    filled = filled.replace("{prefix}", topic_prefix).replace("{inputs}", ", ".join(topic_prefix + topic for topic in INPUTS))
    return filled.replace("{url}", receiver.url).replace("{key}", str(receiver.write_secret(tmp_path / "webhook.key")))


def fill(kafka, topic_prefix, story: list[str]) -> None:
    topic_of = {"login": "logins", "transaction": "transactions", "account_change": "account-changes",
                "account_profile": "account-profiles"}
    records = []
    now = int(time.time() * 1000) - 100_000
    for i, line in enumerate(story):
        event = json.loads(line)
        records.append(Record(topic_prefix + topic_of[event["type"]], key=event["account_id"].encode(), value=line.encode(),
                              timestamp=now + i))
    produce(kafka.bootstrap, records)


def ids(kafka, topic: str, member: str) -> list[str]:
    return [json.loads(record.value)[member] for record in consume(kafka.bootstrap, topic)]


def test_notices_and_tickets_leave_kafka(kafka, make_daemon, topic_prefix, tmp_path, receiver):
    daemon = make_daemon(configured(kafka, topic_prefix, tmp_path, receiver))
    for topic in INPUTS:
        kafka.create_topic(topic_prefix + topic, partitions=PARTITIONS)
    story = takeovers.events(accounts=24, seed=3)
    fill(kafka, topic_prefix, story)
    receiver.plan = [(503, {})] * 5
    receiver.drop_after = {4, 9, 17}
    daemon.start()

    def came(member: str) -> collections.Counter:
        with receiver.changed:
            return collections.Counter(r["data"][member] for r in receiver.requests if member in r["data"])

    # Killed while it delivers, once with its state damaged, and once the whole state directory goes with it: the
    # changelog has it all.
    processes.wait_until(lambda: came("notice_id"), "the first notice")
    daemon.kill()
    (daemon.folder / "state" / "delivery" / "state" / "db" / "CURRENT").write_bytes(b"damaged")
    daemon.start()
    assert "state_dropped" in daemon.log.read_text()
    processes.wait_until(lambda: len(came("notice_id")) >= 5, "some more")
    daemon.kill()
    shutil.rmtree(daemon.folder / "state")
    daemon.start()

    def noticed() -> set[str]:
        return set(ids(kafka, topic_prefix + "notices", "notice_id"))

    def last_words() -> set[str]:
        cases: dict[str, str] = {}
        for record in consume(kafka.bootstrap, topic_prefix + "tickets"):
            ticket = json.loads(record.value)
            cases[ticket["case_id"]] = ticket["ticket_id"]
        return set(cases.values())

    wait_until_committed(kafka.bootstrap, f"{topic_prefix}tocsin", {topic_prefix + topic: PARTITIONS for topic in INPUTS}, len(story))
    assert len(last_words()) >= 12
    processes.wait_until(lambda: set(came("notice_id")) == noticed(), "every notice", timeout=60)
    processes.wait_until(lambda: last_words() <= set(came("ticket_id")), "the last word on every case", timeout=60)
    notices = noticed()
    assert len(notices) >= 12
    daemon.stop()
    assert receiver.refused == []
    twice = sum(came("notice_id").values()) - len(notices)
    print(f"{len(notices)} notices, {twice} repeated on the wire")
    # Once in each of the three lives at most, and once more for each answer that was lost.
    assert twice <= 2 * len(notices) + 3


def test_an_answer_goes_the_way_of_every_event(kafka, make_daemon, topic_prefix, tmp_path, receiver):
    (tmp_path / "answers.key").write_text("k" * 48)
    port = processes.free_port()
    config = configured(kafka, topic_prefix, tmp_path, receiver).replace(
        f"input_topics: [{topic_prefix}logins", f"input_topics: [account-feedback, {topic_prefix}logins")
    config = config.replace("  admin_listen", f"  events_listen: 127.0.0.1:{port}\n  admin_listen")
    config += f"answers: {{base_url: 'http://127.0.0.1:{port}', key: {{file: {tmp_path}/answers.key}}}}\n"
    for topic in INPUTS:
        kafka.create_topic(topic_prefix + topic, partitions=PARTITIONS)
    kafka.create_topic("account-feedback", partitions=PARTITIONS)
    daemon = make_daemon(config).start()
    fill(kafka, topic_prefix, takeovers.recent_events(accounts=2))

    def hooked(member: str) -> list[dict]:
        with receiver.changed:
            return [r["data"] for r in receiver.requests if member in r["data"]]

    link = processes.wait_until(lambda: hooked("notice_id"), "a notice", timeout=60)[-1]["links"]["not_me"]
    request = urllib.request.Request(link, data=b"answer=not_me", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.status == 200
    processes.wait_until(lambda: any(ticket["priority"] == "P1" and "user_reported" in ticket["body"] for ticket in
                                     hooked("ticket_id")), "the case to become urgent", timeout=60)
    daemon.stop()
    (event,) = [json.loads(record.value) for record in consume(kafka.bootstrap, "account-feedback")]
    assert event["verdict"] == "not_me" and event["by"] == "owner"
    actions = [json.loads(record.value) for record in consume(kafka.bootstrap, topic_prefix + "actions")]
    asked = {action["action"] for action in actions if action["account_id"] == event["account_id"]}
    assert {"freeze", "revoke_sessions"} <= asked
