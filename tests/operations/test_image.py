"""The Dockerfile installs the packages of every library that the program needs at run time."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Part of every Debian, or of the sanitizers of a test build.
ALWAYS = {"libc6", "libgcc-s1", "libstdc++6", "libasan8", "libubsan1", "libtsan2"}


def installed_by_the_image() -> set[str]:
    final = (ROOT / "Dockerfile").read_text().rsplit("FROM ", 1)[1]
    return set(re.findall(r"\b[a-z][a-z0-9.+-]+\b", re.search(r"--no-install-recommends(.*?)&& rm", final, re.S)[1]))


def needed_directly() -> set[str]:
    """Libraries the program names itself; what those need comes with their packages."""
    binary = os.environ["TOCSIN_BINARY"]
    dynamic = subprocess.run(["readelf", "-d", binary], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+?)\]", dynamic))


def packages_of(libraries: set[str]) -> dict[str, str]:
    listed = subprocess.run(["ldd", os.environ["TOCSIN_BINARY"]], capture_output=True, text=True, check=True).stdout
    paths = dict(re.findall(r"^\s*(\S+) => (\S+)", listed, re.M))
    owners = {}
    for library in libraries & paths.keys():
        real = os.path.realpath(paths[library])
        for path in (real, real.removeprefix("/usr")):
            found = subprocess.run(["dpkg-query", "-S", path], capture_output=True, text=True)
            if found.returncode == 0:
                owners[library] = found.stdout.split(":")[0]
                break
        else:
            raise AssertionError(f"{library} ({real}) belongs to no package")
    return owners


def test_every_library_of_the_program_is_in_the_image():
    owners = packages_of(needed_directly())
    assert len(owners) > 8
    image = installed_by_the_image()
    missing = {library: package for library, package in owners.items() if package not in image | ALWAYS}
    assert missing == {}
    # An optimised build has all it needs of libxxhash0 inlined; others do not.
    assert image - set(owners.values()) - {"libxxhash0"} == {"ca-certificates", "tzdata"}


def test_the_history_is_no_part_of_what_is_built():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", "build/", ".cache/"} <= set(ignored) and not [line for line in ignored if line.startswith("!")]
    # And nothing asks for it.
    for name in ("Makefile", "CMakeLists.txt", "daemon/CMakeLists.txt", "tools/setup", "tools/build", "tools/build-optimized"):
        assert not re.search(r"\bgit (describe|rev-parse|log|ls-files)\b|\.git/", (ROOT / name).read_text()), name
