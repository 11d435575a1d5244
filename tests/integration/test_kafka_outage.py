"""No broker answers for a minute, while more waits than the process may hold: it neither ends nor grows, says what it waits for, and
in the end has said what one uninterrupted run says. And one that begins at the worst moment of a commit, for longer; and one for the
mover of `kafka.ingest: rekey`.
"""

import pathlib
import subprocess
import time

from support import kafka_client, kafka_settings, mixed_traffic, processes
from support.compared import KINDS, comparable, replayed
from support.fault_proxy import FaultProxy
from support.kafka_broker import KafkaCluster
from support.kafka_client import Record, consume, produce

INPUTS = ("events",)  # One topic: its order is that of a replay, whatever is fetched first after the outage.
OUTAGE_SECONDS = 60
LONG_OUTAGE_SECONDS = 105  # A worker that does nothing for 90 seconds hangs, unless it waits for brokers.
READY_UNTIL_SECONDS = 20
QUEUE_BYTES = 32 << 20  # What the client takes of what waits: the backlog is more.
ANSWER_BYTES_MAX = 1 << 20  # Of one partition, unless a single batch is more.
# A member that no decoder looks at.
PADDING = b',"padding":"' + b"x" * 9000 + b'"}'
GROWTH_BYTES_MAX = 24 << 20
COMMIT_KEY = b"\0"  # Of the record with which a commit ends in the changelog.
MORE = """\
engine: {workers: 1, commit_events: 200}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


def test_an_outage_with_a_full_backlog_costs_no_memory_and_no_event(kafka, make_daemon, topic_prefix, tocsin_binary, tmp_path):
    made = mixed_traffic.arrivals(tocsin_binary, accounts=220, days=21, seed=9)
    values = [arrival.value if arrival.poison else arrival.value.rstrip().removesuffix(b"}") + PADDING for arrival in made]
    assert sum(map(len, values)) > 4 * QUEUE_BYTES
    expected = replayed(tocsin_binary, tmp_path, values)

    kafka_settings.make_topics(kafka, topic_prefix, INPUTS, partitions=1)
    sent = [Record(topic_prefix + "events", value, arrival.account.encode()) for arrival, value in zip(made, values)]
    produce(kafka.bootstrap, sent[: len(sent) // 4])
    daemon = make_daemon(kafka_settings.text(kafka.bootstrap, topic_prefix, INPUTS, MORE))
    # What sanitizers keep of freed memory is not the program's.
    daemon.environment["ASAN_OPTIONS"] = "quarantine_size_mb=8"
    daemon.start()

    def resident() -> float:
        return daemon.metric("process_resident_memory_bytes")

    # The client counts its connections every five seconds.
    processes.wait_until(lambda: daemon.metric("tocsin_kafka_brokers_connected", client="consumer") > 0, "a connection")
    produce(kafka.bootstrap, sent[len(sent) // 4 :])
    backlog = QUEUE_BYTES / len(PADDING)
    # A few hundred of them may be worked on before a commit meets the outage.
    processes.wait_until(lambda: daemon.metric("tocsin_lag_events") > backlog + 1000, "more to wait than the client takes")
    before = resident()
    kafka.kill()
    gone = time.monotonic()
    during, waits, ready = [], [], []
    try:
        while time.monotonic() - gone < OUTAGE_SECONDS:
            assert daemon.running and daemon.get("/livez")[0] == 200, daemon.log_tail()
            during.append(resident())
            waits.append((daemon.metric("tocsin_lag_events"), daemon.metric("tocsin_lag_seconds")))
            ready.append(daemon.get("/readyz"))
            time.sleep(0.5)
    finally:
        kafka.start()
    assert max(during) - before < GROWTH_BYTES_MAX, (before, during)
    assert ready[-1][0] == 503 and "no broker can be reached" in ready[-1][1], ready
    assert all(events > backlog for events, _ in waits), waits
    assert waits[-1][1] - waits[0][1] > OUTAGE_SECONDS / 2, waits

    committed = lambda: kafka_client.committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + "events": 1})  # noqa: E731
    processes.wait_while_it_goes_on(lambda: committed() == len(sent), "everything to be committed", committed)
    processes.wait_until(lambda: daemon.metric("tocsin_lag_events") == 0 and daemon.get("/readyz")[0] == 200, "it to be ready")
    for kind in KINDS:
        assert [comparable(kind, record.value) for record in consume(kafka.bootstrap, topic_prefix + kind)] == expected[kind], kind
    daemon.stop()


def test_who_loses_its_partitions_to_an_outage_says_what_waited(make_daemon, topic_prefix, tocsin_binary):
    """The client gives them up when its session is over, though nobody else has them: what it knew of them stays said."""
    made = [arrival for arrival in mixed_traffic.arrivals(tocsin_binary, accounts=60, days=21, seed=9) if not arrival.poison]
    sent = [Record(topic_prefix + "events", arrival.value.rstrip().removesuffix(b"}") + PADDING, arrival.account.encode()) for arrival in made]
    assert sum(len(record.value) for record in sent[1:]) > 8 * ANSWER_BYTES_MAX
    with FaultProxy() as proxy, KafkaCluster(front_ports=proxy.ports) as kafka:
        proxy.forward_to(kafka.back_ports)
        kafka_settings.make_topics(kafka, topic_prefix, INPUTS, partitions=1)
        produce(kafka.bootstrap, sent[:1])
        daemon = make_daemon(kafka_settings.text(kafka.front, topic_prefix, INPUTS, MORE))
        daemon.start()
        committed = lambda: kafka_client.committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + "events": 1})  # noqa: E731
        processes.wait_until(lambda: committed() == 1, "the first to be committed")
        # An answer that says how much there is, and brings a part of it, is the last; and of that all is committed: in the middle of a
        # commit it would wait for the brokers, and keep what it has.
        proxy.freeze()
        produce(kafka.bootstrap, sent[1:])
        proxy.hurt("Fetch", "hold", seconds=0)
        proxy.hurt("Fetch", "hold", seconds=600)
        proxy.thaw()
        processes.wait_until(lambda: 1 < committed() == len(sent) - daemon.metric("tocsin_lag_events"), "a part to be committed")
        # The group has its offset before the process has heard that its commit is done.
        made_commits = sum(record.key == COMMIT_KEY for record in consume(kafka.bootstrap, topic_prefix + "changelog"))
        processes.wait_until(lambda: daemon.metric("tocsin_commits_total") == made_commits, "it to know of its commits")
        proxy.refuse()
        proxy.cut()
        processes.wait_until(lambda: daemon.metric("tocsin_kafka_partitions_lost_total") > 0, "its session to be over", 90)
        least = len(sent) / 2
        gone = time.monotonic()
        waits = []
        while time.monotonic() - gone < 10:
            waits.append((daemon.metric("tocsin_lag_events"), daemon.metric("tocsin_lag_seconds")))
            time.sleep(0.5)
        assert all(events > least for events, _ in waits) and waits[-1][1] > waits[0][1], waits
        proxy.heal()
        processes.wait_while_it_goes_on(lambda: committed() == len(sent), "everything to be committed", committed)
        processes.wait_until(lambda: daemon.metric("tocsin_lag_events") == 0 and daemon.get("/readyz")[0] == 200, "it to be ready")
        daemon.stop()


def test_an_outage_in_the_middle_of_a_commit_is_waited_for(make_daemon, topic_prefix, tocsin_binary):
    """Between a commit's records and its positions: there librdkafka waits for the group's coordinator, whatever time it was given."""
    made = [arrival for arrival in mixed_traffic.arrivals(tocsin_binary, accounts=20, days=7, seed=9) if not arrival.poison]
    with FaultProxy() as proxy, KafkaCluster(front_ports=proxy.ports) as kafka:
        proxy.forward_to(kafka.back_ports)
        kafka_settings.make_topics(kafka, topic_prefix, INPUTS, partitions=1)
        sent = [Record(topic_prefix + "events", arrival.value, arrival.account.encode()) for arrival in made]
        produce(kafka.bootstrap, sent[: len(sent) // 2])
        daemon = make_daemon(kafka_settings.text(kafka.front, topic_prefix, INPUTS, MORE))
        daemon.start()
        committed = lambda: kafka_client.committed(kafka.bootstrap, topic_prefix + "tocsin", {topic_prefix + "events": 1})  # noqa: E731
        processes.wait_until(lambda: committed() == len(sent) // 2, "the first half to be committed")

        proxy.hurt("TxnOffsetCommit", "outage")
        produce(kafka.bootstrap, sent[len(sent) // 2 :])
        processes.wait_until(lambda: proxy.happened["TxnOffsetCommit outage"] == 1, "a commit to be met")
        gone = time.monotonic()
        while time.monotonic() - gone < LONG_OUTAGE_SECONDS:
            assert daemon.running and daemon.get("/livez")[0] == 200, daemon.log_tail()
            if time.monotonic() - gone > READY_UNTIL_SECONDS:
                status, why = daemon.get("/readyz")
                connected = {client: daemon.metric("tocsin_kafka_brokers_connected", client=client) for client in ("consumer", "producer")}
                assert status == 503 and "no broker can be reached" in why, (why, connected)
                assert connected == {"consumer": 0, "producer": 0}
            time.sleep(1)
        assert committed() == len(sent) // 2
        proxy.heal()
        processes.wait_while_it_goes_on(lambda: committed() == len(sent), "everything to be committed", committed)
        processes.wait_until(lambda: daemon.get("/readyz")[0] == 200, "it to be ready")
        daemon.stop()


def test_an_outage_leaves_the_mover_what_it_knew(make_daemon, topic_prefix, tocsin_binary):
    """What waits in the sources stays said; and one producer waits for the brokers, as librdkafka 2.0 does not always bear handles that
    come and go while no broker answers (its issue 3608)."""
    made = [arrival for arrival in mixed_traffic.arrivals(tocsin_binary, accounts=60, days=21, seed=9) if not arrival.poison]
    sent = [Record(topic_prefix + "events", arrival.value.rstrip().removesuffix(b"}") + PADDING) for arrival in made]
    rekey = {"ingest": "rekey", "rekeyed_topic": topic_prefix + "rekeyed", "partitions": 1, "instance": "one"}
    properties = {"transaction.timeout.ms": "3000"}  # So long it waits for records to be taken.
    mover = topic_prefix + "tocsin.one.rekey"
    with FaultProxy() as proxy, KafkaCluster(front_ports=proxy.ports) as kafka:
        proxy.forward_to(kafka.back_ports)
        kafka.create_topic(topic_prefix + "events")
        daemon = make_daemon(kafka_settings.text(kafka.front, topic_prefix, INPUTS, MORE, properties=properties, **rekey)).start()
        # Batches are moved so slowly that what waits behind them is said before one meets the outage.
        proxy.hurt("EndTxn", "hold", times=100, seconds=1, of=mover)
        produce(kafka.bootstrap, sent)
        processes.wait_until(lambda: daemon.metric("tocsin_lag_events") > len(sent) / 2, "what waits to be said")
        proxy.hurt("Produce", "outage", of=mover)
        processes.wait_until(lambda: proxy.happened["Produce outage"] == 1, "a batch to meet it")

        def clients() -> set[str]:
            """The main threads of all handles."""
            threads = pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir()
            return {thread.name for thread in threads if (thread / "comm").read_text() == "rdk:main\n"}

        seen, waits = [], []

        def refused() -> bool:
            complaints = [line["msg"] for line in daemon.said() if line["code"] == "rekey_recovers"]
            seen.append(clients())
            if complaints:  # What met the outage is given up.
                waits.append((daemon.metric("tocsin_lag_events"), daemon.metric("tocsin_lag_seconds")))
            return any("rekey producer" in complaint for complaint in complaints)

        processes.wait_until(refused, "a producer that was not answered", 60, pause=0.3)
        time.sleep(3)
        assert clients() == seen[-2], "the producer that waited is gone"
        assert all(events > len(sent) / 4 for events, _ in waits) and waits[-1][1] > waits[0][1] + 5, waits
        proxy.heal()
        committed = lambda: kafka_client.committed(kafka.bootstrap, topic_prefix + "tocsin.rekey", {topic_prefix + "events": 1})  # noqa: E731
        processes.wait_while_it_goes_on(lambda: committed() == len(sent), "everything to be moved", committed)
        processes.wait_until(lambda: daemon.metric("tocsin_lag_events") == 0, "nothing to wait")
        daemon.stop()
