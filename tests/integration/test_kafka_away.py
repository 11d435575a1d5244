"""A start while no broker answers: the daemon waits, its probes say so, and it works once one does."""

import select
import subprocess
import time

from support import kafka_settings, processes
from support.kafka_client import Record, produce

MORE = """\
engine: {workers: 1, commit_interval_ms: 50}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""
SECONDS_MAX = 40  # Of what is done at once, on a slow machine: who waits for a broker waits for ever.
LOGIN = b'{"type":"login","event_id":"e1","account_id":"ada","occurred_at":"2026-01-01T00:00:00Z","outcome":"success"}'


def connections(daemon, client: str) -> float:
    return daemon.metric("tocsin_kafka_brokers_connected", client=client)


def waits(daemon) -> None:
    processes.wait_until(lambda: daemon.log.exists() and "kafka_awaited" in daemon.log.read_text(), "the daemon to wait", 60)
    assert daemon.get("/livez") == (200, "ok\n")
    status, said = daemon.get("/readyz")
    assert status == 503 and said.startswith("starting: the log is not there yet")
    assert daemon.metric("tocsin_ready") == 0
    assert connections(daemon, "consumer") == 0
    assert daemon.running


def starts_before_the_broker_answers(kafka, daemon) -> None:
    kafka.pause()
    try:
        daemon.start(wait=False)
        waits(daemon)
    finally:
        kafka.resume()


def test_waits_for_the_brokers_and_then_works(kafka, make_daemon, topic_prefix):
    kafka_settings.make_topics(kafka, topic_prefix)
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", LOGIN, b"ada")])
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE))
    starts_before_the_broker_answers(kafka, daemon)
    processes.wait_until(lambda: daemon.get("/readyz")[0] == 200, "the daemon to be ready", 60)
    processes.wait_until(lambda: daemon.metric("tocsin_events_total") == 1, "the event", 30)
    daemon.stop()


def test_ends_when_it_is_told_to_while_it_waits(make_daemon, topic_prefix):
    daemon = make_daemon(kafka_settings.text("127.0.0.1:1", topic_prefix, more=MORE)).start(wait=False)
    waits(daemon)
    began = time.monotonic()
    daemon.stop()
    assert time.monotonic() - began < SECONDS_MAX
    assert "start_failed" not in daemon.log.read_text()


def test_what_is_found_wrong_later_ends_it(kafka, make_daemon, topic_prefix):
    """Topics whose partitions do not fit together are seen only when a broker answers."""
    kafka.create_topic(topic_prefix + "logins", partitions=2)
    kafka.create_topic(topic_prefix + "changelog", partitions=3, **{"cleanup.policy": "compact"})
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE))
    starts_before_the_broker_answers(kafka, daemon)
    assert processes.wait(daemon.process) == 78, daemon.log_tail()
    assert "start_failed" in daemon.log.read_text() and "differ in their number of partitions" in daemon.log.read_text()


def test_nobody_waits_for_a_broker_that_is_away_longer_than_for_an_answer(kafka, probe_binary, topic_prefix):
    """The worker asks brokers between two polls: the client's own question would wait until the broker is back."""
    topic = topic_prefix + "logins"
    kafka.create_topic(topic)
    produce(kafka.bootstrap, [Record(topic, b"1", b"ada"), Record(topic, b"2", b"ada")])
    words = [probe_binary, "--offsets", kafka.bootstrap, topic, "0"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as asker:

        def ask() -> str:
            asker.stdin.write("\n")
            if not select.select([asker.stdout], [], [], 2 * SECONDS_MAX)[0]:
                asker.kill()
                raise TimeoutError(f"no answer, and no end of the wait, for {2 * SECONDS_MAX} s")
            return asker.stdout.readline().strip()

        processes.wait_until(lambda: ask() == "0 2", "the broker to be known")
        for silence, end in ((kafka.pause, kafka.resume), (kafka.kill, kafka.start)):
            silence()
            try:
                for _ in range(3):
                    began = time.monotonic()
                    assert ask() in ("_TIMED_OUT", "_TRANSPORT")
                    assert time.monotonic() - began < SECONDS_MAX
            finally:
                end()
            processes.wait_until(lambda: ask() == "0 2", "the broker's answer")
        asker.stdin.close()
        assert processes.wait(asker) == 0


def test_a_broker_that_dies_is_away_and_no_other_kind_of_port(kafka, make_daemon, topic_prefix):
    """What worked until now needs no other configuration: the log leads nobody to TLS."""
    kafka_settings.make_topics(kafka, topic_prefix)
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, more=MORE)).start()
    # No record has come: also who has nothing to commit hears of his connections.
    for client in ("consumer", "producer"):
        processes.wait_until(lambda: connections(daemon, client) > 0, f"a connection of a {client}", 30)
    kafka.kill()
    try:
        for client in ("consumer", "producer"):
            processes.wait_until(lambda: connections(daemon, client) == 0, f"the {client}'s connections to end", 30)
        processes.wait_until(lambda: "kafka_unreachable" in daemon.log.read_text(), "the daemon to notice", 60)
        time.sleep(3)  # And to try again.
    finally:
        kafka.start()
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", LOGIN, b"ada")])
    processes.wait_until(lambda: daemon.metric("tocsin_events_total") == 1, "the event", 60)
    assert "kafka_refused" not in daemon.log.read_text(), daemon.log_tail()
    daemon.stop()
