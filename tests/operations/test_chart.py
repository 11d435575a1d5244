"""The chart: rendered by helm, valid for several versions of Kubernetes, closed against typing errors, hardened, and of one
mind with the program about its configuration."""

import base64
import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support import certificates  # noqa: E402
from support.chart import CASES, CHART, VERSIONS, helm, notes, of_kind, pod, refused, render, template  # noqa: E402
from support.operator_tools import tools  # noqa: E402

CUSTOM = json.loads((ROOT / "helm/tests/custom-resources.json").read_text())


def test_an_old_kubernetes_is_refused():
    assert "requires kubeVersion: >=1.27" in refused("--kube-version", "1.26")


def test_lint():
    for values in CASES.values():
        done = helm("lint", "--strict", str(CHART), "-f", str(values))
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_it(version: str):
    known = []
    for values in CASES.values():
        objects = render("-f", str(values), "--kube-version", version)
        assert len(objects) >= 3
        known += [one for one in objects if one["kind"] not in CUSTOM]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as out:
        yaml.safe_dump_all(known, out)
        out.flush()
        # A process of its own: it needs newer libraries than Debian's pytest has loaded.
        done = subprocess.run([sys.executable, "-m", "kubernetes_validate", "--strict", "-k", version, out.name],
                              env={**os.environ, "PYTHONPATH": str(tools() / "python")}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("passed") == len(known), done.stdout


def test_operators_of_others_take_what_is_theirs():
    seen = set()
    for values in CASES.values():
        for one in render("-f", str(values)):
            if one["kind"] in CUSTOM:
                seen.add(one["kind"])
                jsonschema.Draft7Validator(CUSTOM[one["kind"]]).validate(one)
    assert seen == set(CUSTOM)
    wrong = of_kind(render("-f", str(CASES["keda"])), "ScaledObject")
    wrong["spec"]["maxReplicas"] = 3
    assert not jsonschema.Draft7Validator(CUSTOM["ScaledObject"]).is_valid(wrong)


@pytest.mark.parametrize("case", CASES)
def test_every_container_is_hardened(case: str):
    objects = render("-f", str(CASES[case]))
    for spec in [pod(objects)] + [one["spec"] for one in objects if one["kind"] == "Pod"]:
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec.get("initContainers", []) + spec["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("case", CASES)
def test_every_mount_has_its_volume(case: str):
    stateful = of_kind(render("-f", str(CASES[case])), "StatefulSet")["spec"]
    spec = stateful["template"]["spec"]
    volumes = {volume["name"] for volume in spec["volumes"]}
    volumes |= {claim["metadata"]["name"] for claim in stateful.get("volumeClaimTemplates", [])}
    for container in spec["initContainers"] + spec["containers"]:
        mounts = [mount["name"] for mount in container["volumeMounts"]]
        assert set(mounts) <= volumes
        assert len({mount["mountPath"] for mount in container["volumeMounts"]}) == len(mounts)


def test_selectors_do_not_change_with_versions_and_values():
    everything = of_kind(render("-f", str(CASES["everything"])), "StatefulSet")["spec"]
    smallest = of_kind(render("-f", str(CASES["smallest"])), "StatefulSet")["spec"]
    assert everything["selector"] == smallest["selector"]
    assert "helm.sh/chart" not in everything["selector"]["matchLabels"]


def leaves(value, path=()):
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path


def test_every_value_says_what_it_is():
    text, values = (CHART / "values.yaml").read_text(), yaml.safe_load((CHART / "values.yaml").read_text())
    lines = text.splitlines()
    at = [number for number, line in enumerate(lines) if re.match(r" *\w+:( |$)", line)]
    kubernetes = {f"  {name}" for security in ("podSecurityContext", "securityContext") for name in values[security]}
    silent = [lines[number] for number in at if not lines[number - 1].lstrip().startswith("# ")
              and lines[number].partition(":")[0] not in kubernetes]
    assert len(at) > 120 and silent == []


def test_every_value_is_described_where_an_editor_looks():
    schema = json.loads((CHART / "values.schema.json").read_text())

    def silent(node: dict, path: str):
        for name, inner in node.get("properties", {}).items():
            if path == "" and name == "config":  # Of which the program says it.
                continue
            if not inner.get("description", "").endswith((".", ")")):
                yield f"{path}{name}"
            yield from silent(inner, f"{path}{name}.")
    assert list(silent(schema, "")) == []
    # As values.yaml says it, in the line above the key.
    assert schema["properties"]["keda"]["properties"]["lagThreshold"]["description"] in (CHART / "values.yaml").read_text()


FEATURES = {
    "network-policy": ["networkPolicy.enabled", "networkPolicy.metricsFrom", "networkPolicy.kafkaTo"], "digest": ["image.digest"],
    "extra-objects": ["extraObjects"], "topology-spread": ["topologySpreadConstraints"], "answers": ["answers.enabled"],
    "ingress": ["answers.ingress.enabled", "answers.ingress.tlsSecret"], "service-account": ["serviceAccount.create", "serviceAccount.name"],
    "storage-class": ["persistence.storageClass", "persistence.accessModes"], "no-persistence": ["persistence.enabled"],
    "keda": ["keda.enabled"], "geoip-updater": ["geoip.updater.enabled"], "live-reload": ["configChange"],
    "monitoring": ["metrics.serviceMonitor.enabled", "metrics.prometheusRule.enabled", "metrics.dashboards.enabled"],
    "pod-monitor": ["metrics.podMonitor.enabled"],
}


@pytest.mark.parametrize("case", FEATURES)
def test_each_feature_has_a_file_that_changes_what_is_rendered(case: str, tmp_path):
    values = yaml.safe_load(CASES[case].read_text())
    whole = render("-f", str(CASES[case]))
    for key in FEATURES[case]:
        without = copy.deepcopy(values)
        node = without
        for name in key.split(".")[:-1]:
            node = node[name]
        del node[key.split(".")[-1]]
        (tmp_path / "without.yaml").write_text(yaml.safe_dump(without))
        done = template("-f", str(tmp_path / "without.yaml"))
        assert done.returncode != 0 or [one for one in yaml.safe_load_all(done.stdout) if one] != whole, key


def test_every_value_is_used_and_every_one_is_in_the_schema():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    templates = "".join(path.read_text() for path in (CHART / "templates").rglob("*") if path.is_file())
    schema = json.loads((CHART / "values.schema.json").read_text())
    for path in leaves(values):
        node = schema
        for name in path:
            node = node.get("properties", {}).get(name)
            if node is None or "properties" not in node:
                break
        assert node is not None or path[0] in ("config", "resources", "podSecurityContext", "securityContext",
                                               "updateStrategy"), f"{'.'.join(path)} is not in the schema"
    for path in leaves(values):
        used = any(".".join(path[:length]) in templates for length in range(2, len(path) + 1)) or (
            f".Values.{path[0]}" in templates)
        assert used, f"{'.'.join(path)} is used by no template"
        if path[0] in ("keda", "networkPolicy", "persistence", "service", "image", "answers"):
            assert f".{path[-1]}" in templates, f"{'.'.join(path)} is used by no template"


@pytest.mark.parametrize("wrong", ["replica=3", "image.tagg=x", "persistence.size=big", "metrics.serviceMonitor.enable=true",
                                   "keda.maxReplicas=0", "keda.minReplicas=0",
                                   "keda.scaleIn.stabilizationSeconds=3601", "keda.scaleIn.secondsPerPod=1801", "config.log=local", "config.kafka.brokerz=x", "config.engines.workers=2",
                                   "config.engine.state_memory_mb=1", "config.engine.checkpoint_interval=soon",
                                   "config.detectors.impossible_travel.speed_kmh_max=9"])
def test_a_typing_error_is_refused(wrong: str):
    assert "values don't meet the specifications of the schema" in refused("--set", wrong)


def test_the_schema_of_the_configuration_is_the_programs():
    tool, binary = ROOT / "tools/make-chart-schema", os.environ["TOCSIN_BINARY"]
    done = subprocess.run([tool, binary, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with tempfile.TemporaryDirectory() as folder:
        # Another program, whose table has one limit changed.
        other = pathlib.Path(folder) / "other"
        other.write_text(f"#!/bin/sh\n{binary} \"$@\" | sed 's/\"maximum\":5000/\"maximum\":6000/'\n")
        other.chmod(0o755)
        done = subprocess.run([tool, other, "--check"], capture_output=True, text=True)
    assert done.returncode == 1 and "run tools/make-chart-schema" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("wrong, remedy", [
    ("config.state_dir=/x", "config.state_dir is set by the chart"),
    ("config.kafka.instance=x", "config.kafka.instance is set by the chart"),
    ("geoip.updater.enabled=true", "geoip.updater.existingSecret must name a secret"),
    ("keda.enabled=true", "keda.partitions must say"),
    ("keda.enabled=true,keda.partitions=8,keda.minReplicas=5", "keda.minReplicas (5) must not be more than keda.maxReplicas (4)"),
    ("answers.enabled=true", "config.answers.base_url must say"),
    ("config.http.metrics_listen=0.0.0.0:1", "its port is service.metricsPort"),
    ("answers.enabled=true,config.answers.base_url=https://a.example.com,config.http.events_listen=0.0.0.0:1", "its port is answers.port"),
    ("config.engine.drain_timeout=5m", "terminationGracePeriodSeconds (60) must be more than config.engine.drain_timeout (300 s)"),
    ("terminationGracePeriodSeconds=20", "must be more than config.engine.drain_timeout (20 s)"),
    ("metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.interval=5s", "scrapeTimeout (10s) must not be longer than its interval (5s)"),
    ("metrics.podMonitor.enabled=true,metrics.podMonitor.scrapeTimeout=1m", "metrics.podMonitor.scrapeTimeout (1m) must not"),
    ("metrics.podMonitor.enabled=true,metrics.serviceMonitor.enabled=true", "every process is scraped twice"),
    ("metrics.prometheusRule.enabled=true", "enable serviceMonitor or podMonitor, or say in selector"),
    ("metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.prometheusRule.disabled={TocsinGeoipOld}",
     "there is no alert TocsinGeoipOld"),
    (r"podLabels.app\.kubernetes\.io/name=x", "podLabels: app.kubernetes.io/name is set by the chart"),
    ("podLabels.team=x,commonLabels.team=y", "podLabels: team is set by the chart or by commonLabels"),
    (r"commonLabels.app\.kubernetes\.io/instance=x", "commonLabels: app.kubernetes.io/instance is set by the chart"),
    ("answers.enabled=true,config.answers.base_url=https://a.example.com,answers.ingress.enabled=true,answers.ingress.host=b.example.com",
     "lead to a.example.com"),
    ("extraEnv[0].name=POD_NAME,extraEnv[0].value=x", "POD_NAME is the pod's name in the consumer group"),
    ("networkPolicy.enabled=true,config.delivery.mail.url=relay.example.com", "the port of relay.example.com is not known"),
])
def test_what_cannot_work_is_refused_with_the_remedy(wrong: str, remedy: str):
    assert remedy in refused("--set", wrong)


SECRET_PROPERTIES = ["sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password", "sasl.oauthbearer.client.secret", "sasl.jaas.config"]


@pytest.mark.parametrize("name", SECRET_PROPERTIES)
def test_a_secret_among_the_properties_never_reaches_the_config_map(name: str, tmp_path):
    key = f"config.kafka.properties.{name}".replace(f".{name}", "." + name.replace(".", r"\."))
    said = refused("--set", f"{key}=hunter2")
    assert "hunter2" not in said and f"{name}: {{file: /etc/tocsin/secrets/SECRET/KEY}}" in said
    assert "hunter2" not in refused("--set", f"{key}.value=hunter2")
    # The program's own schema and `check`, for who writes the file by hand.
    schema = json.loads(subprocess.run([os.environ["TOCSIN_BINARY"], "generate", "schema", "config"], capture_output=True, check=True).stdout)
    literal, by_file = ({"kafka": {"properties": {name: value}}} for value in ("hunter2", {"file": "/run/secrets/it"}))
    assert not jsonschema.Draft7Validator(schema).is_valid(literal) and jsonschema.Draft7Validator(schema).is_valid(by_file)
    (tmp_path / "it.yaml").write_text(yaml.safe_dump(literal))
    checked = subprocess.run([os.environ["TOCSIN_BINARY"], "check", "--config", tmp_path / "it.yaml"], capture_output=True, text=True)
    assert checked.returncode == 78 and "{file: " in checked.stderr and "hunter2" not in checked.stderr + checked.stdout
    # By file it is taken, and other properties are taken as they stand.
    config = of_kind(render("--set", f"{key}.file=/etc/tocsin/secrets/kafka/it", "--set", "secrets={kafka}",
                            "--set", r"config.kafka.properties.linger\.ms=5"), "ConfigMap")["data"]["tocsin.yaml"]
    assert yaml.safe_load(config)["kafka"]["properties"] == {name: {"file": "/etc/tocsin/secrets/kafka/it"}, "linger.ms": 5}


@pytest.mark.parametrize("right", ["config.engine.drain_timeout=59s", "config.engine.drain_timeout=0m,terminationGracePeriodSeconds=1",
                                   "metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.interval=1m,metrics.serviceMonitor.scrapeTimeout=60s",
                                   "metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.scrapeTimeout=900ms"])
def test_what_just_works_is_taken(right: str):
    assert render("--set", right)


@pytest.mark.parametrize("case", CASES)
def test_the_program_takes_the_configuration(case: str):
    config = of_kind(render("-f", str(CASES[case])), "ConfigMap")["data"]["tocsin.yaml"]
    with tempfile.TemporaryDirectory() as folder:
        for named in re.findall(r"/etc/tocsin/(secrets/\S+?)[\s}]", config):
            secret = pathlib.Path(folder) / named
            secret.parent.mkdir(parents=True, exist_ok=True)
            if secret.suffix == ".crt":  # Those must be what they are called.
                shutil.copy(certificates.make(pathlib.Path(folder), "broker.example.com"), secret)
            else:
                secret.write_text("whsec_" + base64.b64encode(named.encode().ljust(64, b".")[:64]).decode())  # Fits wherever a secret is read; each another.
        data = pathlib.Path(os.environ["TOCSIN_BINARY"]).parent / "test-data"
        shutil.copy(data / "city.mmdb", f"{folder}/GeoLite2-City.mmdb")
        shutil.copy(data / "asn.mmdb", f"{folder}/GeoLite2-ASN.mmdb")
        path = pathlib.Path(folder) / "tocsin.yaml"
        path.write_text(config.replace("/etc/tocsin/secrets", f"{folder}/secrets").replace("/var/lib/geoip", folder))
        done = subprocess.run([os.environ["TOCSIN_BINARY"], "check", "--config", str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_a_changed_configuration_rolls_the_pods():
    def checksum(*arguments):
        return of_kind(render(*arguments), "StatefulSet")["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
    assert checksum() == checksum()
    assert checksum() != checksum("--set", "config.engine.workers=3")


def test_a_configuration_that_is_taken_over_in_place_rolls_nothing():
    def template_of(*arguments):
        return of_kind(render("--set", "configChange=reload", *arguments), "StatefulSet")["spec"]["template"]
    assert template_of() == template_of("--set", "config.detectors.velocity.mode=shadow")
    # Only whole folders change in place; a file mounted by itself never does.
    mounts = template_of()["spec"]["containers"][0]["volumeMounts"]
    assert all("subPath" not in mount for mount in mounts)


def test_dashboards_are_whole():
    found = [one for one in render("-f", str(CASES["monitoring"])) if "grafana_dashboard" in one["metadata"]["labels"]]
    assert len(found) == 4
    for one in found:
        ((name, text),) = one["data"].items()
        assert json.loads(text) == json.loads((CHART / "dashboards" / name).read_text())
        assert len(text) < 900_000  # A ConfigMap holds a mebibyte.


def test_a_restore_is_given_its_time():
    container = pod(render())["containers"][0]
    assert container["startupProbe"]["httpGet"]["path"] == container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_pods_are_reached_where_they_listen():
    assert not [one for one in render("-f", str(CASES["answers"])) if one["kind"] == "Ingress"]
    objects = render("-f", str(CASES["ingress"]))
    (service,) = [one for one in objects if one["metadata"]["name"] == "alarm-tocsin-answers" and one["kind"] == "Service"]
    ports = {port["name"]: port["containerPort"] for port in pod(objects)["containers"][0]["ports"]}
    config = yaml.safe_load(of_kind(objects, "ConfigMap")["data"]["tocsin.yaml"])
    assert service["spec"]["ports"][0]["targetPort"] == "answers"
    assert config["http"]["events_listen"] == f"0.0.0.0:{ports['answers']}"
    assert config["http"]["metrics_listen"] == f"0.0.0.0:{ports['metrics']}"
    (ingress,) = [one for one in objects if one["kind"] == "Ingress"]
    assert ingress["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/r/"


def test_the_program_knows_the_options_it_is_started_with():
    container = pod(render())["containers"][0]
    said = subprocess.run([os.environ["TOCSIN_BINARY"], "run", "--help"], capture_output=True, text=True).stdout
    for argument in container["args"]:
        assert not argument.startswith("--") or argument in said


def test_the_doctor_looks_from_inside():
    for values in CASES.values():
        objects = render("-f", str(values))
        (doctor,) = [one for one in objects if one["kind"] == "Pod"]
        assert doctor["metadata"]["annotations"]["helm.sh/hook"] == "test"
        (container,) = doctor["spec"]["containers"]
        # The same configuration, secrets and databases as the daemon; of its own only the state, which is skipped.
        daemon = pod(objects)["containers"][0]
        assert container["image"] == daemon["image"] and container["volumeMounts"] == daemon["volumeMounts"]
        volumes = {volume["name"] for volume in doctor["spec"]["volumes"]}
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        # No service or policy takes it for a daemon.
        selector = of_kind(objects, "StatefulSet")["spec"]["selector"]["matchLabels"]
        assert not selector.items() <= doctor["metadata"]["labels"].items()
    said = subprocess.run([os.environ["TOCSIN_BINARY"], "doctor", "--help"], capture_output=True, text=True)
    assert said.returncode == 0 and "--skip" in said.stdout


def test_databases_are_there_before_the_configuration_is_checked(tmp_path):
    spec = pod(render("-f", str(CASES["geoip-updater"])))
    assert [one["name"] for one in spec["initContainers"]] == ["geoip-first", "check"]
    first = spec["initContainers"][0]
    script = first["args"][0].replace("exec /usr/bin/entry.sh", "exec echo fetches").replace("/var/lib/geoip", str(tmp_path))
    environment = {one["name"]: one["value"] for one in first["env"]}
    assert environment["GEOIPUPDATE_FREQUENCY"] == "0"  # Once, then it ends.

    def says() -> str:
        return subprocess.run([*first["command"], script], capture_output=True, text=True, check=True, env=environment).stdout

    whole = (pathlib.Path(os.environ["TOCSIN_BINARY"]).parent / "test-data/city.mmdb").read_bytes()
    for edition in environment["GEOIPUPDATE_EDITION_IDS"].split():
        for cut in (b"", whole[:1000], whole[:-4096]):  # The program refuses such, and a new pod would end with it, too.
            assert says() == "fetches\n"
            (tmp_path / f"{edition}.mmdb").write_bytes(cut)
        assert says() == "fetches\n"
        (tmp_path / f"{edition}.mmdb").write_bytes(whole)
    assert says() == ""  # With all of them it starts also when nobody answers at MaxMind.


def test_a_closed_network_lets_out_what_the_configuration_names():
    def ports(*arguments: str) -> set[int]:
        policy = of_kind(render("--set", "networkPolicy.enabled=true", *arguments), "NetworkPolicy")["spec"]
        return {port["port"] for rule in policy["egress"] for port in rule["ports"]}
    assert ports() == {53, 9092}
    assert ports("--set", "config.kafka.brokers=a") == {53, 9092}  # As the client takes it.
    assert ports("--set", r"config.kafka.brokers=a:9093\, [2001:db8::1]:9095") == {53, 9093, 9095}
    assert ports("-f", str(CASES["kafka-tls-scram"])) == {53, 9093}
    assert ports("-f", str(CASES["geoip-updater"])) == {53, 9092, 443}
    assert ports("-f", str(CASES["delivery"])) == {53, 9092, 587, 443}
    assert ports("-f", str(CASES["everything"])) == {53, 9093, 9094, 443, 5432}
    assert ports("--set", "config.delivery.mail.url=smtp://a,config.delivery.tickets.url=http://b:8080/x,"
                          "config.kafka.security.token_url=https://c/token") == {53, 9092, 25, 8080, 443}
    egress = of_kind(render("-f", str(CASES["everything"]), "-f", str(CASES["delivery"]),
                           "--set", "secrets={kafka,answers,admin,mail,desk}"), "NetworkPolicy")["spec"]["egress"]
    where = {tuple(port["port"] for port in rule["ports"]): rule.get("to") for rule in egress}
    assert where[(587, 443)] == [{"namespaceSelector": {"matchLabels": {"name": "mail"}}}]
    assert where[(443,)] is None  # The updater of databases, wherever services are.


def test_a_closed_network_is_open_to_the_doctor_and_to_nobody_else_of_the_release():
    for case in ("network-policy", "everything"):
        objects = render("-f", str(CASES[case]))
        chosen = of_kind(objects, "NetworkPolicy")["spec"]["podSelector"]
        (named,) = chosen["matchExpressions"]
        assert named["key"] == "app.kubernetes.io/name" and named["operator"] == "In"
        (doctor,) = [one for one in objects if one["kind"] == "Pod"]
        pods = [doctor["metadata"]["labels"], of_kind(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"]]
        assert {labels[named["key"]] for labels in pods} == set(named["values"])
        assert all(chosen["matchLabels"].items() <= labels.items() for labels in pods)


def test_scaling_watches_every_input_topic():
    scaled = of_kind(render("-f", str(CASES["everything"])), "ScaledObject")["spec"]
    topics = [trigger["metadata"]["topic"] for trigger in scaled["triggers"]]
    assert topics == ["logins", "transactions", "account-changes", "account-profiles", "account-feedback"]
    assert scaled["maxReplicaCount"] == 8  # Of twelve that are asked for: there are eight partitions.
    assert "replicas" not in of_kind(render("-f", str(CASES["everything"])), "StatefulSet")["spec"]


def test_processes_are_taken_away_one_by_one_and_after_a_long_quiet():
    """Each moves state. KEDA's own cooldownPeriod is for the way to none at all, which never happens: the autoscaler decides."""
    def scale_in(*arguments: str) -> dict:
        scaled = of_kind(render("-f", str(CASES["keda"]), *arguments), "ScaledObject")["spec"]
        assert "cooldownPeriod" not in scaled and scaled["minReplicaCount"] >= 1
        return scaled["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert scale_in() == {"stabilizationWindowSeconds": 1800, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 600}]}
    slower = scale_in("--set", "keda.scaleIn.stabilizationSeconds=3600,keda.scaleIn.secondsPerPod=1800,keda.minReplicas=1")
    assert slower == {"stabilizationWindowSeconds": 3600, "policies": [{"type": "Pods", "value": 1, "periodSeconds": 1800}]}


def test_scaling_watches_both_sides_of_the_move():
    def watched(*arguments: str) -> list[tuple[str, str]]:
        triggers = of_kind(render("-f", str(CASES["keda"]), *arguments), "ScaledObject")["spec"]["triggers"]
        return [(trigger["metadata"]["consumerGroup"], trigger["metadata"]["topic"]) for trigger in triggers]
    assert watched() == [("tocsin", "logins"), ("tocsin", "transactions")]
    assert watched("-f", str(CASES["rekey"])) == [("tocsin.rekey", "logins"), ("tocsin.rekey", "transactions"), ("tocsin", "tocsin.events")]
    named = "config.kafka.group=risk,config.kafka.rekeyed_topic=moved,config.kafka.ingest=rekey"
    assert watched("--set", named)[1:] == [("risk.rekey", "transactions"), ("risk", "moved")]
    assert watched("--set", "config.kafka.input_topics=logins") == [("tocsin", "logins")]


def test_topics_are_made_with_three_copies_and_one_copy_is_told():
    def replication(*arguments: str) -> int:
        return yaml.safe_load(of_kind(render(*arguments), "ConfigMap")["data"]["tocsin.yaml"])["kafka"]["replication"]
    assert replication() == replication("-f", str(CASES["smallest"])) == 3
    assert replication("-f", str(CASES["single-broker"])) == 1
    assert "have one copy" in notes("-f", str(CASES["single-broker"])) and "have one copy" not in notes()


def test_what_an_operator_types_has_its_token():
    config = yaml.safe_load(of_kind(render("-f", str(CASES["admin"])), "ConfigMap")["data"]["tocsin.yaml"])
    token = config["http"]["admin_token"]["file"]
    mounts = {mount["mountPath"] for mount in pod(render("-f", str(CASES["admin"])))["containers"][0]["volumeMounts"]}
    assert token.rpartition("/")[0] in mounts and "admin_listen" not in config["http"]  # In the pod only.
    assert f"exec alarm-tocsin-0 -- tocsin status --token-file {token}\n" in notes("-f", str(CASES["admin"]))
    assert "ci/admin-values.yaml" in notes()
    for words in re.findall(r"-- tocsin (.*)", notes("-f", str(CASES["admin"]))):
        command = [word for word in words.split() if not word.startswith(("-", "/", "http"))]
        said = subprocess.run([os.environ["TOCSIN_BINARY"], *command, "--help"], capture_output=True, text=True)
        for option in re.findall(r"--[a-z-]+", words):
            assert said.returncode == 0 and option in said.stdout, words
