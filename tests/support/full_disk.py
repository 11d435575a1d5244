"""A full disk for a program under test, without any right: full_disk.c, compiled and preloaded."""

import os
import pathlib
import subprocess


class FullDisk:
    """Of what lies below one directory. `environment` is for the program; `scratch` holds the library and the flag."""

    def __init__(self, below: pathlib.Path, scratch: pathlib.Path):
        scratch.mkdir(parents=True, exist_ok=True)
        self._flag = scratch / "disk-is-full"
        self.environment = {
            "LD_PRELOAD": str(library(scratch)),
            "FULL_DISK_BELOW": str(below),
            "FULL_DISK_FLAG": str(self._flag),
            # Under the sanitizers: this library may come before theirs.
            "ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"])),
        }

    def fill(self) -> None:
        self._flag.touch()

    def empty(self) -> None:
        self._flag.unlink(missing_ok=True)


def library(folder: pathlib.Path) -> pathlib.Path:
    """Compiled into `folder`, unless it is there."""
    made = folder / "full_disk.so"
    if not made.exists():
        source = pathlib.Path(__file__).with_name("full_disk.c")
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(made), str(source), "-ldl"], check=True)
    return made
