"""How a program under test pauses, resumes and seeks partitions with librdkafka: client_calls.c, compiled and preloaded."""

import os
import pathlib
import subprocess


class ClientCalls:
    """`environment` is for the program; `scratch` holds the library and what the program did."""

    def __init__(self, scratch: pathlib.Path):
        scratch.mkdir(parents=True, exist_ok=True)
        self._log = scratch / "calls"
        library = scratch / "client_calls.so"
        source = pathlib.Path(__file__).with_suffix(".c")
        # The real functions are found in what the library is linked with, wherever the program has them from.
        linked = ["-Wl,--no-as-needed", "-lrdkafka", "-ldl"]
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(source), *linked], check=True)
        self.environment = {
            "LD_PRELOAD": str(library),
            "CLIENT_CALLS_LOG": str(self._log),
            # Under the sanitizers: this library may come before theirs.
            "ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"])),
        }

    def made(self) -> list[tuple[str, str]]:
        """(call, "<topic> <partition>") in order."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [(call, place) for call, _, place in (line.partition(" ") for line in lines)]


def resumed_unpaused(calls: list[tuple[str, str]]) -> list[str]:
    """Places that were resumed without having been paused before."""
    paused, wrong = set(), []
    for call, place in calls:
        if call == "pause":
            paused.add(place)
        elif call == "resume" and place not in paused:
            wrong.append(place)
        elif call == "resume":
            paused.remove(place)
    return wrong


def sought_while_read(calls: list[tuple[str, str]]) -> set[str]:
    """Places that were sought more often than once since they were resumed, and are not paused meanwhile: a seek comes right
    after the resume."""
    seeks: dict[str, int] = {}
    again = set()
    for call, place in calls:
        if call == "resume":
            seeks.setdefault(place, 0)
        elif call == "pause":
            seeks.pop(place, None)
        elif place in seeks:
            seeks[place] += 1
            if seeks[place] > 1:
                again.add(place)
    return again
