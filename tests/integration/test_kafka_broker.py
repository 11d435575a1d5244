"""The broker the other tests trust: transactions hide what is open or aborted, and a power cut loses nothing."""

import threading

import pytest
from confluent_kafka import Producer

from support.kafka_client import Record, consume, produce


def test_readers_see_committed_transactions_only(kafka, topic_prefix):
    topic = topic_prefix + "orders"
    kafka.create_topic(topic, partitions=3)
    kept = [Record(topic, b"kept %d" % i, b"account-%d" % i, (("kind", b"test"),)) for i in range(30)]
    dropped = [Record(topic, b"dropped", b"account-1")]

    produce(kafka.bootstrap, kept, transactional_id="writer")
    produce(kafka.bootstrap, dropped, transactional_id="writer", commit=False)

    seen = consume(kafka.bootstrap, topic)
    assert sorted(r.value for r in seen) == sorted(r.value for r in kept)
    assert {r.headers for r in seen} == {(("kind", b"test"),)}
    assert {r.partition for r in seen} == {0, 1, 2}
    assert b"dropped" in {r.value for r in consume(kafka.bootstrap, topic, committed_only=False)}


def test_a_newer_writer_fences_the_older(kafka, topic_prefix):
    topic = topic_prefix + "orders"
    kafka.create_topic(topic)
    older = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": "fenced-writer"})
    older.init_transactions(60)
    older.begin_transaction()
    older.produce(topic, b"older")
    older.flush(60)

    produce(kafka.bootstrap, [Record(topic, b"newer")], transactional_id="fenced-writer")

    with pytest.raises(Exception, match="(?i)fenced|epoch|FENCED"):
        older.commit_transaction(60)
    assert [r.value for r in consume(kafka.bootstrap, topic)] == [b"newer"]


def test_an_open_transaction_is_waited_for(kafka, topic_prefix):
    """Else a test that reads at once after a commit sees what was written before it, and calls that everything."""
    topic = topic_prefix + "orders"
    kafka.create_topic(topic)
    writer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": "slow-writer"})
    writer.init_transactions(60)
    writer.begin_transaction()
    writer.produce(topic, b"late")
    writer.flush(60)
    later = threading.Timer(1.0, writer.commit_transaction, [60])
    later.start()

    assert [r.value for r in consume(kafka.bootstrap, topic)] == [b"late"]
    later.join()


@pytest.mark.parametrize("fall", ["kill", "stop"])
def test_a_restarted_broker_still_has_the_records(kafka, topic_prefix, fall):
    topic = topic_prefix + "orders"
    kafka.create_topic(topic, partitions=2)
    records = [Record(topic, b"%d" % i, b"account-%d" % i) for i in range(100)]
    produce(kafka.bootstrap, records, transactional_id="restart-writer")
    before = consume(kafka.bootstrap, topic)

    getattr(kafka, fall)()
    kafka.start()

    assert len(before) == 100
    assert consume(kafka.bootstrap, topic) == before
