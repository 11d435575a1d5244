"""The configuration of a daemon over Kafka whose topics all begin with a test's own prefix.

    kafka_settings.text(kafka.bootstrap, topic_prefix, security=..., partitions=2, more="engine: {workers: 1}\\n")
    kafka_settings.make_topics(kafka, topic_prefix, partitions=2)

`{folder}`, `{http_port}` and `{data}` stay in it, for who starts the daemon (support/daemon.py).
"""

import json

OUTPUTS = ("findings", "notices", "tickets", "actions", "dead-letters")


def text(brokers: str, prefix: str, inputs=("logins",), more: str = "", **kafka) -> str:
    """`kafka` are further members of that section; `more` are further sections."""
    section = {
        "brokers": brokers,
        "group": f"{prefix}tocsin",
        "input_topics": [prefix + name for name in inputs],
        "changelog_topic": f"{prefix}changelog",
        **{f"{name.replace('-', '_')}_topic": prefix + name for name in OUTPUTS},
        **kafka,
    }
    members = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in section.items())  # JSON is YAML.
    return "log: kafka\nstate_dir: {folder}/state\nkafka:\n" + members + more


def make_topics(kafka, prefix: str, inputs=("logins",), partitions: int = 2) -> None:
    for name in (*inputs, *OUTPUTS):
        kafka.create_topic(prefix + name, partitions=partitions)
    settings = {"cleanup.policy": "compact", "delete.retention.ms": "604800000"}
    kafka.create_topic(prefix + "changelog", partitions=partitions, **settings)
