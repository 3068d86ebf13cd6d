"""Environment images: a virtual environment as one layer on a base image, `slipway-env:<fingerprint>`.

The packages are installed by uv on this machine, from its cache of wheels, for the image's Python and
platform: no network, compiler or installer inside, and nothing that a package brings runs here, since
only wheels are taken. The layer is laid out as a virtual environment of the image's own Python.
"""

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

import docker

from drivers import bytecode, installer
from drivers.base import EnvironmentRef, EnvironmentSpec, Log
from drivers.disk import enough_disk
from drivers.docker import base_images, building, layout
from drivers.docker.base_images import BaseImage
from drivers.docker.layers import Layer, files_below, put
from drivers.fingerprint import environment_fingerprint
from drivers.locks import exclusive
from drivers.requirements import Requirements, resolve


def prepare(
    api: docker.APIClient, spec: EnvironmentSpec, *, base: str, cache: Path, runtime: Path, log: Log
) -> EnvironmentRef:
    requirements = resolve(spec.requirements, runtime)
    image = base_images.find(api, spec.base_image or base, spec.python, cache=cache, log=log)
    fingerprint = environment_fingerprint(requirements.lines, target="docker", base_image=image.id)
    for note in requirements.notes:
        log("slipway", note)
    found = _finished(api, fingerprint)
    if found is None:
        lock = cache / "environments" / f".lock-{fingerprint}"
        with enough_disk(cache), exclusive(lock, log=log, what="environment"):
            found = _finished(api, fingerprint) or _build(api, image, requirements, fingerprint, cache, log)
    if found.reused:
        log("slipway", f"Using the environment {fingerprint[:12]} made before")
    return found


def _finished(api: docker.APIClient, fingerprint: str) -> EnvironmentRef | None:
    location = f"{layout.ENVIRONMENT_REPOSITORY}:{fingerprint}"
    image = building.image_or_none(api, location)
    if image is None:
        return None
    size = image["Size"] - int(image["Config"]["Labels"][layout.BASE_BYTES])
    return EnvironmentRef(fingerprint, location, reused=True, size_bytes=size)


def _build(
    api: docker.APIClient,
    image: BaseImage,
    requirements: Requirements,
    fingerprint: str,
    cache: Path,
    log: Log,
) -> EnvironmentRef:
    staged = cache / "environments" / fingerprint
    shutil.rmtree(staged, ignore_errors=True)  # a dead attempt's; the lock is ours
    try:
        log("slipway", f"Installing for Python {image.version} of {image.reference}")
        _install(image, requirements, staged, log)
        _lay_on(api, image, staged, building.scratch_name(fingerprint, cache), fingerprint, log)
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return replace(_finished(api, fingerprint), reused=False)


def _install(image: BaseImage, requirements: Requirements, target: Path, log: Log) -> None:
    target.mkdir(parents=True)
    arguments = ["pip", "install", "--target", str(target), "--requirements", "-", "--only-binary", ":all:"]
    arguments += ["--python", sys.executable]  # only to run uv's questions; the target is the image's:
    arguments += ["--python-version", image.version, "--python-platform", image.uv_platform]
    installer.run(arguments, requirements=requirements.lines, place=target.parent, log=log)


def _lay_on(api: docker.APIClient, image: BaseImage, staged: Path, name: str, fingerprint: str, log: Log) -> None:
    compiled = [str(layout.PYTHON), *bytecode.ARGUMENTS, str(layout.ENVIRONMENT)]
    options = {"entrypoint": compiled, "command": [], "user": "0:0", "network_disabled": True}
    with building.scratch(api, name, image.id, **options) as container:
        log("slipway", "Laying the packages on the base image")
        put(api, container, _virtual_environment(image, staged))
        log("slipway", "Compiling modules")
        building.run(api, container)  # its exit code tells of modules for other Pythons; they stay source
        base_bytes = api.inspect_image(image.id)["Size"]
        labels = {
            layout.FINGERPRINT: fingerprint,
            layout.BASE_BYTES: str(base_bytes),
            layout.MAGIC: image.magic,
        }
        config = {"Labels": labels, "Entrypoint": [str(layout.PYTHON)], "Cmd": []}
        building.commit(api, container, layout.ENVIRONMENT_REPOSITORY, fingerprint, config)


def _virtual_environment(image: BaseImage, staged: Path) -> Callable[[Layer], None]:
    """What `python -m venv` makes, with `staged` as its site-packages."""
    home = PurePosixPath(image.executable).parent
    root = layout.ENVIRONMENT

    def write(layer: Layer) -> None:
        layer.text(root / "pyvenv.cfg", f"home = {home}\ninclude-system-site-packages = false\n")
        for name in ("python", "python3", f"python{image.minor}"):
            layer.link(root / "bin" / name, image.executable)
        site_packages = root / "lib" / f"python{image.minor}" / "site-packages"
        for path, source in files_below(staged):
            if path.parts[0] == "bin":
                _script(layer, source, root / path)
            else:
                layer.copy(source, site_packages / path)

    return write


def _script(layer: Layer, source: Path, path: PurePosixPath) -> None:
    """A command of a package. uv wrote this machine's Python on its first line."""
    content = source.read_bytes()
    if content.startswith(b"#!") and b"python" in content.split(b"\n", 1)[0]:
        content = b"#!" + str(layout.PYTHON).encode() + b"\n" + content.split(b"\n", 1)[-1]
    layer.file(path, io.BytesIO(content), len(content), mode=0o755)
