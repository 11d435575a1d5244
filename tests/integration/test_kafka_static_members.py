"""Members with a name (`kafka.instance`): a restart within the session moves nobody's partitions, and who reads other topics by then
is another member, since the broker would give it its old assignment.
"""

import json
import time

from support import kafka_settings, processes, takeovers
from support.kafka_client import Record, consume, members, produce, wait_until_committed

PARTITIONS = 4
SESSION_SECONDS = 300  # Longer than any restart.
SHORT_SESSION_SECONDS = 45  # Longer than a start; its end is waited for.
UUID_LENGTH = 36  # A member's id is its name, a hyphen and one of these.
MORE = """\
engine: {workers: 1}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


def settings(kafka, topic_prefix, session: int = SESSION_SECONDS, **section) -> str:
    properties = {"session.timeout.ms": str(session * 1000), "max.poll.interval.ms": str(session * 1000)}
    return kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE, properties=properties, **section)


def names_in(kafka, topic_prefix) -> set[str]:
    return {member.id[: -UUID_LENGTH - 1] for member in members(kafka.bootstrap, topic_prefix + "tocsin")}


def has(daemon, partitions: int) -> bool:
    return daemon.metric("tocsin_partitions_assigned") == partitions and daemon.metric("tocsin_partitions_restoring") == 0


def test_a_restart_within_the_session_moves_nobodys_partitions(kafka, topic_prefix, make_daemon):
    kafka_settings.make_topics(kafka, topic_prefix, partitions=PARTITIONS)
    one, other = (make_daemon(settings(kafka, topic_prefix, instance=name)).start() for name in ("one", "other"))
    processes.wait_until(lambda: all(has(daemon, PARTITIONS // 2) for daemon in (one, other)), "each to have its half", 60)
    events = [Record(topic_prefix + "logins", event.encode(), json.loads(event)["account_id"].encode()) for event in takeovers.events(accounts=12)]
    pieces = [events[begin::5] for begin in range(5)]  # As they come in between.
    sent = 0

    def send() -> None:
        nonlocal sent
        produce(kafka.bootstrap, pieces.pop())
        sent = len(events) - sum(map(len, pieces))

    def seen() -> tuple[float, ...]:
        told = ("kafka_rebalances_total", "kafka_partitions_lost_total", "restores_total", "resumes_total")
        return tuple(other.metric(f"tocsin_{name}") for name in told)

    send()
    wait_until_committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + "logins": PARTITIONS}, sent)
    before, named = seen(), names_in(kafka, topic_prefix)
    assert before[0] > 0 and len(named) == 2
    for end in (one.stop, one.kill):
        gone = time.monotonic()
        end()
        send()
        one.start()
        processes.wait_until(lambda: has(one, PARTITIONS // 2), "its half again", 60)
        assert time.monotonic() - gone < SESSION_SECONDS, "too slow a machine to say anything"
        send()
        wait_until_committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + "logins": PARTITIONS}, sent)
        assert seen() == before and names_in(kafka, topic_prefix) == named, end
    # Without a name it is seen.
    guest = make_daemon(settings(kafka, topic_prefix)).start()
    processes.wait_until(lambda: seen()[0] > before[0], "the rebalance that a guest brings", 60)
    for daemon in (guest, one, other):
        daemon.stop()
    findings = [json.loads(record.value) for record in consume(kafka.bootstrap, topic_prefix + "findings")]
    ids = [(finding["finding_id"], finding["status"]) for finding in findings]
    assert len(ids) == len(set(ids)) > 5


def test_of_one_name_with_other_topics_it_is_another_member(kafka, topic_prefix, make_daemon):
    inputs = ("logins", "transactions")
    kafka_settings.make_topics(kafka, topic_prefix, inputs, partitions=2)
    daemon = make_daemon(settings(kafka, topic_prefix, SHORT_SESSION_SECONDS, instance="one")).start()
    processes.wait_until(lambda: has(daemon, 2), "its partitions", 60)
    named = names_in(kafka, topic_prefix)
    assert len(named) == 1 and named.copy().pop().startswith("one."), named
    daemon.stop()
    daemon.start()
    processes.wait_until(lambda: has(daemon, 2), "its partitions again", 60)
    assert names_in(kafka, topic_prefix) == named
    daemon.stop()

    section = json.dumps([topic_prefix + "logins"])
    assert section in daemon.config.read_text()
    daemon.config.write_text(daemon.config.read_text().replace(section, json.dumps([topic_prefix + name for name in inputs])))
    daemon.start(wait=False)
    processes.wait_until(lambda: len(names_in(kafka, topic_prefix)) == 2, "another member beside the one that is gone", SHORT_SESSION_SECONDS)
    another = names_in(kafka, topic_prefix) - named
    assert len(another) == 1 and another.copy().pop().startswith("one."), (another, named)
    processes.wait_until(lambda: has(daemon, 2), "the old member's session to be over", 2 * SHORT_SESSION_SECONDS)
    assert names_in(kafka, topic_prefix) == another
    # Of both topics, that is: with its old assignment it would wait for ever.
    events = [(json.loads(event), event.encode()) for event in takeovers.events(accounts=2)]
    topic_of = {"login": "logins", "transaction": "transactions"}
    chosen = [Record(topic_prefix + topic_of[event["type"]], value, event["account_id"].encode()) for event, value in events if event["type"] in topic_of]
    assert {record.topic for record in chosen} == {topic_prefix + name for name in inputs}
    produce(kafka.bootstrap, chosen)
    wait_until_committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + name: 2 for name in inputs}, len(chosen))
    daemon.stop()
