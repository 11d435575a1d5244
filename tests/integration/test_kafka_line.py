"""The engine behind a line that keeps single requests waiting (tests/support/fault_proxy.py)."""

import pytest
from support import processes
from support.fault_proxy import FaultProxy
from support.kafka_broker import KafkaCluster
from support.kafka_client import produce
from support.kafka_probe import create_topics, each_once, records_of, wait_for_outputs


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
