"""`tocsin doctor` against real dependencies that are well, and that are ill in the ways they are ill at night; and what the
daemon tells a supervisor."""

import os
import pathlib
import re
import socket
import subprocess

from support import kafka_settings, processes, secure_kafka
from support.embedded import CONFIG
from support.kafka_client import consume
from support.mail_sink import MailSink, without_starttls
from support.request_tracker_server import RequestTracker
from support.webhook_receiver import WebhookReceiver

TIMEOUT_SECONDS = 600
TOKEN = "a-token-of-thirty-two-characters"
ADMIN = """\
  admin_listen: 127.0.0.1:0
  admin_token: {{file: {folder}/admin.token}}
"""


def files_below(folder: pathlib.Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_finds_a_good_machine_good_and_leaves_nothing_behind(doctor, tmp_path):
    (tmp_path / "admin.token").write_text(TOKEN)
    code, checks, said = doctor(CONFIG + ADMIN.format(folder=tmp_path))
    assert code == 0, said
    assert checks["state_dir"]["health"] == "good" and "will be made" in checks["state_dir"]["what"]
    assert checks["http.admin"]["health"] == "good"
    assert checks["geoip"]["health"] == "warning" and "geoip.city" in checks["geoip"]["remedy"]
    assert files_below(tmp_path) == {"admin.token", "tocsin.yaml"}
    assert TOKEN not in said
    code, _, _ = doctor(CONFIG, "--strict")
    assert code == 1  # No GeoIP database is a warning.


def test_tells_every_error_of_the_configuration(doctor):
    code, _, said = doctor(CONFIG + "engine: {wrokers: 1, commit_events: -1}\n")
    assert code == 78
    assert "engine.workers" in said and "engine.commit_events" in said


def test_beside_a_running_daemon(doctor, make_daemon, tmp_path):
    daemon = make_daemon(CONFIG).start()
    code, checks, said = doctor(CONFIG.replace("{folder}", str(daemon.folder)))
    assert code == 0, said
    assert "held by a running daemon" in checks["state_dir"]["what"]
    daemon.stop()
    _, checks, _ = doctor(CONFIG.replace("{folder}", str(daemon.folder)))
    assert "can be written to" in checks["state_dir"]["what"]


def test_a_log_of_another_number_of_partitions(doctor, tocsin_binary, make_daemon):
    """Also said by check, where it is at hand: the daemon would end with 78."""
    daemon = make_daemon(CONFIG).start()
    daemon.stop()
    wrong = daemon.config.read_text().replace("partitions: 1", "partitions: 2")
    code, checks, said = doctor(wrong)
    assert code == 78 and "made with 1 partitions, not 2" in checks["local.partitions"]["what"], said
    check = [str(tocsin_binary), "check", "--config", str(daemon.config)]
    assert subprocess.run(check, capture_output=True, timeout=TIMEOUT_SECONDS, check=False).returncode == 0
    daemon.config.write_text(wrong)
    said = subprocess.run(check, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    assert said.returncode == 78 and "local.partitions: " in said.stderr and "not 2" in said.stderr


def test_a_state_directory_that_is_a_file(doctor, tocsin_binary, tmp_path):
    (tmp_path / "state").write_text("")
    for config in (CONFIG, CONFIG.replace("{folder}/state", "{folder}/state/below")):
        code, checks, said = doctor(config)
        assert code == 78 and checks["state_dir"]["health"] == "bad" and "is no directory" in checks["state_dir"]["what"], said
        # The daemon is of the same opinion, and a supervisor does not start it again and again.
        command = [str(tocsin_binary), "run", "--config", str(tmp_path / "tocsin.yaml")]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
        assert ran.returncode == 78 and "is no directory" in ran.stderr, ran.stderr


def test_a_database_that_is_none(doctor, tmp_path):
    (tmp_path / "city.mmdb").write_bytes(b"not a database")
    code, checks, _ = doctor(CONFIG + "geoip: {city: city.mmdb}\n")
    assert code == 78 and "city.mmdb" in checks["geoip"]["what"]


def test_reaches_relay_and_webhook_and_sends_nothing(doctor, tmp_path):
    with MailSink(tmp_path / "mail") as sink, WebhookReceiver() as receiver:
        key = receiver.write_secret(tmp_path / "webhook.key")
        (tmp_path / "mail.password").write_text(sink.password)
        mail = (
            f"delivery:\n  mail: {{url: '{sink.url}', ca: '{sink.ca}', username: {sink.user}, "
            f"password: {{file: {tmp_path}/mail.password}}, from: security@example.com}}\n"
        )
        hooks = f"  webhooks: [{{name: app, url: '{receiver.url}', keys: [{{file: {key}}}], allow_private: ALLOW}}]\n"
        code, checks, said = doctor(CONFIG + mail + hooks.replace("ALLOW", "true"))
        assert code == 0, said
        assert checks["delivery.mail"]["health"] == checks["delivery.webhook.app"]["health"] == "good"
        assert sink.mails == [] and receiver.requests == []

        (tmp_path / "mail.password").write_text("hunter2")
        code, checks, said = doctor(CONFIG + mail)
        assert code == 69 and checks["delivery.mail"]["health"] == "unavailable", said
        assert "delivery.mail.password" in checks["delivery.mail"]["remedy"] and "hunter2" not in said
        code, checks, said = doctor(CONFIG + mail.replace(f"ca: '{sink.ca}', ", ""))
        assert code == 69 and "delivery.mail.ca" in checks["delivery.mail"]["remedy"], said
    code, checks, said = doctor(CONFIG + mail + hooks.replace("ALLOW", "true"))
    assert code == 69 and "delivery.mail.url" in checks["delivery.mail"]["remedy"]
    assert checks["delivery.webhook.app"]["health"] == "unavailable", said


def test_a_relay_that_speaks_no_tls_where_it_is_asked_to(doctor, tmp_path):
    with without_starttls() as (url, _):
        mail = "delivery:\n  mail: {{url: '{url}', from: security@example.com}}\n"
        code, checks, said = doctor(CONFIG + mail.format(url=url))
        remedy = checks["delivery.mail"]["remedy"]
        assert code == 69 and "STARTTLS" in remedy and "587" in remedy and "certificate" not in remedy, said
        code, checks, said = doctor(CONFIG + mail.format(url=url.replace("smtp:", "smtps:")))
        remedy = checks["delivery.mail"]["remedy"]
        assert code == 69 and "smtp://" in remedy and "port" in remedy and "certificate" not in remedy, said


def test_asks_the_ticket_system_and_makes_nothing(doctor, tmp_path):
    tickets = (
        "delivery:\n  tickets: {{system: request_tracker, url: '{url}', token: {{file: {folder}/rt.token}}, "
        "allow_private: true{more}}}\n"
    )

    def ask(url: str, token: str, more: str = "") -> tuple[int, dict, str]:
        (tmp_path / "rt.token").write_text(token + "\n")
        code, checks, said = doctor(CONFIG + tickets.format(url=url, folder=tmp_path, more=more))
        assert token not in said
        return code, checks["delivery.tickets"], said

    with RequestTracker() as tracker:
        code, check, said = ask(tracker.url, tracker.token)
        assert code == 0 and check["health"] == "good", said
        code, check, said = ask(tracker.url, "1-14-0123456789abcdef0123456789abcdef")
        assert code == 69 and check["health"] == "unavailable" and "delivery.tickets.token" in check["remedy"], said
        code, check, said = ask(tracker.url, tracker.token, ", queue: Elsewhere")
        assert code == 78 and check["health"] == "bad" and "delivery.tickets.queue" in check["remedy"], said
        code, check, said = ask(tracker.url + "/elsewhere", tracker.token)
        assert code == 69 and check["health"] == "unavailable" and "delivery.tickets.url" in check["remedy"], said
        code, check, said = ask(tracker.url, tracker.token, ", case_field: no_such_field")
        assert code == 78 and "delivery.tickets.case_field" in check["remedy"], said
        code, check, said = ask(tracker.url, tracker.token, ", outcome_field: no_such_field")
        assert code == 78 and "delivery.tickets.outcome_field" in check["remedy"], said
        code, check, said = ask(tracker.url, tracker.token, ", outcome_field: no_such_field, poll: 0s")
        assert code == 0 and check["health"] == "good", said
        assert tracker.tickets() == []
    code, check, said = ask(tracker.url, tracker.token)
    assert code == 69 and check["health"] == "unavailable" and "delivery.tickets.url" in check["remedy"], said


def kafka_config(brokers: str, prefix: str, create: bool = True, security: dict | None = None) -> str:
    return kafka_settings.text(brokers, prefix, partitions=2, create_topics=create, security=security or {})


def test_kafka_that_is_well_and_kafka_that_lacks_topics(doctor, kafka, topic_prefix):
    code, checks, _ = doctor(kafka_config(kafka.bootstrap, topic_prefix))
    missing = checks[f"kafka.topic.{topic_prefix}changelog"]
    assert code == 0 and missing["health"] == "warning" and "cleanup.policy=compact" in missing["remedy"]
    assert f"--bootstrap-server {kafka.bootstrap} " in missing["remedy"] and "--replication-factor 1 " in missing["remedy"]
    code, checks, _ = doctor(kafka_config(kafka.bootstrap, topic_prefix, create=False))
    assert code == 78 and checks[f"kafka.topic.{topic_prefix}logins"]["health"] == "bad"

    kafka_settings.make_topics(kafka, topic_prefix)
    code, checks, said = doctor(kafka_config(kafka.bootstrap, topic_prefix))
    assert code == 0, said
    topics = {check["health"] for subject, check in checks.items() if subject.startswith("kafka.")}
    assert topics == {"good"} and checks["kafka.group"], said
    code, checks, said = doctor(kafka_config(kafka.bootstrap, topic_prefix).replace("kafka:\n", "kafka:\n  replication: 3\n"))
    thin = checks[f"kafka.topic.{topic_prefix}changelog"]
    assert code == 0 and thin["health"] == "warning" and "has 1 copy" in thin["what"] and "kafka-reassign-partitions.sh" in thin["remedy"], said


def test_topics_that_would_lose_something(doctor, kafka, topic_prefix):
    kafka_settings.make_topics(kafka, topic_prefix + "a.")
    kafka.create_topic(topic_prefix + "logins", partitions=3, **{"retention.ms": "60000"})
    kafka.create_topic(topic_prefix + "tickets", partitions=1, **{"max.message.bytes": "1000"})
    kafka.create_topic(topic_prefix + "changelog", partitions=2)  # cleanup.policy=delete.
    kafka.create_topic(topic_prefix + "findings", partitions=1, **{"cleanup.policy": "compact"})
    code, checks, _ = doctor(kafka_config(kafka.bootstrap, topic_prefix))
    assert code == 78
    assert "logins 3" in checks["kafka.partitions"]["what"]
    changelog, findings = (checks[f"kafka.topic.{topic_prefix}{name}"] for name in ("changelog", "findings"))
    assert changelog["health"] == "bad" and "kafka-configs.sh" in changelog["remedy"]
    assert findings["health"] == "bad" and "cleanup.policy=delete" in findings["remedy"]
    logins, tickets = (checks[f"kafka.topic.{topic_prefix}{name}"] for name in ("logins", "tickets"))
    assert logins["health"] == "warning" and "retention.ms=60000, less than a day" in logins["what"]
    assert tickets["health"] == "warning" and "max.message.bytes=1048588" in tickets["remedy"]


def test_a_broker_that_is_not_there(doctor):
    code, checks, _ = doctor(kafka_config(f"127.0.0.1:{processes.free_port()}", "x."))
    assert code == 69 and checks["kafka"]["health"] == "unavailable" and "whether the brokers run" in checks["kafka"]["remedy"]


def test_a_kafka_that_is_reached_in_the_wrong_way(doctor, kafka):
    code, checks, said = doctor(kafka_config(kafka.bootstrap, "x.", security={"tls": True}))
    assert code == 69 and "kafka.security.tls: false" in checks["kafka"]["remedy"], said
    assert not checks["kafka"]["what"].startswith("kafka:")  # Its subject says so.
    code, checks, said = doctor(kafka_config("nobody.invalid:9092", "x."))
    assert code == 69 and "name server" in checks["kafka"]["remedy"], said


def ends_of(cluster, prefix: str) -> dict[str, int]:
    """Records that anybody sees in each topic."""
    return {name: len(consume(cluster.bootstrap, prefix + name, committed_only=False)) for name in (*kafka_settings.OUTPUTS, "changelog", "logins")}


def test_rights_that_are_missing_are_named_with_the_grant(doctor, topic_prefix, tmp_path):
    (tmp_path / "password").write_text(secure_kafka.PLAIN_PASSWORD)
    with secure_kafka.KafkaWithRights() as cluster:
        kafka_settings.make_topics(cluster, topic_prefix)
        security = {"tls": True, "ca": str(cluster.ca), "mechanism": "plain", "username": secure_kafka.USER,
                    "password": {"file": str(tmp_path / "password")}}
        config = kafka_config(cluster.password_bootstrap, topic_prefix, security=security)
        code, checks, said = doctor(config)
        assert code == 78, said
        assert checks["kafka"]["health"] == "good"
        assert checks["kafka.group"]["health"] == "bad" and "--operation Read" in checks["kafka.group"]["remedy"], said
        logins = checks[f"kafka.topic.{topic_prefix}logins"]
        assert logins["health"] == "bad" and f"--topic {topic_prefix}logins" in logins["remedy"]
        ids = checks["kafka.transactional_id"]
        assert ids["health"] == "bad" and f"--transactional-id {topic_prefix}tocsin. --resource-pattern-type prefixed" in ids["remedy"]
        assert secure_kafka.PLAIN_PASSWORD not in said

        # It may see everything and write nothing.
        cluster.grant("--operation", "Read", "--operation", "DescribeConfigs", "--resource-pattern-type", "prefixed", "--topic", topic_prefix)
        cluster.grant("--operation", "Describe", "--group", f"{topic_prefix}tocsin")
        cluster.grant("--operation", "Write", "--operation", "Describe", "--resource-pattern-type", "prefixed",
                      "--transactional-id", f"{topic_prefix}tocsin.")
        code, checks, said = doctor(config)
        assert code == 78, said
        assert checks["kafka.transactional_id"]["health"] == "good" and checks[f"kafka.topic.{topic_prefix}logins"]["health"] == "good"
        for name in (*kafka_settings.OUTPUTS, "changelog"):
            check = checks[f"kafka.topic.{topic_prefix}{name}"]
            assert check["health"] == "bad" and "--operation Write" in check["remedy"] and "cannot be written" in check["what"], said
        assert checks["kafka.group"]["health"] == "bad" and "--operation Read" in checks["kafka.group"]["remedy"], said

        # What a remedy says helps: after the grants nothing is left, and nothing was written on the way.
        cluster.grant("--operation", "Read", "--group", f"{topic_prefix}tocsin")
        for name in (*kafka_settings.OUTPUTS, "changelog"):
            cluster.grant("--operation", "Write", "--topic", topic_prefix + name)
        code, checks, said = doctor(config)
        assert code == 0 and checks["kafka.group"]["health"] == "good", said
        assert set(ends_of(cluster, topic_prefix).values()) == {0}

        # A heartbeat is written to the input.
        beating = config.replace("kafka:\n", "kafka:\n  heartbeat_interval: 5s\n")
        code, checks, said = doctor(beating)
        assert code == 78 and "--operation Write" in checks[f"kafka.topic.{topic_prefix}logins"]["remedy"], said
        # Delivery is a group of its own, with a changelog of its own; the relay is another matter.
        cluster.create_topic(topic_prefix + "delivery", partitions=2, **{"cleanup.policy": "compact", "delete.retention.ms": "604800000"})
        sending = config + f"delivery: {{changelog_topic: {topic_prefix}delivery, mail: {{url: 'smtp://127.0.0.1:1', from: a@example.com}}}}\n"
        of_delivery = lambda checks: {name: check for name, check in checks.items() if name.startswith("delivery.kafka") and check["health"] != "good"}
        code, checks, said = doctor(sending)
        missing = of_delivery(checks)
        assert code == 78 and set(missing) == {"delivery.kafka.group", "delivery.kafka.transactional_id"}, said
        assert f"--group {topic_prefix}tocsin-delivery" in missing["delivery.kafka.group"]["remedy"]
        assert f"--transactional-id {topic_prefix}tocsin-delivery. " in missing["delivery.kafka.transactional_id"]["remedy"]
        cluster.grant("--operation", "Read", "--group", f"{topic_prefix}tocsin-delivery")
        cluster.grant("--operation", "Write", "--resource-pattern-type", "prefixed", "--transactional-id", f"{topic_prefix}tocsin-delivery.")
        missing = of_delivery(doctor(sending)[1])
        assert set(missing) == {f"delivery.kafka.topic.{topic_prefix}delivery"} and "--operation Write" in str(missing)
        cluster.grant("--operation", "Write", "--topic", topic_prefix + "delivery")
        assert of_delivery(doctor(sending)[1]) == {}
        (tmp_path / "password").write_text("hunter2")
        code, checks, said = doctor(config)
        assert code == 78 and "kafka.security.password" in checks["kafka"]["what"] and "hunter2" not in said
        assert "username, password and mechanism" in checks["kafka"]["remedy"], said
        del security["ca"]
        code, checks, said = doctor(kafka_config(cluster.password_bootstrap, topic_prefix, security=security))
        assert code == 78 and "kafka.security.ca" in checks["kafka"]["remedy"], said


def test_secrets_that_everybody_may_read(doctor, tmp_path):
    token = tmp_path / "admin.token"
    token.write_text(TOKEN)
    token.chmod(0o644)
    code, checks, said = doctor(CONFIG + ADMIN.format(folder=tmp_path))
    assert code == 0 and checks["secrets"]["health"] == "warning", said
    assert f"chmod o-rwx {token}" in checks["secrets"]["remedy"] and TOKEN not in said
    token.chmod(0o640)
    _, checks, said = doctor(CONFIG + ADMIN.format(folder=tmp_path))
    assert checks["secrets"]["health"] == "good", said
    _, checks, _ = doctor(CONFIG)
    assert "secrets" not in checks  # There are none.


def test_the_supervisor_hears_ready_alive_reloading_and_stopping(make_daemon, tmp_path):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(address))
        supervisor.settimeout(120)
        daemon = make_daemon(CONFIG)
        daemon.environment = {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "1000000"}
        daemon.start()

        def hear(wanted: str) -> str:
            while not re.search(wanted, said := supervisor.recv(4096).decode()):
                pass
            return said

        assert "STATUS=" in hear("READY=1")
        hear("STATUS=serving")
        hear("WATCHDOG=1")
        hear("WATCHDOG=1")
        os.kill(daemon.process.pid, 1)
        assert re.search(r"MONOTONIC_USEC=\d+", hear("RELOADING=1"))
        hear("READY=1")
        daemon.process.terminate()
        hear("STOPPING=1")
        daemon.stop()
