"""Heartbeats of a daemon over a real broker: without any event the line is seen to work, and seen not to."""

from support import kafka_settings, processes
from support.kafka_client import Record, consume, produce

MORE = """\
engine: {workers: 2, commit_interval_ms: 50}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""
PARTITIONS = 3


def test_a_silent_line_is_seen_to_work_and_seen_to_stand_still(kafka, make_daemon, topic_prefix):
    kafka_settings.make_topics(kafka, topic_prefix, partitions=PARTITIONS)
    settings = kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE, heartbeat_interval="1s")
    daemon = make_daemon(settings).start()
    age = lambda: daemon.metric("tocsin_heartbeat_age_seconds")
    processes.wait_until(lambda: daemon.metric("tocsin_heartbeat_seconds_count") >= 4 * PARTITIONS, "heartbeats", 60)
    processes.wait_until(lambda: age() < 5, "each partition's newest heartbeat to be young", 30)

    def undisturbed() -> bool:
        """On a machine that stands still for a while one may fail, not all the time."""
        failures, beats = daemon.metric("tocsin_heartbeat_failures_total"), daemon.metric("tocsin_heartbeat_seconds_count")
        processes.wait_until(lambda: daemon.metric("tocsin_heartbeat_seconds_count") >= beats + PARTITIONS, "one more of each", 60)
        return daemon.metric("tocsin_heartbeat_failures_total") == failures

    processes.wait_until(undisturbed, "heartbeats of which none fails", 60)

    # They are records, each partition's own, and nothing is made of them.
    sent = consume(kafka.bootstrap, topic_prefix + "logins")
    assert {record.partition for record in sent} == set(range(PARTITIONS))
    assert {record.key for record in sent} == {b"tocsin-heartbeat"}
    assert daemon.metric("tocsin_records_total") >= 4 * PARTITIONS
    assert daemon.metric("tocsin_events_total") == daemon.metric("tocsin_dead_letters_total") == 0
    for output in kafka_settings.OUTPUTS:
        assert consume(kafka.bootstrap, topic_prefix + output) == []
    assert "kafka_keys_differ" not in daemon.log.read_text()

    kafka.pause()
    try:
        processes.wait_until(lambda: age() > 8, "the age to grow", 60)
    finally:
        kafka.resume()
    processes.wait_until(lambda: age() < 5, "heartbeats to come through again", 90)

    # Events go on as ever.
    login = b'{"type":"login","event_id":"e1","account_id":"ada","occurred_at":"2026-01-01T00:00:00Z","outcome":"success"}'
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", login, b"ada")])
    processes.wait_until(lambda: daemon.metric("tocsin_events_total") == 1, "the event", 30)
    daemon.stop()


def test_none_are_sent_unless_they_are_asked_for(kafka, make_daemon, topic_prefix):
    kafka_settings.make_topics(kafka, topic_prefix)
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE)).start()
    assert "tocsin_heartbeat" not in daemon.get("/metrics")[1]
    daemon.stop()
    assert consume(kafka.bootstrap, topic_prefix + "logins") == []
