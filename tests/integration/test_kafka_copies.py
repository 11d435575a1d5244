"""How many copies the topics have that the program makes where nobody has said it: an installation that is none for trying out
loses nothing with one broker."""

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource
from support import kafka_settings, processes
from support.kafka_broker import KafkaCluster

MORE = """\
engine: {workers: 1}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


@pytest.fixture(scope="module")
def three():
    with KafkaCluster(brokers=3) as cluster:
        yield cluster


def all_have(bootstrap: str, prefix: str, count: int) -> bool:
    """All of the daemon's topics, so many copies. Each broker hears of topics by itself."""
    made = copies(bootstrap, prefix)
    return set(made) == {"logins", "changelog", *kafka_settings.OUTPUTS} and set(made.values()) == {count}


def copies(bootstrap: str, prefix: str) -> dict[str, int]:
    topics = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=30).topics
    return {name.removeprefix(prefix): min((len(one.replicas) for one in topic.partitions.values()), default=0)
            for name, topic in topics.items() if name.startswith(prefix)}


def setting(bootstrap: str, topic: str, name: str) -> str:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    (described,) = admin.describe_configs([ConfigResource(ConfigResource.Type.TOPIC, topic)]).values()
    return described.result(30)[name].value


def test_three_of_them_where_there_are_three_brokers(three, make_daemon, topic_prefix):
    daemon = make_daemon(kafka_settings.text(three.bootstrap, topic_prefix, partitions=2, more=MORE)).start()
    for broker in three.bootstrap.split(","):
        processes.wait_until(lambda broker=broker: all_have(broker, topic_prefix, 3), f"the topics to be known to {broker}")
    assert setting(three.bootstrap, topic_prefix + "changelog", "min.insync.replicas") == "2"
    daemon.stop()
    assert "kafka_topic_thin" not in daemon.log.read_text()


def test_brokers_that_are_named_and_still_away_are_waited_for(three, make_daemon, topic_prefix):
    """Topics keep the copies they were made with, and a cluster that is just starting knows fewer brokers than it has."""
    others = [AdminClient({"bootstrap.servers": address}) for address in three.bootstrap.split(",")[:2]]

    def know(count: int) -> bool:
        return all(len(admin.list_topics(timeout=30).brokers) == count for admin in others)

    processes.wait_until(lambda: know(3), "both to know the third", 60)
    three.kill(2)
    try:
        processes.wait_until(lambda: know(2), "the broker to be missed", 60)
        daemon = make_daemon(kafka_settings.text(three.bootstrap, topic_prefix, partitions=2, more=MORE)).start(wait=False)
        processes.wait_until(lambda: daemon.log.exists() and "made with 3 copies once" in daemon.log.read_text(), "the daemon to wait", 60)
        assert copies(three.bootstrap, topic_prefix) == {}
    finally:
        three.start(2)
    processes.wait_until(lambda: daemon.get("/readyz")[0] == 200, "the daemon to be ready", 60)
    processes.wait_until(lambda: all_have(three.bootstrap, topic_prefix, 3), "the topics to be known")
    daemon.stop()


def test_topics_of_an_earlier_default_are_told(three, make_daemon, topic_prefix):
    settings = {"cleanup.policy": "compact", "delete.retention.ms": "604800000"}
    three.create_topic(topic_prefix + "changelog", partitions=2, replicas=1, **settings)
    daemon = make_daemon(kafka_settings.text(three.bootstrap, topic_prefix, partitions=2, more=MORE)).start()
    daemon.stop()
    said = daemon.log.read_text()
    assert f"topic {topic_prefix}changelog has 1 copy, and kafka.replication asks for 3" in said and said.count("kafka_topic_thin") == 1


def test_more_copies_than_brokers_are_told_with_the_key(kafka, make_daemon, topic_prefix):
    wanted = kafka_settings.text(kafka.bootstrap, topic_prefix, partitions=2, replication=3, more=MORE)
    daemon = make_daemon(wanted).start(wait=False)
    processes.wait_until(lambda: daemon.log.exists() and "kafka.replication says how many" in daemon.log.read_text(), "the key", 60)
    daemon.stop()


def test_one_where_there_is_one_broker(kafka, make_daemon, topic_prefix):
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, partitions=2, more=MORE)).start()
    processes.wait_until(lambda: all_have(kafka.bootstrap, topic_prefix, 1), "the topics to be known")
    daemon.stop()
    assert "kafka_topic_thin" not in daemon.log.read_text()
