"""Package images: models, source and runtime as one layer on an environment image.

`slipway-package:<digest>` runs anywhere: `docker run -p 6789:5001 slipway-package:<digest>`.
"""

import hashlib
import io
import py_compile
import sys
import tempfile
from collections.abc import Callable
from importlib.util import MAGIC_NUMBER
from pathlib import Path, PurePosixPath
from py_compile import PycInvalidationMode
from typing import BinaryIO

import docker
from docker.errors import NotFound

from drivers.base import EnvironmentRef, Log, PackageFile, PackageRef, PackageSpec
from drivers.docker import building, layout
from drivers.docker.layers import Layer, put
from drivers.errors import DriverError
from drivers.fingerprint import package_digest, tree_digest
from drivers.locks import exclusive
from drivers.naming import checked_relative_path
from drivers.runtime import MODULE_COMMAND, package_variables, python_path, runtime_files


def build(
    api: docker.APIClient,
    spec: PackageSpec,
    environment: EnvironmentRef,
    *,
    cache: Path,
    runtime: Path,
    log: Log,
    repository: str = layout.PACKAGE_REPOSITORY,
) -> PackageRef:
    """`repository` is the image's name but for its tag, which is the package's digest."""
    code = runtime_files(runtime)
    digest = package_digest(spec, environment.fingerprint, tree_digest(code))
    location = f"{repository}:{digest}"
    lock = hashlib.sha256(location.encode()).hexdigest()
    with exclusive(cache / "packages" / f".lock-{lock}", log=log, what="package"):
        image = building.image_or_none(api, location)
        if reused := image is not None:
            log("slipway", f"Using the package {digest[:12]} made before")
        else:
            _assemble(api, spec, environment, code, building.scratch_name(lock, cache), repository, digest)
            log(
                "slipway",
                f"Laid {len(spec.files)} files ({sum(file.size for file in spec.files):,} bytes) in place",
            )
            image = api.inspect_image(location)
    return PackageRef(location, environment, digest, reused, image["Size"])


def _assemble(
    api: docker.APIClient,
    spec: PackageSpec,
    environment: EnvironmentRef,
    code: dict[str, Path],
    name: str,
    repository: str,
    digest: str,
) -> None:
    options = _options(spec, digest)
    try:
        with building.scratch(api, name, environment.location, **options) as container:
            ours = api.inspect_container(container)["Config"]["Labels"].get(layout.MAGIC) == MAGIC_NUMBER.hex()
            put(api, container, _contents(spec, code, compiled=ours))
            building.commit(api, container, repository, digest, {})
    except NotFound as exc:
        raise DriverError(
            f"The environment image {environment.location} is gone from the engine.",
            advice="Deploy again; it is built anew.",
        ) from exc


def _options(spec: PackageSpec, digest: str) -> dict[str, object]:
    """The container's configuration, which its image takes over: no Dockerfile, so nothing to escape."""
    variables = package_variables(spec, layout.APP_ROOT)
    variables |= python_path(layout.RUNTIME, variables)
    # Libraries look for a home to cache in and ask for the account's name, which a bare number has not.
    defaults = {"HOME": "/tmp", "USER": "slipway", "LOGNAME": "slipway"}
    settled = {"SLIPWAY_HOST": "0.0.0.0", "SLIPWAY_PORT": str(layout.PORT), "SLIPWAY_OWN_CGROUP": "on"}
    variables = defaults | variables | settled
    return {
        "entrypoint": [str(layout.PYTHON), *MODULE_COMMAND],
        "command": [],
        "environment": variables,
        "user": layout.USER,
        "working_dir": str(layout.APP_ROOT),
        "ports": [layout.PORT],
        "labels": {layout.DIGEST: digest},
    }


def _contents(spec: PackageSpec, code: dict[str, Path], *, compiled: bool) -> Callable[[Layer], None]:
    def write(layer: Layer) -> None:
        for name, source in code.items():
            layer.copy(source, layout.RUNTIME / name)
            if compiled and source.suffix == ".py":
                _compile(layer, source, layout.RUNTIME / name)
        layer.folder(layout.APP_ROOT / checked_relative_path(spec.model_dir))
        for file in spec.files:
            _copy(layer, file)

    return write


def _compile(layer: Layer, source: Path, path: PurePosixPath) -> None:
    """The module's byte code beside it, when the image's Python understands ours: a container cannot write
    it, and would compile the runtime at every start (0.2 s on one core)."""
    cached = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "module.pyc")
        # Its source is in the same layer and neither ever changes, so no date is compared.
        py_compile.compile(str(source), str(made), str(path), invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
        layer.copy(made, cached)


def _copy(layer: Layer, file: PackageFile) -> None:
    with file.open() as source:
        checked = _Checked(source)
        layer.file(layout.APP_ROOT / checked_relative_path(file.path), checked, file.size)
    if checked.sha256.hexdigest() != file.sha256:
        raise DriverError(f"{file.path} is not what was registered: its SHA-256 is {checked.sha256.hexdigest()}")


class _Checked(io.RawIOBase):
    """A file being read, and the hash of what was read of it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self.sha256.update(block)
        return block
