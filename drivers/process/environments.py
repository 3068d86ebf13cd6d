"""Virtual environments by fingerprint."""

import json
from pathlib import Path

from drivers import bytecode, installer
from drivers.base import EnvironmentRef, EnvironmentSpec, Log
from drivers.children import run_logged
from drivers.disk import enough_disk, folder_bytes, remove_folder, sweep, write_atomically
from drivers.fingerprint import environment_fingerprint
from drivers.locks import exclusive
from drivers.process import interpreters
from drivers.process.interpreters import Interpreter
from drivers.requirements import Requirements, resolve

_COMPLETE = ".complete"
"""Written last. A virtual environment cannot be renamed into place (its scripts and configuration
name its folder), so a folder without this file is an attempt that died, and is removed."""


def prepare(spec: EnvironmentSpec, *, environments: Path, runtime: Path, log: Log) -> EnvironmentRef:
    interpreter = interpreters.find(spec.python)
    requirements = resolve(spec.requirements, runtime)
    fingerprint = environment_fingerprint(
        requirements.lines,
        target="process",
        interpreter=interpreter.path,
        version=interpreter.version,
        platform=interpreter.platform,
    )
    for note in requirements.notes:
        log("slipway", note)
    folder = environments / fingerprint
    found = _finished(folder)
    if found is None:
        with (
            enough_disk(environments),
            exclusive(environments / f".lock-{fingerprint}", log=log, what="environment"),
        ):
            found = _finished(folder) or _build(folder, interpreter, requirements, log)
    if found.reused:
        log("slipway", f"Using the environment {fingerprint[:12]} made before")
    return found


def python_of(environment: EnvironmentRef) -> str:
    return str(Path(environment.location) / "bin" / "python")


def _finished(folder: Path) -> EnvironmentRef | None:
    try:
        facts = json.loads((folder / _COMPLETE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return EnvironmentRef(folder.name, str(folder), reused=True, size_bytes=facts["size_bytes"])


def _build(folder: Path, interpreter: Interpreter, requirements: Requirements, log: Log) -> EnvironmentRef:
    remove_folder(folder)
    sweep(folder)
    log("slipway", f"Making an environment with Python {interpreter.version}")
    venv = [
        "venv",
        "--quiet",
        "--no-project",
        "--no-python-downloads",
        "--python",
        interpreter.path,
        str(folder),
    ]
    installer.run(venv, requirements=(), place=folder.parent, log=log)
    install = ["pip", "install", "--python", str(folder / "bin" / "python"), "--requirements", "-"]
    installer.run(install, requirements=requirements.lines, place=folder.parent, log=log)
    log("slipway", "Compiling modules")
    compile_all = [str(folder / "bin" / "python"), *bytecode.ARGUMENTS, str(folder / "lib")]
    run_logged(compile_all, cwd=folder, on_line=lambda _: None)  # modules for other Pythons stay source
    size = folder_bytes(folder)
    write_atomically(folder / _COMPLETE, json.dumps({"size_bytes": size, "requirements": requirements.lines}))
    return EnvironmentRef(folder.name, str(folder), reused=False, size_bytes=size)
