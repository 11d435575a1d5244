#!/usr/bin/python3
"""Programs that operators use, fetched into the cache once for every clone on this machine: helm, promtool, prometheus.

    tests/support/operator_tools.py        prints the folder; quiet and offline when everything is there

helm is built from its pinned Go module, since Debian has no package of it. promtool and prometheus are taken out of
Debian's package without installing it: the package would start a server on this machine.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent))
from tests.support.kafka_artifacts import FetchError, cache_folder, locked  # noqa: E402

HELM = "v3.11.3"  # The newest whose sources Debian 12's Go reads.
KUBERNETES_VALIDATE = "1.31.0"  # Kubernetes' own schemas, from 1.24 on.


def run(command: list[str], what: str, **options) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise FetchError(f"{what} could not be fetched; run the same command again when the network is back\n{said}")


def build_helm(folder: pathlib.Path) -> None:
    work = folder / "go"
    env = {**os.environ, "GOBIN": str(folder), "GOPATH": str(work), "GOCACHE": str(work / "cache"), "GOFLAGS": "-modcacherw"}
    run(["go", "install", f"helm.sh/helm/v3/cmd/helm@{HELM}"], f"helm {HELM}", env=env)
    shutil.rmtree(work)


def unpack_prometheus(folder: pathlib.Path) -> None:
    work = folder / "deb"
    work.mkdir()
    run(["apt-get", "download", "-q", "prometheus"], "Debian's package prometheus", cwd=work)
    (package,) = work.glob("prometheus_*.deb")
    run(["dpkg-deb", "-x", str(package), str(work)], "Debian's package prometheus")
    for program in ("promtool", "prometheus"):
        shutil.move(work / "usr/bin" / program, folder / program)
    shutil.rmtree(work)


def install_validator(folder: pathlib.Path) -> None:
    run([sys.executable, "-m", "pip", "install", "-q", "--target", str(folder / "python"),
         f"kubernetes-validate=={KUBERNETES_VALIDATE}"], f"kubernetes-validate {KUBERNETES_VALIDATE}")


def tools() -> pathlib.Path:
    """The folder with the programs, filled now when it is not there."""
    folder = cache_folder() / f"operators-helm-{HELM}-validate-{KUBERNETES_VALIDATE}"
    if folder.is_dir():
        return folder
    with locked(cache_folder() / "operators.lock"):
        if folder.is_dir():
            return folder
        filling = pathlib.Path(tempfile.mkdtemp(prefix="filling-", dir=cache_folder()))
        try:
            print(f"fetching helm {HELM}, promtool and Kubernetes' schemas into {folder}", file=sys.stderr)
            unpack_prometheus(filling)
            install_validator(filling)
            build_helm(filling)
            filling.chmod(0o755)
            filling.rename(folder)
        finally:
            shutil.rmtree(filling, ignore_errors=True)
    return folder


if __name__ == "__main__":
    try:
        print(tools())
    except FetchError as error:
        sys.exit(f"{pathlib.Path(__file__).name}: {error}")
