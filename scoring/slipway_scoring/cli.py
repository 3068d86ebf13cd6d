"""`python -m slipway_scoring`: settings from the environment, flags over them."""

import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from dataclasses import replace
from pathlib import Path

from slipway_scoring import boot, cpus, log, server, settings
from slipway_scoring.errors import BootFailure


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    log.configure()
    chosen = None
    try:
        chosen = _settings(given)
        cpus.settle_threads(chosen.cpus / chosen.worker_count)
        boot.leave(server.serve(chosen))
    except BootFailure as failure:
        boot.report(failure, chosen)
        boot.leave(boot.FAILED)
    return 0


def _parser() -> ArgumentParser:
    variables = "\n".join(f"  {one.name:<26}{one.meaning}" for one in settings.SETTINGS)
    parser = ArgumentParser(
        "slipway_scoring",
        description="Serve a model over HTTP.",
        epilog=f"environment variables:\n{variables}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", metavar="PATH", help="model file or folder, served without a script")
    parser.add_argument("--entry-script", metavar="FILE", help="script with init() and run()")
    parser.add_argument("--model-dir", metavar="DIR", help="folder the script finds in AZUREML_MODEL_DIR")
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on; 0 takes a free one")
    return parser


def _settings(given: Namespace) -> settings.Settings:
    chosen = settings.from_environment()
    chosen = replace(chosen, app_root=_app_root(chosen.app_root))
    if given.model and given.entry_script:
        raise BootFailure("settings-invalid", "--model serves without a script: give it or --entry-script, not both.")
    if given.model:
        chosen = replace(chosen, model_dir=_absolute(given.model), entry_script="")
    if given.entry_script:
        chosen = replace(chosen, entry_script=_absolute(given.entry_script))
    if given.model_dir:
        chosen = replace(chosen, model_dir=_absolute(given.model_dir))
    if given.host:
        chosen = replace(chosen, host=given.host)
    if given.port is not None:
        chosen = replace(chosen, port=given.port)
    # Scripts read these two themselves.
    os.environ["AML_APP_ROOT"] = chosen.app_root
    os.environ["AZUREML_MODEL_DIR"] = chosen.model_dir
    return chosen


def _app_root(given: str) -> str:
    folder = Path(given or ".").resolve()
    if not folder.is_dir():
        raise BootFailure("settings-invalid", f"AML_APP_ROOT cannot be {given!r}: there is no such folder.")
    return str(folder)


def _absolute(path: str) -> str:
    return str(Path(path).resolve())
