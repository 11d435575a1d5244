"""What librdkafka 2.0 does not bear is not asked of it: a partition is resumed only when it is paused.

One that is not paused may be set back by it to where it once was (librdkafka issue 4637, until 2.4), without a word.
"""

import subprocess
import sys

import confluent_kafka

from support import processes
from support.client_calls import ClientCalls, resumed_unpaused, sought_while_read
from support.kafka_client import produce
from support.kafka_probe import PARTITIONS, TOPICS, create_topics, each_once, records_of, wait_for_outputs


def test_what_is_resumed_was_paused(kafka, topic_prefix, make_probe, tmp_path, monkeypatch):
    create_topics(kafka, topic_prefix)
    watched = ClientCalls(tmp_path / "calls")
    probe = make_probe("--instance", "one", "--property", "session.timeout.ms=30000")
    with monkeypatch.context() as patched:
        for name, value in watched.environment.items():
            patched.setenv(name, value)
        probe.start()
    records = list(records_of(topic_prefix, 400, seed=31))
    produce(kafka.bootstrap, records[:200])
    assert each_once(records[:200], wait_for_outputs(kafka, topic_prefix, 200))
    places = {f"{topic_prefix}{topic} {partition}" for topic in TOPICS for partition in range(PARTITIONS)}
    for call in ("pause", "resume"):
        assert {place for made, place in watched.made() if made == call} == places

    # A commit that fails: its partitions are restored and sought once more, and are this member's all the while.
    fence(kafka.bootstrap, f"{topic_prefix}group.one.0")
    produce(kafka.bootstrap, records[200:])
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, 400))
    processes.wait_until(lambda: sought_while_read(watched.made()), "a partition that is sought once more", 30)
    probe.stop()
    assert resumed_unpaused(watched.made()) == []


def fence(brokers, transactional_id):
    """As another process of that name would: the next commit of the producer that has it fails."""
    twin = confluent_kafka.Producer({"bootstrap.servers": brokers, "transactional.id": transactional_id})
    twin.init_transactions(60)


PROGRAM = """
from confluent_kafka import Consumer, TopicPartition
one, other = TopicPartition("t", 0, 0), TopicPartition("t", 1, 0)
consumer = Consumer({"bootstrap.servers": "127.0.0.1:1", "group.id": "g"})
consumer.assign([one, other])
consumer.pause([one])
consumer.resume([one, other])
"""


def test_what_was_not_paused_is_seen(tmp_path):
    watched = ClientCalls(tmp_path)
    subprocess.run([sys.executable, "-B", "-c", PROGRAM], env=watched.environment, check=True, timeout=300)
    assert watched.made() == [("pause", "t 0"), ("resume", "t 0"), ("resume", "t 1")]
    assert resumed_unpaused(watched.made()) == ["t 1"]
    assert sought_while_read(watched.made()) == set()
    assigned = [("pause", "t 0"), ("seek", "t 0"), ("resume", "t 0"), ("seek", "t 0")]
    assert sought_while_read(assigned + assigned) == set()
    assert sought_while_read([*assigned, ("seek", "t 0"), ("resume", "t 0")]) == {"t 0"}
