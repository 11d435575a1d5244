#!/usr/bin/python3
"""Fetches the pinned Apache Kafka broker into the cache, once for every clone on this machine.

    tests/support/kafka_artifacts.py        prints the folder; quiet and offline when it is there

The cache is ${XDG_CACHE_HOME:-~/.cache}/tocsin. A folder in it appears whole or not at all: it is filled
under another name and renamed. Its name holds a digest of the pins, so clones with other pins do not meet.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PINS = pathlib.Path(__file__).resolve().parent / "kafka"
JAVA_VERSION_MIN = 11  # Kafka 3.9.


class FetchError(RuntimeError):
    """Says what could not be had and what to do about it."""


def cache_folder() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "tocsin"


@contextlib.contextmanager
def locked(path: pathlib.Path):
    """Holds the lock file `path`; waits for whoever holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def java_version() -> str:
    """The version of `java` on the path, e.g. "17.0.15+6-Debian-1deb12u1"."""
    try:
        said = subprocess.run(["java", "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise FetchError(f"java does not run ({error}); install default-jre-headless") from error
    version = re.search(r"java\.vm\.version = (\S+)", said.stderr)[1]
    if int(re.match(r"\d+", version)[0]) < JAVA_VERSION_MIN:
        raise FetchError(f"java {version} is too old for the Kafka broker; it needs {JAVA_VERSION_MIN} or newer")
    return version


def jars() -> pathlib.Path:
    """The folder with the broker's jars, fetched now when it is not there."""
    pins = (PINS / "pom.xml").read_bytes() + (PINS / "jars.sha256").read_bytes()
    folder = cache_folder() / f"kafka-{hashlib.sha256(pins).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    with locked(cache_folder() / "kafka.lock"):
        if folder.is_dir():
            return folder
        print("kafka: fetching the pinned broker from Maven Central (46 MB, once)", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".kafka-") as scratch:
            filled = pathlib.Path(scratch) / "jars"
            _resolve(filled)
            _verify(filled)
            filled.rename(folder)
    return folder


def _resolve(target: pathlib.Path) -> None:
    command = ["mvn", "-q", "-B", "-f", str(PINS / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise FetchError(f"mvn does not run ({error}); install maven") from error
    if done.returncode != 0:
        raise FetchError(
            "the Kafka broker (org.apache.kafka:kafka_2.13:3.9.1) could not be fetched from Maven Central:\n"
            f"{(done.stdout + done.stderr)[-2000:]}\nCheck the network, then run the same command again."
        )


def _verify(folder: pathlib.Path) -> None:
    """Refuses a set of jars that is not exactly the pinned one."""
    pinned = dict(reversed(line.split()) for line in (PINS / "jars.sha256").read_text().splitlines())
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.iterdir()}
    wrong = sorted(name for name in pinned.keys() | found.keys() if pinned.get(name) != found.get(name))
    if wrong:
        raise FetchError(
            f"fetched jars differ from tests/support/kafka/jars.sha256: {', '.join(wrong)}\n"
            "Remove them from the local Maven repository (~/.m2/repository) and run the same command again."
        )


def shared_classes() -> pathlib.Path:
    """Where the JVM keeps the broker's parsed classes. Starting from it takes 1 s instead of 3.

    Broker.start makes it, in a first run, when it is not there; it fits one build of the JVM only.
    """
    version = re.sub(r"[^\w.+-]", "_", java_version())
    return cache_folder() / f"{jars().name}-{version}.jsa"


if __name__ == "__main__":
    try:
        print(jars())
    except FetchError as error:
        sys.exit(f"kafka: {error}")
