"""Packages as folders: `<digest>/app` is the app root, `<digest>/package.json` the variables it decides."""

import hashlib
import json
from pathlib import Path

from drivers.base import EnvironmentRef, Log, PackageFile, PackageRef, PackageSpec
from drivers.disk import beside, enough_disk, remove_folder, sweep, write_atomically
from drivers.errors import DriverError
from drivers.fingerprint import package_digest
from drivers.locks import exclusive
from drivers.naming import checked_relative_path
from drivers.runtime import package_variables

_CHUNK = 2**20


def build(spec: PackageSpec, environment: EnvironmentRef, *, packages: Path, log: Log) -> PackageRef:
    digest = package_digest(spec, environment.fingerprint)
    folder = packages / digest
    with enough_disk(packages), exclusive(packages / f".lock-{digest}", log=log, what="package"):
        reused = folder.exists()
        if reused:
            log("slipway", f"Using the package {digest[:12]} made before")
        else:
            _assemble(spec, folder, log)
    size = environment.size_bytes + sum(file.size for file in spec.files)
    return PackageRef(str(folder), environment, digest, reused, size)


def app_root(package: PackageRef) -> Path:
    return Path(package.location) / "app"


def variables(package: PackageRef) -> dict[str, str]:
    return json.loads((Path(package.location) / "package.json").read_text(encoding="utf-8"))


def _assemble(spec: PackageSpec, folder: Path, log: Log) -> None:
    sweep(folder)
    staged = beside(folder, "new")
    app = staged / "app"
    (app / checked_relative_path(spec.model_dir)).mkdir(parents=True)
    try:
        for file in spec.files:
            _copy(file, app / checked_relative_path(file.path))
        # The folder's final name: variables are absolute, and it gets that name whole or not at all.
        write_atomically(staged / "package.json", json.dumps(package_variables(spec, folder / "app")))
        staged.rename(folder)
    except BaseException:
        remove_folder(staged)
        raise
    log("slipway", f"Laid {len(spec.files)} files ({sum(file.size for file in spec.files):,} bytes) in place")


def _copy(file: PackageFile, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with file.open() as source, open(target, "xb") as copy:
        while chunk := source.read(_CHUNK):
            found.update(chunk)
            copy.write(chunk)
    if found.hexdigest() != file.sha256:
        raise DriverError(f"{file.path} is not what was registered: its SHA-256 is {found.hexdigest()}")
    # Workloads of the same package share the file.
    target.chmod(0o444)
