"""The engine over a real broker: whatever is killed, stopped, restarted or added, every record counts exactly once.

The probe (kafka_engine_probe.cc) puts out "<key> <count> <value>" for each record. When every record of a key is
there once, with counts 1, 2, 3 … in the order of the records' times, then nothing was lost, nothing was done twice,
and no record met an old state.
"""

import random
import re
import shutil
import signal
import subprocess
import time

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions

import pytest
from support import processes
from support.kafka_client import Record, consume_until, members, produce
from support.kafka_probe import PARTITIONS, create_topics, each_once, merged, outputs, records_of, wait_for_outputs


def test_topics_are_merged_by_time_and_a_clean_restart_goes_on(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    first = list(records_of(topic_prefix, 3000, seed=1))
    produce(kafka.bootstrap, first)
    probe = make_probe("--instance", "one")
    probe.start()
    assert sorted(wait_for_outputs(kafka, topic_prefix, len(first))) == sorted(merged(first))
    probe.stop()

    more = list(records_of(topic_prefix, 1000, seed=2, first=3000))
    produce(kafka.bootstrap, more)
    probe.start()
    assert sorted(wait_for_outputs(kafka, topic_prefix, 4000)) == sorted(merged(first + more))
    probe.stop()


def test_killed_again_and_again(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260301)
    records = list(records_of(topic_prefix, 12000, seed=3))
    produce(kafka.bootstrap, records)
    probe = make_probe("--instance", "one", "--workers", "2")
    for _ in range(12):
        probe.start(wait=False)
        time.sleep(rng.uniform(0.2, 2.0))
        probe.kill()
    probe.start()
    assert sorted(wait_for_outputs(kafka, topic_prefix, len(records))) == sorted(merged(records))
    probe.stop()


def test_killed_while_records_arrive(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260302)
    probe = make_probe("--instance", "one")
    records = []
    for round_ in range(8):
        probe.start()
        for _ in range(5):
            batch = list(records_of(topic_prefix, 100, seed=len(records), first=len(records)))
            produce(kafka.bootstrap, batch)
            records += batch
            time.sleep(rng.uniform(0, 0.3))
        probe.kill()
        if round_ == 4:  # The changelog alone is enough.
            shutil.rmtree(probe.folder / "state", ignore_errors=True)
    probe.start()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    probe.stop()
    assert each_once(records, outputs(kafka, topic_prefix))


def test_members_join_and_leave(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260303)
    steady, guest = make_probe("--workers", "2"), make_probe()
    steady.start()
    records = []
    for round_ in range(6):
        if round_ % 2 == 0:
            guest.start()
        for _ in range(8):
            batch = list(records_of(topic_prefix, 100, seed=1000 + len(records), first=len(records)))
            produce(kafka.bootstrap, batch)
            records += batch
            time.sleep(rng.uniform(0, 0.4))
        if round_ == 1:
            guest.stop()
        elif round_ % 2 == 1:
            guest.kill()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    steady.stop()


def test_what_stays_where_it_was_goes_on_with_its_states(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    steady, guest = make_probe(), make_probe()
    steady.start()
    records = []
    for round_ in range(4):
        batch = list(records_of(topic_prefix, 400, seed=1500 + round_, first=len(records)))
        produce(kafka.bootstrap, batch)
        records += batch
        wait_for_outputs(kafka, topic_prefix, len(records))
        if round_ < 3:
            guest.stop() if round_ % 2 else guest.start()
            count = 1 if round_ % 2 else 2
            processes.wait_until(lambda: len(members(kafka.bootstrap, topic_prefix + "group")) == count, f"{count} members")
    guest.stop()
    assert each_once(records, outputs(kafka, topic_prefix))
    steady.stop()
    resumed = int(re.search(r"resumed (\d+)", steady.log_tail()).group(1))
    assert resumed >= 3 * (PARTITIONS // 2), f"{resumed} of its partitions, half of which stayed three times"


@pytest.mark.parametrize("fall", ["kill", "stop"])
def test_the_broker_restarts(kafka, topic_prefix, make_probe, fall):
    create_topics(kafka, topic_prefix)
    probe = make_probe("--instance", "one", "--workers", "2")
    probe.start()
    records = []
    for round_ in range(3):
        batch = list(records_of(topic_prefix, 2000, seed=2000 + round_, first=len(records)))
        produce(kafka.bootstrap, batch)
        records += batch
        if round_ < 2:
            time.sleep(0.5)
            getattr(kafka, fall)()
            kafka.start()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    probe.stop()


def test_a_process_that_sleeps_through_its_dismissal_commits_nothing_more(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    rng = random.Random(20260304)
    sleeper, other = make_probe(), make_probe()
    sleeper.start()
    other.start()
    records = []

    def send(rounds):
        for _ in range(rounds):
            batch = list(records_of(topic_prefix, 100, seed=3000 + len(records), first=len(records)))
            produce(kafka.bootstrap, batch)
            records.extend(batch)
            time.sleep(rng.uniform(0, 0.2))

    for _ in range(3):
        send(8)
        processes.pause(sleeper.process)  # Somewhere in a batch or a commit.
        send(10)
        processes.wait_until(lambda: len(members(kafka.bootstrap, topic_prefix + "group")) == 1, "its dismissal")
        time.sleep(1)  # The other takes its partitions over.
        send(5)
        sleeper.process.send_signal(signal.SIGCONT)
        send(5)
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    sleeper.stop()
    other.stop()
    assert each_once(records, outputs(kafka, topic_prefix))


def test_a_broker_that_hangs_for_longer_than_a_transaction_lives(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    probe = make_probe("--instance", "one", "--property", "transaction.timeout.ms=5000")
    probe.start()
    records = []
    for round_ in range(2):
        batch = list(records_of(topic_prefix, 3000, seed=4000 + round_, first=len(records)))
        produce(kafka.bootstrap, batch)
        records += batch
        time.sleep(0.3)
        kafka.pause()
        time.sleep(8)
        kafka.resume()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    probe.stop()


def test_input_in_transactions(kafka, topic_prefix, make_probe):
    """Aborted records are not seen, and the markers between records keep nobody waiting."""
    create_topics(kafka, topic_prefix)
    probe = make_probe("--instance", "one")
    probe.start()
    records = []
    for round_ in range(4):
        batch = list(records_of(topic_prefix, 50, seed=5000 + round_, first=len(records)))
        produce(kafka.bootstrap, batch, transactional_id="platform")
        produce(kafka.bootstrap, [Record(topic_prefix + "logins", b"0.aborted", b"account-1")], "platform", commit=False)
        records += batch
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    probe.stop()
    probe.start()
    produce(kafka.bootstrap, more := list(records_of(topic_prefix, 10, seed=5100, first=len(records))))
    assert each_once(records + more, wait_for_outputs(kafka, topic_prefix, len(records) + 10))
    probe.stop()


def test_an_erased_account_begins_again(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    probe = make_probe("--instance", "one")
    texts = [b"a", b"b", b"erase", b"c"]
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", text, b"account-1") for text in texts])
    probe.start()
    assert wait_for_outputs(kafka, topic_prefix, 3) == [b"account-1 1 a", b"account-1 2 b", b"account-1 1 c"]
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", b"erase", b"account-1")])
    kafka_changelog = topic_prefix + "tocsin.changelog"
    consume_until(kafka.bootstrap, kafka_changelog, lambda r: sum(x.value is None for x in r) >= 2, "tombstones")
    probe.kill()
    shutil.rmtree(probe.folder / "state")
    probe.start()
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", b"d", b"account-1")])
    assert wait_for_outputs(kafka, topic_prefix, 4)[-1] == b"account-1 1 d"
    probe.stop()


def refusal(probe):
    probe.start(wait=False)
    assert processes.wait(probe.process) == 78, probe.log_tail()
    return probe.log_tail()


def test_topics_that_do_not_fit_are_refused(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    said = refusal(make_probe("--existing-only"))
    command = f"--create --topic {topic_prefix}tocsin.changelog --partitions 4 --replication-factor 1 --config cleanup.policy=compact"
    assert command in said

    kafka.create_topic(topic_prefix + "extra", partitions=3)
    said = refusal(make_probe("--inputs", "logins,extra"))
    assert f"{topic_prefix}logins 4, {topic_prefix}extra 3" in said

    kafka.create_topic(topic_prefix + "tocsin.changelog", partitions=PARTITIONS)
    said = refusal(make_probe())
    assert "cleanup.policy=delete" in said and "kafka-configs.sh --bootstrap-server" in said and "--alter" in said

    kafka.create_topic(topic_prefix + "brief.tocsin.changelog", PARTITIONS, cleanup_policy="compact", delete_retention_ms="3600000")
    said = refusal(make_probe("--prefix", topic_prefix + "brief."))
    assert "delete.retention.ms=3600000, less than a day" in said and "--add-config delete.retention.ms=604800000" in said

    kafka.delete_topic(topic_prefix + "tocsin.changelog")
    kafka.create_topic(topic_prefix + "tocsin.packed", cleanup_policy="compact")
    said = refusal(make_probe("--findings", "tocsin.packed"))
    assert f"{topic_prefix}tocsin.packed" in said and "--add-config cleanup.policy=delete" in said
    kafka.create_topic(topic_prefix + "tocsin.few", min_insync_replicas="2")
    said = refusal(make_probe("--findings", "tocsin.few"))
    assert "nothing can be written to it" in said and "--add-config min.insync.replicas=1" in said

    assert "enable.auto.commit" in refusal(make_probe("--property", "enable.auto.commit=true"))
    assert "rests on it" in refusal(make_probe("--property", "isolation.level=read_uncommitted"))


def test_more_partitions_are_refused_while_running(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    probe = make_probe("--instance", "one", "--property", "topic.metadata.refresh.interval.ms=500")
    probe.start()
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", b"a", b"account-1")])
    wait_for_outputs(kafka, topic_prefix, 1)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_partitions([NewPartitions(topic_prefix + "logins", PARTITIONS + 1)])[topic_prefix + "logins"].result(120)
    processes.wait_until(lambda: probe.said("has 5 partitions now, 4 when"), "the refusal", 30)
    probe.stop()


def truncate(probe, kafka, topic, partition, before):
    """What retention does to a partition."""
    place = [topic, str(partition), str(before)]
    subprocess.run([probe.binary, "--delete-records", kafka.bootstrap, *place], check=True, timeout=120)


def test_records_that_retention_took_are_missed(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    logins = topic_prefix + "logins"
    probe = make_probe("--instance", "one")
    probe.start()
    produce(kafka.bootstrap, [Record(logins, b"a", b"account-1", partition=0)])
    wait_for_outputs(kafka, topic_prefix, 1)
    probe.stop()
    produce(kafka.bootstrap, [Record(logins, b"%d" % i, b"account-1", partition=0) for i in range(10)])
    truncate(probe, kafka, logins, 0, 6)
    probe.start()
    processes.wait_until(lambda: probe.said("kafka_input_lost"), "the alarm", 30)
    processes.wait_until(lambda: probe.said("probe_stopped: 1 partitions"), "the count that the alert sees", 30)
    probe.stop()
    assert outputs(kafka, topic_prefix) == [b"account-1 1 a"]

    willing = make_probe("--instance", "one", "--property", "auto.offset.reset=earliest", name="probe-0")
    willing.start()
    assert wait_for_outputs(kafka, topic_prefix, 6)[1:] == [b"account-1 %d %d" % (i - 3, i) for i in range(5, 10)]
    willing.stop()


def test_offsets_ahead_of_the_changelog_stop_the_partition(kafka, topic_prefix, make_probe):
    """As they are when the cluster has lost the newest commit; back where they were, the work goes on."""
    create_topics(kafka, topic_prefix)
    logins = topic_prefix + "logins"
    probe = make_probe("--instance", "one")
    probe.start()
    produce(kafka.bootstrap, [Record(logins, b"%d" % i, b"account-1", partition=0) for i in range(10)])
    wait_for_outputs(kafka, topic_prefix, 10)
    probe.stop()
    produce(kafka.bootstrap, [Record(logins, b"%d" % i, b"account-1", partition=0) for i in range(10, 20)])

    def move_to(offset):
        mover = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": topic_prefix + "group"})
        mover.commit(offsets=[TopicPartition(logins, 0, offset)], asynchronous=False)
        mover.close()

    processes.wait_until(lambda: not members(kafka.bootstrap, topic_prefix + "group"), "the member to be gone")
    move_to(15)
    probe.start()
    processes.wait_until(lambda: probe.said(f"stands at 10 of {logins}:0, the group's offset at 15"), "the alarm", 30)
    produce(kafka.bootstrap, [Record(logins, b"other", b"account-2", partition=1)])
    assert sum(line.startswith(b"account-1") for line in wait_for_outputs(kafka, topic_prefix, 11)) == 10
    probe.stop()

    processes.wait_until(lambda: not members(kafka.bootstrap, topic_prefix + "group"), "the member to be gone")
    move_to(10)
    probe.start()
    found = wait_for_outputs(kafka, topic_prefix, 21)
    assert sorted(found) == sorted([b"account-2 1 other"] + [b"account-1 %d %d" % (i + 1, i) for i in range(20)])
    probe.stop()


def test_a_topic_made_anew_is_not_taken_for_the_old_one(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    logins = topic_prefix + "logins"
    probe = make_probe("--instance", "one", "--property", "auto.offset.reset=earliest")
    probe.start()
    produce(kafka.bootstrap, [Record(logins, b"%d" % i, b"account-1", partition=0) for i in range(10)])
    wait_for_outputs(kafka, topic_prefix, 10)
    probe.stop()
    kafka.delete_topic(logins)
    kafka.create_topic(logins, partitions=PARTITIONS)
    produce(kafka.bootstrap, [Record(logins, b"new", b"account-1", partition=0)])
    probe.start()
    processes.wait_until(lambda: probe.said("was made anew"), "the alarm", 30)
    probe.stop()
    assert len(outputs(kafka, topic_prefix)) == 10


def test_a_topic_that_is_no_longer_read_may_be_deleted(kafka, topic_prefix, make_probe):
    create_topics(kafka, topic_prefix)
    logins, old = topic_prefix + "logins", topic_prefix + "transactions"
    both = make_probe("--instance", "one", "--inputs", "logins,transactions")
    both.start()
    records = [Record(topic, b"%d" % i, b"account-1", partition=0) for i in range(5) for topic in (logins, old)]
    produce(kafka.bootstrap, records)
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    both.stop()
    kafka.delete_topic(old)

    rest = make_probe("--instance", "one", "--inputs", "logins", name="probe-0")
    for round_ in range(3):
        if round_ == 2:  # As the changelog says, without a checkpoint.
            shutil.rmtree(rest.folder / "state" / "accounts")
        rest.start()
        more = [Record(logins, b"%d" % (10 * (round_ + 1) + i), b"account-1", partition=0) for i in range(5)]
        produce(kafka.bootstrap, more)
        records += more
        assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
        rest.stop()
    assert "partition_recovers" not in rest.log_tail()
    assert each_once(records, outputs(kafka, topic_prefix))


def test_two_processes_of_one_name(kafka, topic_prefix, make_probe):
    """A mistake of the operator costs time, not records."""
    create_topics(kafka, topic_prefix)
    one, twin = make_probe("--instance", "one"), make_probe("--instance", "one")
    one.start()
    records = []
    for round_ in range(12):
        batch = list(records_of(topic_prefix, 200, seed=6000 + round_, first=len(records)))
        produce(kafka.bootstrap, batch)
        records += batch
        if round_ == 3:
            twin.start()
    processes.wait_until(lambda: one.said("kafka.instance must be unique"), "the alarm", 30)
    one.stop()
    assert each_once(records, wait_for_outputs(kafka, topic_prefix, len(records)))
    twin.stop()
    assert each_once(records, outputs(kafka, topic_prefix))
