#!/usr/bin/python3
"""A real Apache Kafka cluster on the loopback, for tests: one broker, or several for faults.

    with KafkaCluster() as kafka:
        kafka.create_topic("orders", partitions=4)
        ... kafka.bootstrap ...
        kafka.kill(); kafka.start()         # a power cut and what comes after it

From a terminal, `tests/support/kafka_broker.py [--brokers 3]` runs one until Ctrl-C and prints its address.
Every broker dies with the thread that made the cluster, and its data with the cluster.
"""

import argparse
import base64
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support import kafka_artifacts, processes  # noqa: E402

START_SECONDS_MAX = STOP_SECONDS_MAX = 60
_READY = b"Kafka Server started"

# Loopback-sized, and with the exactly-once machinery of a real cluster switched on.
_CONFIG = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}{front_listener}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{front_advertised}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,FRONT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor={replicas}
offsets.topic.num.partitions=4
transaction.state.log.replication.factor={replicas}
transaction.state.log.min.isr={replicas_min}
transaction.state.log.num.partitions=4
transaction.partition.verification.enable=true
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=8388608
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=4000
num.network.threads=2
num.io.threads=2
"""

_LOGGING = """\
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{1} %m%n
"""


class _Broker:
    """One process of the cluster and its folder."""

    def __init__(self, node: int, folder: pathlib.Path, port: int, controller_port: int, front_port: int | None):
        self.node, self.folder, self.port, self.controller_port = node, folder, port, controller_port
        self.front_port, self.back_port = front_port, processes.free_port() if front_port else None
        self.process: subprocess.Popen | None = None
        self.log = folder / "broker.log"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def prepare(self, cluster_id: str, voters: str, brokers: int, more: str = "") -> None:
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        # What `kafka-storage format` writes, without starting a JVM for it.
        (data / "meta.properties").write_text(
            f"version=1\ncluster.id={cluster_id}\nnode.id={self.node}\ndirectory.id={_kafka_uuid()}\n"
        )
        (self.folder / "log4j.properties").write_text(_LOGGING)
        (self.folder / "server.properties").write_text(
            _CONFIG.format(
                node=self.node,
                voters=voters,
                port=self.port,
                controller_port=self.controller_port,
                front_listener=f",FRONT://127.0.0.1:{self.back_port}" if self.front_port else "",
                front_advertised=f",FRONT://127.0.0.1:{self.front_port}" if self.front_port else "",
                data=data,
                replicas=min(brokers, 3),
                replicas_min=min(brokers, 2),
            )
            + more  # The last line for a key counts.
        )

    def launch(self, jvm_flags: list[str]) -> None:
        jars = sorted(str(jar) for jar in kafka_artifacts.jars().glob("*.jar"))
        command = ["java", "-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]
        command += [*jvm_flags, f"-Dlog4j.configuration=file:{self.folder}/log4j.properties"]
        command += ["-cp", ":".join(jars), "kafka.Kafka", str(self.folder / "server.properties")]
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = processes.start(command, stdout=log, stderr=subprocess.STDOUT)

    def ready(self) -> bool:
        """Whether it serves; raises RuntimeError with the end of its log when it has died instead."""
        with open(self.log, "rb") as log:
            log.seek(self._log_start)
            said = log.read()
        if self.process.poll() is not None:
            raise RuntimeError(f"the Kafka broker ended with {self.process.returncode}:\n{said[-3000:].decode(errors='replace')}")
        return _READY in said


class KafkaCluster:
    """Made running. `bootstrap` is its address; brokers are numbered from 0.

    With `front_ports` each broker listens at a second port as well, which it advertises as the front port given: a
    proxy there (support/fault_proxy.py) passes connections on to `back_ports`, and nobody comes past it.

    Thread safety: one thread, which must live as long as the cluster.
    """

    def __init__(self, brokers: int = 1, jvm_flags: list[str] | None = None, front_ports: list[int] | None = None):
        self._jvm_flags = _class_sharing_flags() if jvm_flags is None else jvm_flags
        self._front_ports = front_ports or [None] * brokers
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-kafka-"))
        try:
            self._start_first_time(brokers)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "KafkaCluster":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{broker.port}" for broker in self._brokers)

    @property
    def front(self) -> str:
        """The bootstrap address of those who come through the front ports."""
        return ",".join(f"127.0.0.1:{broker.front_port}" for broker in self._brokers)

    @property
    def back_ports(self) -> list[int]:
        return [broker.back_port for broker in self._brokers]

    @property
    def running(self) -> list[int]:
        """The numbers of the brokers that run."""
        return [broker.node for broker in self._brokers if broker.running]

    def start(self, *nodes: int) -> None:
        """Starts these brokers (all that do not run, when none is named) and waits until they serve."""
        chosen = [self._brokers[node] for node in nodes] or [b for b in self._brokers if not b.running]
        for broker in chosen:
            broker.launch(self._jvm_flags)
        for broker in chosen:
            processes.wait_until(broker.ready, f"Kafka broker {broker.node}", START_SECONDS_MAX)

    def stop(self, *nodes: int) -> None:
        """Shuts these brokers (all, when none is named) down in good order."""
        for broker in self._named(nodes):
            processes.stop(broker.process, STOP_SECONDS_MAX)

    def kill(self, *nodes: int) -> None:
        """SIGKILL to these brokers (all, when none is named)."""
        for broker in self._named(nodes):
            processes.kill(broker.process)

    def pause(self, *nodes: int) -> None:
        """These brokers hang: connections stay open and nothing answers. `resume` ends it."""
        for broker in self._named(nodes):
            processes.pause(broker.process)

    def resume(self, *nodes: int) -> None:
        for broker in self._named(nodes):
            broker.process.send_signal(signal.SIGCONT)

    def create_topic(self, name: str, partitions: int = 1, replicas: int | None = None, **config: str) -> None:
        """Creates a topic, and returns when every broker knows it; `config` are its settings with _ for dots, e.g.
        cleanup_policy="compact"."""
        from confluent_kafka.admin import NewTopic

        replicas = replicas or min(len(self._brokers), 3)
        settings = {key.replace("_", "."): value for key, value in config.items()}
        topic = NewTopic(name, partitions, replicas, config=settings)
        admin = self._admin()  # It has to live until it is answered.
        admin.create_topics([topic], operation_timeout=30)[name].result(240)

        def known(found) -> bool:
            return found is not None and len(found.partitions) == partitions and all(one.leader >= 0 for one in found.partitions.values())

        self._wait_for_topic(name, known, "to be known")

    def delete_topic(self, name: str) -> None:
        """Deletes a topic, and returns when no broker knows it any more: who writes to one of the same name writes to a new one."""
        admin = self._admin()
        admin.delete_topics([name], operation_timeout=30)[name].result(240)
        self._wait_for_topic(name, lambda found: found is None, "to be gone")

    def log_tail(self, characters: int = 3000) -> str:
        """The last words of every broker, for the report of a failed test."""
        logs = (b.log for b in self._brokers if b.log.exists())
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-characters:]}" for log in logs)

    def close(self) -> None:
        """Ends every broker and removes the data. May be called twice."""
        for broker in getattr(self, "_brokers", []):
            if broker.running:
                processes.kill(broker.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _admin(self, address: str | None = None):
        from confluent_kafka.admin import AdminClient

        return AdminClient({"bootstrap.servers": address or self.bootstrap, "log_level": 5})

    def _wait_for_topic(self, name: str, condition, what: str) -> None:
        """Each broker hears of a topic by itself, after the controller has said that it is done."""
        from confluent_kafka import KafkaException

        def holds(broker: _Broker) -> bool:
            try:  # A client that is new asks this broker, and no other.
                found = self._admin(f"127.0.0.1:{broker.port}").list_topics(timeout=10).topics.get(name)
            except KafkaException:  # It has just been killed, or has not come back yet.
                return not broker.running
            return condition(found)

        for broker in self._brokers:
            if broker.running:
                processes.wait_until(lambda broker=broker: holds(broker), f"topic {name} {what} at broker {broker.node}")

    def _more_config(self, broker: _Broker) -> str:
        """Further lines of server.properties, for clusters of another kind."""
        return ""

    def _named(self, nodes) -> list[_Broker]:
        return [self._brokers[node] for node in nodes] or [b for b in self._brokers if b.running]

    def _start_first_time(self, brokers: int) -> None:
        for attempt in range(3):
            self._brokers = [
                _Broker(node, self.folder / f"{attempt}-{node}", processes.free_port(), processes.free_port(), front)
                for node, front in zip(range(brokers), self._front_ports)
            ]
            voters = ",".join(f"{b.node}@127.0.0.1:{b.controller_port}" for b in self._brokers)
            cluster_id = _kafka_uuid()
            for broker in self._brokers:
                broker.prepare(cluster_id, voters, brokers, self._more_config(broker))
            try:
                return self.start()
            except RuntimeError as error:
                # Somebody took a port between our choosing and the broker's binding it.
                if "BindException" not in str(error) and "Address already in use" not in str(error):
                    raise
                self.kill()
        raise RuntimeError("no free ports for the Kafka brokers after three attempts")


def _kafka_uuid() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


def _class_sharing_flags() -> list[str]:
    """Lets brokers start from parsed classes. The first cluster on a machine makes them, by a short-lived broker."""
    archive = kafka_artifacts.shared_classes()
    if not archive.exists():
        with kafka_artifacts.locked(kafka_artifacts.cache_folder() / "kafka-classes.lock"):
            if not archive.exists():
                _make_shared_classes(archive)
    return [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []  # Without them it only takes longer.


def _make_shared_classes(archive: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".classes-") as scratch:
        made = pathlib.Path(scratch) / "broker.jsa"
        with KafkaCluster(jvm_flags=[f"-XX:ArchiveClassesAtExit={made}"]) as trainer:
            trainer.create_topic("training")
            trainer.stop()
        if made.exists():  # A machine may be too slow for the end of that broker, which writes it.
            made.rename(archive)


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs a Kafka cluster on the loopback until Ctrl-C.")
    parser.add_argument("--brokers", type=int, default=1)
    parser.add_argument("--topic", action="append", default=[], metavar="NAME[:PARTITIONS]", help="create it; may repeat")
    options = parser.parse_args()

    def end(*_):
        for ending in (signal.SIGINT, signal.SIGTERM):  # A second one must not interrupt the tidying.
            signal.signal(ending, signal.SIG_IGN)
        sys.exit(0)

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, end)
    started = time.monotonic()
    try:
        with KafkaCluster(options.brokers) as kafka:
            for topic in options.topic:
                name, _, partitions = topic.partition(":")
                kafka.create_topic(name, int(partitions or 1))
            print(kafka.bootstrap, flush=True)
            print(f"kafka: ready after {time.monotonic() - started:.1f} s; Ctrl-C ends it", file=sys.stderr)
            signal.pause()
    except kafka_artifacts.FetchError as error:
        print(f"kafka: {error}", file=sys.stderr)
        return 69


if __name__ == "__main__":
    sys.exit(main())
