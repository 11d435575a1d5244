#!/usr/bin/env python3
"""tools/clang_tidy.py BUILD_DIR FILE...: clang-tidy over compiled files, each judged once for what it is made of.

A file without findings is remembered under a digest of its configuration, its compile command, its text and that of
every header of the project it includes (as ninja recorded them), so that the next run asks only about what changed.
System headers come with the machine's packages and stand in the digest by their version of clang-tidy's package only.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

CLANG_TIDY = "clang-tidy-16"
ROOT = pathlib.Path(__file__).resolve().parent.parent


def project_headers(build):
    """Object file -> the project's own files it was compiled from, by ninja's record of the last build."""
    found, current = {}, None
    listing = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if not line.startswith(" "):
            current = found.setdefault(line.split(":")[0], []) if "(VALID)" in line else None
        elif current is not None:
            path = os.path.normpath(os.path.join(build, line.strip()))
            if path.startswith(f"{ROOT}/"):
                current.append(pathlib.Path(path))
    return found


def digest_of(paths, texts, *more):
    digest = hashlib.sha256()
    for text in more:
        digest.update(text.encode() + b"\0")
    for path in sorted(paths):
        if path not in texts:
            texts[path] = hashlib.sha256(path.read_bytes()).digest()
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + texts[path])
    return digest.hexdigest()


def configuration_of(name):
    """What clang-tidy is told of the file: by the root's configuration, and by those of the folders it lies in."""
    folders = [ROOT, *reversed([ROOT / folder for folder in pathlib.Path(name).parents if folder.name])]
    return "".join((folder / ".clang-tidy").read_text() for folder in folders if (folder / ".clang-tidy").exists())


def judge(build, file, clean):
    run = subprocess.run([CLANG_TIDY, "-p", build, "--quiet", file], cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        clean.touch()
        return None
    return run.stdout + ("" if run.stdout.strip() else run.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    commands = {
        pathlib.Path(entry["file"]).resolve(): entry for entry in json.loads((build / "compile_commands.json").read_text())
    }
    headers = project_headers(build)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, text=True, check=True).stdout
    memory = build / "clang-tidy"
    memory.mkdir(exist_ok=True)

    texts, open_files = {}, []
    for name in sys.argv[2:]:
        entry = commands.get((ROOT / name).resolve())
        if entry is None:
            sys.exit(f"clang-tidy: {name} belongs to no target of {build.relative_to(ROOT)}")
        made_of = headers.get(re.search(r" -o (\S+)", entry["command"]).group(1))
        if made_of is None:
            sys.exit(f"clang-tidy: {name} was not built in {build.relative_to(ROOT)}: build it first")
        clean = memory / digest_of(made_of, texts, version + configuration_of(name), entry["command"])
        if not clean.exists():
            open_files.append((name, clean))
    print(f"clang-tidy: {len(open_files)} of {len(sys.argv) - 2} files to judge", file=sys.stderr)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for findings in pool.map(lambda job: judge(build, *job), open_files):
            if findings:
                failed = True
                print(findings, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
