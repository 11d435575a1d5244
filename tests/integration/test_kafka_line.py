"""The engine, and the whole program, behind a line that loses single requests or keeps them waiting (tests/support/fault_proxy.py)."""

import pytest
from support import kafka_settings, mixed_traffic, processes
from support.compared import KINDS, comparable, replayed
from support.fault_proxy import FaultProxy
from support.kafka_broker import KafkaCluster
from support.kafka_client import Record, consume, produce, wait_until_committed
from support.kafka_probe import create_topics, each_once, records_of, wait_for_outputs

INPUTS = ("events",)  # One topic: its order is that of a replay.
MORE = """\
engine: {workers: 1, commit_events: 200}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""
# Every request of a transaction, hurt so that the client asks once more by itself and the commit succeeds all the same.
TROUBLES = (("EndTxn", "mute"), ("Produce", "lose"), ("AddPartitionsToTxn", "lose"), ("AddOffsetsToTxn", "mute"), ("TxnOffsetCommit", "lose"))


@pytest.fixture(scope="module")
def proxy():
    with FaultProxy() as made:
        yield made


@pytest.fixture(scope="module")
def cluster(proxy):
    with KafkaCluster(front_ports=proxy.ports) as made:
        proxy.forward_to(made.back_ports)
        yield made


def test_a_late_answer_about_offsets_moves_nobody(cluster, proxy, topic_prefix, make_probe):
    """The client asks what "the end" is when it is assigned a partition from there, and a seek overtakes the answer:
    librdkafka 2.0 then asks once more and goes to the end, past all that waits. So it is never told such a word."""
    create_topics(cluster, topic_prefix)
    probe = make_probe("--instance", "one", cluster=cluster)
    probe.start()
    records = list(records_of(topic_prefix, 400, seed=7))
    produce(cluster.bootstrap, records)
    wait_for_outputs(cluster, topic_prefix, 400)
    probe.stop()

    more = list(records_of(topic_prefix, 400, seed=8, first=400))
    produce(cluster.bootstrap, more)
    proxy.hurt("ListOffsets", "hold", seconds=3)
    probe.start()
    assert each_once(records + more, wait_for_outputs(cluster, topic_prefix, 800))
    produce(cluster.bootstrap, last := list(records_of(topic_prefix, 100, seed=9, first=800)))
    assert each_once(records + more + last, wait_for_outputs(cluster, topic_prefix, 900))
    probe.stop()


def test_a_start_while_the_broker_is_down_behind_a_proxy_is_tried_again(cluster, proxy, make_probe):
    """The proxy takes the connection and hangs up, as a port that wants TLS would: no reason to give up for good (78)."""
    proxy.forward_to([1])  # Nobody listens there.
    try:
        probe = make_probe("--instance", "one", cluster=cluster)
        probe.start(wait=False)
        assert processes.wait(probe.process) == 69, probe.log_tail()
    finally:
        proxy.forward_to(cluster.back_ports)


def test_after_trouble_on_the_wire_the_producer_is_renewed(cluster, proxy, topic_prefix, make_daemon, tocsin_binary, tmp_path):
    """What was lost or not answered may arrive late, and end a later transaction: so the next one has a new producer, whatever the
    client has made of the trouble."""
    made = mixed_traffic.arrivals(tocsin_binary, accounts=60, days=21, seed=9)
    expected = replayed(tocsin_binary, tmp_path, [arrival.value for arrival in made])
    kafka_settings.make_topics(cluster, topic_prefix, INPUTS, partitions=1)
    sent = [Record(topic_prefix + "events", arrival.value, arrival.account.encode()) for arrival in made]
    size = len(sent) // (len(TROUBLES) + 1) + 1
    daemon = make_daemon(kafka_settings.text(cluster.front, topic_prefix, INPUTS, MORE)).start()
    renewed = lambda: daemon.metric("tocsin_kafka_producers_renewed_total")  # noqa: E731

    def commit(piece: int) -> None:
        produce(cluster.bootstrap, sent[piece * size : (piece + 1) * size])
        wait_until_committed(cluster.bootstrap, topic_prefix + "tocsin", {topic_prefix + "events": 1}, min((piece + 1) * size, len(sent)))

    commit(0)
    assert renewed() == 0  # Nor is it renewed without any.
    for piece, (api, action) in enumerate(TROUBLES, start=1):
        before = renewed()
        proxy.hurt(api, action)
        commit(piece)
        assert proxy.happened[f"{api} {action}"] == 1
        processes.wait_until(lambda before=before: renewed() > before, f"a new producer after {api}")
        # By the mark of the request, that is: a commit that fails has its own way to a new producer.
        assert daemon.metric("tocsin_commit_failures_total") == 0, api
    daemon.stop()
    for kind in KINDS:
        assert [comparable(kind, record.value) for record in consume(cluster.bootstrap, topic_prefix + kind)] == expected[kind], kind
