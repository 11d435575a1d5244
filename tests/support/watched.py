"""A daemon as operators have it, with everything around it: a broker, a mail server, a receiver of webhooks, databases, and
traffic with attacks whose findings analysts answer.

    with Watched(binary, folder) as watched:
        watched.daemon, watched.cluster, watched.sink, watched.receiver
"""

import datetime
import json
import pathlib
import random
import shutil
import threading
import time

from confluent_kafka import Consumer, Producer

from support import population, processes
from support.daemon import Daemon
from support.kafka_broker import KafkaCluster
from support.mail_sink import MailSink
from support.mixed_traffic import POISON, TOPIC_OF
from support.webhook_receiver import WebhookReceiver

PARTITIONS = 4
CONFIG = """\
log: kafka
state_dir: {folder}/state
geoip: {{city: [{data}/city.mmdb], asn: [{data}/asn.mmdb]}}
kafka:
  brokers: {brokers}
  partitions: {partitions}
  heartbeat_interval: 2s
  properties: {{session.timeout.ms: 6000}}
engine:
  workers: 2
  checkpoint_interval: 2s
http:
  metrics_listen: 127.0.0.1:{port}
delivery:
  timeout: 3s
  retry_waits: [1s, 1s, 1s, {waits}]
  mail:
    url: {mail}
    ca: {ca}
    username: {user}
    password: {{file: {folder}/mail.password}}
    from: security@example.com
    connections: 3
  webhooks:
    - {{name: desk, url: "{webhook}", keys: [{{file: {key}}}], allow_private: true, notices: false, tickets: true, connections: 2}}
"""


class Load:
    """Events of a generated population: what is older than `live` seconds of its clock at once, the rest paced, so that it takes
    `seconds`. Event times end with the pace; findings are answered by an analyst who is right most of the time."""

    def __init__(self, binary: pathlib.Path, bootstrap: str, accounts: int, days: int, live: float, seconds: float, seed: int = 7):
        self._events = [json.loads(line) for line in population.events(binary, accounts, days, seed)]
        self._bootstrap, self._live, self._seconds = bootstrap, live, seconds
        self._chance = random.Random(seed)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send), threading.Thread(target=self._answer)]
        self.sent = self.answers = 0
        self.finished = threading.Event()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @staticmethod
    def _time(event: dict) -> float:
        return datetime.datetime.fromisoformat(event["occurred_at"].replace("Z", "+00:00")).timestamp()

    def _send(self) -> None:
        producer = Producer({"bootstrap.servers": self._bootstrap, "partitioner": "murmur2_random", "linger.ms": 5})
        end = self._time(self._events[-1])
        began = time.time()
        for event in self._events:
            left = end - self._time(event)
            # A second of the wall clock is live/seconds seconds of the population's.
            at = began + self._seconds - left / self._live * self._seconds if left < self._live else began - (left - self._live)
            while (wait := at - time.time()) > 0 and not self._stop.is_set():
                producer.poll(0)
                self._stop.wait(min(wait, 0.2))
            if self._stop.is_set():
                break
            moment = datetime.datetime.fromtimestamp(at, datetime.UTC)
            event["occurred_at"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            producer.produce(TOPIC_OF[event["type"]], json.dumps(event, ensure_ascii=False).encode(), event["account_id"].encode())
            self.sent += 1
            if self._chance.random() < 0.004:
                producer.produce("logins", self._chance.choice(POISON), b"nobody")
            producer.poll(0)
        producer.flush(10)
        self.finished.set()

    def _answer(self) -> None:
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "analysts", "auto.offset.reset": "earliest",
                             "isolation.level": "read_committed"})
        producer = Producer({"bootstrap.servers": self._bootstrap, "partitioner": "murmur2_random", "linger.ms": 5})
        consumer.subscribe(["tocsin.findings"])
        while not self._stop.is_set():
            message = consumer.poll(0.2)
            if message is None or message.error() or self._chance.random() < 0.5:
                continue
            finding = json.loads(message.value())
            right = self._chance.random() < 0.8
            by, verdict = ("owner", "not_me" if right else "me") if self._chance.random() < 0.5 else (
                "analyst", "confirmed_fraud" if right else "false_positive")
            self.answers += 1
            event = {"type": "feedback", "event_id": f"answer-{self.answers}", "source": "desk.example.com", "by": by,
                     "account_id": finding["account_id"], "occurred_at": int(time.time() * 1000), "verdict": verdict,
                     "finding_id": finding["finding_id"]}
            producer.produce("account-feedback", json.dumps(event).encode(), finding["account_id"].encode())
            producer.poll(0)
        producer.flush(10)
        consumer.close()


class Watched:
    """Everything runs after `with`; the daemon is ready. `data`: a folder with city.mmdb and asn.mmdb."""

    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, data: pathlib.Path, more: str = ""):
        self.binary, self.folder = binary, folder
        self.data = folder / "geoip"
        self.data.mkdir(parents=True)
        for name in ("city.mmdb", "asn.mmdb"):
            shutil.copy(data / name, self.data / name)
        self.cluster = KafkaCluster()
        self.sink = MailSink(folder / "mail")
        self.receiver = WebhookReceiver()
        self.port = processes.free_port()
        self.environment: dict[str, str] = {}  # Of the daemon, beyond this process's own.
        self._more = more

    def __enter__(self) -> "Watched":
        self.cluster.__enter__()
        for topic in TOPIC_OF.values():
            self.cluster.create_topic(topic, partitions=PARTITIONS)
        self.sink.__enter__()
        self.receiver.__enter__()
        folder = self.folder / "daemon"
        folder.mkdir()
        (folder / "mail.password").write_text(self.sink.password)
        config = CONFIG.format(
            folder=folder, data=self.data, brokers=self.cluster.bootstrap, partitions=PARTITIONS, port=self.port, mail=self.sink.url,
            ca=self.sink.ca, user=self.sink.user, waits=", ".join(["2s"] * 90),  # It is tried until somebody was called, and mended it.
            webhook=self.receiver.url, key=self.receiver.write_secret(folder / "webhook.key"))
        self.daemon = Daemon(self.binary, folder, config + self._more, self.port)
        self.daemon.environment = self.environment
        self.daemon.start(timeout=120)
        return self

    def __exit__(self, *_) -> None:
        self.daemon.close()
        self.receiver.__exit__(None, None, None)
        self.sink.__exit__(None, None, None)
        self.cluster.__exit__(None, None, None)
