"""A Kafka broker that wants TLS and to know who is there: by password (SCRAM-SHA-512, PLAIN), or by token (OAUTHBEARER).

    with SecureKafka() as kafka:
        kafka.password_bootstrap, kafka.token_bootstrap     # TLS; the certificate is of kafka.ca
        kafka.bootstrap                                      # plaintext, for the test's own hands

Tokens are unsecured JWS (`token`), which the broker's validator of that name takes.
"""

import base64
import json
import pathlib
import subprocess
import time

from support import kafka_artifacts, processes
from support.kafka_broker import KafkaCluster

USER = "tocsin"
PASSWORD = "correct horse battery staple"
PLAIN_PASSWORD = "plain-secret"

_CONFIG = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port},PASSWORD://127.0.0.1:{password_port},TOKEN://127.0.0.1:{token_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},PASSWORD://127.0.0.1:{password_port},TOKEN://127.0.0.1:{token_port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PASSWORD:SASL_SSL,TOKEN:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
listener.name.password.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.password.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.password.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_tocsin="{plain}";
listener.name.token.sasl.enabled.mechanisms=OAUTHBEARER
listener.name.token.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";
"""


class SecureKafka(KafkaCluster):
    """One broker. `ca` is the file to trust, `other_ca` one that signed nothing here."""

    @property
    def password_bootstrap(self) -> str:
        return f"127.0.0.1:{self._password_port}"

    @property
    def token_bootstrap(self) -> str:
        return f"127.0.0.1:{self._token_port}"

    @property
    def ca(self) -> pathlib.Path:
        return self.folder / "ca.pem"

    @property
    def other_ca(self) -> pathlib.Path:
        return self.folder / "other-ca.pem"

    def _more_config(self, broker) -> str:
        self._password_port, self._token_port = processes.free_port(), processes.free_port()
        _make_certificates(self.folder)
        return _CONFIG.format(
            port=broker.port,
            controller_port=broker.controller_port,
            password_port=self._password_port,
            token_port=self._token_port,
            folder=self.folder,
            plain=PLAIN_PASSWORD,
        )

    def add_scram_user(self, user: str = USER, password: str = PASSWORD) -> None:
        jars = ":".join(str(jar) for jar in kafka_artifacts.jars().glob("*.jar"))
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", jars, "kafka.admin.ConfigCommand", "--alter"]
        command += ["--bootstrap-server", self.bootstrap, "--entity-type", "users", "--entity-name", user]
        command += ["--add-config", f"SCRAM-SHA-512=[iterations=4096,password={password}]"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0 and "Completed" in done.stdout, done.stdout + done.stderr


class KafkaWithRights(SecureKafka):
    """The user of the password listener may do what `grant` has said; the plaintext listener may do anything."""

    def _more_config(self, broker) -> str:
        authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
        return super()._more_config(broker) + f"authorizer.class.name={authorizer}\nsuper.users=User:ANONYMOUS;User:broker\n"

    def grant(self, *arguments: str) -> None:
        jars = ":".join(str(jar) for jar in kafka_artifacts.jars().glob("*.jar"))
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", jars, "kafka.admin.AclCommand"]
        command += ["--bootstrap-server", self.bootstrap, "--add", "--allow-principal", f"User:{USER}"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def token(seconds: float, subject: str = USER) -> str:
    """An unsecured JWS that is good for so long."""

    def part(claims: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()

    now = time.time()
    return f"{part({'alg': 'none'})}.{part({'sub': subject, 'iat': int(now), 'exp': int(now + seconds)})}."


def _make_certificates(folder: pathlib.Path) -> None:
    """ca.pem and other-ca.pem, each of itself; broker.pem with key and certificate of 127.0.0.1, of the first."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=True, timeout=240)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "other-ca"):
        openssl("req", "-x509", *curve, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}")
    openssl("req", *curve, "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=127.0.0.1")
    (folder / "broker.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "broker.ext", "-days", "2")
    openssl("x509", "-req", "-in", "broker.csr", "-out", "broker.crt", *signing)
    (folder / "broker.pem").write_text((folder / "broker.key").read_text() + (folder / "broker.crt").read_text())
