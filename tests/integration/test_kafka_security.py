"""The program and a broker that wants TLS and a proof of who is there; and what is said when one of them is wrong."""

import http.server
import json
import subprocess
import threading
import time
import urllib.parse

import pytest
from support import kafka_settings, processes, secure_kafka, takeovers
from support.kafka_client import Record, consume, produce

FIRST_TOKEN_SECONDS = 40  # Long enough for a slow machine to start with it.
MORE = """\
engine: {workers: 1}
http: {metrics_listen: "127.0.0.1:{http_port}"}
"""


@pytest.fixture(scope="module")
def kafka():
    with secure_kafka.SecureKafka() as cluster:
        cluster.add_scram_user()
        yield cluster


@pytest.fixture
def make(make_daemon, topic_prefix, tmp_path):
    """make(brokers, security) -> Daemon; `security` is a map of the configuration."""

    def configured(brokers: str, security: dict):
        settings = {"instance": "one", "partitions": 1, "security": security}
        return make_daemon(kafka_settings.text(brokers, topic_prefix, more=MORE, **settings))

    return configured


def secret(tmp_path, name: str, text: str) -> dict:
    (tmp_path / name).write_text(text + "\n")
    return {"file": str(tmp_path / name)}


def scram(kafka, tmp_path, password: str = secure_kafka.PASSWORD) -> dict:
    return {
        "tls": True,
        "ca": str(kafka.ca),
        "mechanism": "scram_sha_512",
        "username": secure_kafka.USER,
        "password": secret(tmp_path, "password", password),
    }


def works(kafka, daemon, topic_prefix) -> None:
    """Events go in, findings come out."""
    before = daemon.metric("tocsin_records_total")
    events = takeovers.events(accounts=2)
    produce(kafka.bootstrap, [Record(topic_prefix + "logins", e.encode(), json.loads(e)["account_id"].encode()) for e in events])
    processes.wait_until(lambda: daemon.metric("tocsin_records_total") >= before + len(events), "the events", 60)
    processes.wait_until(lambda: consume(kafka.bootstrap, topic_prefix + "findings"), "findings", 60)


def test_a_changelog_whose_settings_may_not_be_read(make, topic_prefix, tmp_path):
    """It works all the same, and says what nobody has looked at and how long it takes deletions to be kept."""
    with secure_kafka.KafkaWithRights() as cluster:
        kafka_settings.make_topics(cluster, topic_prefix, partitions=1)
        below = ("--resource-pattern-type", "prefixed")
        cluster.grant("--operation", "Read", "--operation", "Write", *below, "--topic", topic_prefix)
        cluster.grant("--operation", "Read", "--group", f"{topic_prefix}tocsin")
        cluster.grant("--operation", "Write", *below, "--transactional-id", f"{topic_prefix}tocsin.")
        security = scram(cluster, tmp_path, secure_kafka.PLAIN_PASSWORD) | {"mechanism": "plain"}
        daemon = make(cluster.password_bootstrap, security).start()
        works(cluster, daemon, topic_prefix)
        daemon.stop()
        unchecked = lambda: [line["msg"] for line in daemon.said() if line["code"] == "kafka_changelog_unchecked"]  # noqa: E731
        assert len(unchecked()) == 1 and f"{topic_prefix}changelog" in unchecked()[0], daemon.log_tail()
        assert "delete.retention.ms=604800000" in unchecked()[0] and "kept for a day" in unchecked()[0]
        cluster.grant("--operation", "DescribeConfigs", *below, "--topic", topic_prefix)
        daemon.start().stop()
        assert len(unchecked()) == 1, daemon.log_tail()


def refusal(tocsin_binary, daemon, *reasons: str) -> str:
    """What a start that is refused says on its way out; or while it waits, for what may pass by itself. These reasons are in it:
    a slow machine may have to try again to hear of them."""
    command = [str(tocsin_binary), "run", "--config", str(daemon.config)]
    ran = processes.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=daemon.folder)
    patience = threading.Timer(60 * processes.PATIENCE, ran.kill)
    patience.start()
    said, waits = "", False
    try:
        for line in ran.stdout:
            said += line
            waits = waits or "kafka_awaited" in said
            if waits and all(reason in said for reason in reasons):
                ran.terminate()
        code = ran.wait()
    finally:
        patience.cancel()
        ran.kill()
    assert [reason for reason in reasons if reason not in said] == [], said
    assert code == (0 if waits else 78) and (waits or "start_failed" in said), said
    return said


def test_tls_and_a_password_scrambled(kafka, make, topic_prefix, tmp_path):
    daemon = make(kafka.password_bootstrap, scram(kafka, tmp_path)).start()
    works(kafka, daemon, topic_prefix)
    daemon.stop()
    said = daemon.log.read_text()
    assert secure_kafka.PASSWORD not in said
    # A connection that is closed on purpose while it is being made is no wrong password.
    assert "authentication error" not in said and "handshake failed" not in said


def test_tls_and_a_plain_password(kafka, make, topic_prefix, tmp_path):
    security = scram(kafka, tmp_path, secure_kafka.PLAIN_PASSWORD) | {"mechanism": "plain"}
    daemon = make(kafka.password_bootstrap, security).start()
    works(kafka, daemon, topic_prefix)
    daemon.stop()


def test_a_token_of_a_file_that_is_kept_fresh(kafka, make, topic_prefix, tmp_path):
    place = tmp_path / "token"
    over = time.monotonic() + FIRST_TOKEN_SECONDS
    place.write_text(secure_kafka.token(seconds=FIRST_TOKEN_SECONDS))
    security = {"tls": True, "ca": str(kafka.ca), "mechanism": "oauthbearer", "token_file": str(place)}
    daemon = make(kafka.token_bootstrap, security).start()
    works(kafka, daemon, topic_prefix)
    place.write_text(secure_kafka.token(seconds=3600))
    time.sleep(max(0.0, over + 1 - time.monotonic()))  # The first one opens nothing any more.
    kafka.kill()  # New connections ask for the token anew.
    kafka.start()
    works(kafka, daemon, topic_prefix)
    daemon.stop()


class TokenEndpoint(http.server.BaseHTTPRequestHandler):
    """Gives tokens to client `tocsin` with the right secret; counts what it was asked."""

    asked: list[dict] = []
    lifetime = 20.0  # There is time on a slow machine to use it.

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        TokenEndpoint.asked.append(form)
        good = form.get("client_secret") == ["the secret & more"] and form.get("grant_type") == ["client_credentials"]
        answer = {"access_token": secure_kafka.token(self.lifetime), "expires_in": self.lifetime, "token_type": "Bearer"}
        body = json.dumps(answer if good else {"error": "invalid_client"}).encode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), TokenEndpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    TokenEndpoint.asked.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}/token"
    server.shutdown()
    server.server_close()


def test_tokens_of_an_endpoint(kafka, make, topic_prefix, tmp_path, endpoint, tocsin_binary):
    security = {
        "tls": True,
        "ca": str(kafka.ca),
        "mechanism": "oauthbearer",
        "token_url": endpoint,
        "client_id": "tocsin",
        "client_secret": secret(tmp_path, "client", "the secret & more"),
        "scope": "kafka",
    }
    daemon = make(kafka.token_bootstrap, security).start()
    works(kafka, daemon, topic_prefix)
    first = len(TokenEndpoint.asked)
    assert TokenEndpoint.asked[0]["scope"] == ["kafka"] and TokenEndpoint.asked[0]["client_id"] == ["tocsin"]
    processes.wait_until(lambda: len(TokenEndpoint.asked) > first, "a fresh token before the old one expires", 30)
    works(kafka, daemon, topic_prefix)
    daemon.stop()

    secret(tmp_path, "client", "another")
    said = refusal(tocsin_binary, daemon, "refuses the client (HTTP 401)")
    assert "another" not in said.replace("another broker", "")


def test_what_is_wrong_is_named_with_the_remedy(kafka, make, tmp_path, tocsin_binary):
    good = scram(kafka, tmp_path)
    refusal(tocsin_binary, make(kafka.password_bootstrap, good | {"ca": str(kafka.other_ca)}), "kafka.security.ca", "other-ca.pem")
    refusal(tocsin_binary, make(kafka.password_bootstrap, {}), "kafka.security.tls: true")
    refusal(tocsin_binary, make(kafka.bootstrap, good), "does not speak TLS on this port")
    refusal(tocsin_binary, make(kafka.token_bootstrap, good), "does not take this mechanism")
    # A certificate of another host: it names the address only.
    elsewhere = kafka.password_bootstrap.replace("127.0.0.1", "localhost")
    refusal(tocsin_binary, make(elsewhere, good), "of another host", "kafka.brokers")
    wrong = make(kafka.password_bootstrap, scram(kafka, tmp_path, "hunter2"))
    assert "hunter2" not in refusal(tocsin_binary, wrong, "kafka.security.username and kafka.security.password")


def test_an_expired_token_is_named(kafka, make, tmp_path, tocsin_binary):
    (tmp_path / "token").write_text(secure_kafka.token(seconds=-60))
    security = {"tls": True, "ca": str(kafka.ca), "mechanism": "oauthbearer", "token_file": str(tmp_path / "token")}
    refusal(tocsin_binary, make(kafka.token_bootstrap, security), "its token has expired")
