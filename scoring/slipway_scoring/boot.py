"""From settings to a loaded scorer, telling the log what was found and how long it took."""

import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from time import perf_counter

import orjson

from slipway_scoring import __version__, listing
from slipway_scoring.dataplane import ModelScorer, Scorer
from slipway_scoring.errors import BootFailure
from slipway_scoring.log import logger, traceback_text
from slipway_scoring.settings import Settings

MARK = "SLIPWAY-BOOT-FAILED"
FAILED = 3  # gunicorn's exit code for a worker that could not boot, which Azure's users know
TOLD_ABOUT = (
    "scikit-learn", "onnxruntime", "mlflow-skinny", "mlflow", "numpy", "pandas", "scipy", "joblib", "skops",
    "xgboost", "xgboost-cpu", "lightgbm", "torch", "keras", "jax", "tensorflow", "tensorflow-cpu", "inference-schema",
)  # fmt: skip


def load(settings: Settings) -> Scorer:
    """Raises BootFailure."""
    started = perf_counter()
    _tell(settings)
    scorer = _load_script(settings) if settings.entry_script else _load_model(settings)
    logger.info("Loaded in %.2f s", perf_counter() - started)
    return scorer


def _load_script(settings: Settings) -> Scorer:
    from slipway_scoring import azureml_shim, entry_script

    root = Path(settings.app_root)
    path = root / settings.entry_script
    # Appended, as Azure did: a user's module must not take the place of an installed package.
    for folder in (root, root / settings.source_directory, path.parent):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    azureml_shim.install()
    logger.info("Entry script %s", path)
    script = entry_script.load(path, settings.scoring_timeout_ms, settings.batching)
    script.init()
    return script


def _load_model(settings: Settings) -> Scorer:
    from slipway_scoring import loaders

    if not settings.model_dir:
        raise BootFailure("model-missing", "There is neither a model nor an entry script: set AZUREML_MODEL_DIR.")
    predictor = loaders.load(Path(settings.app_root, settings.model_dir), settings.framework)
    facts = {}
    if settings.convert_to_onnx:
        from slipway_scoring import conversion

        predictor, told = conversion.faster(predictor)
        facts["conversion"] = told.as_dict()
    return ModelScorer(predictor, settings.scoring_timeout_ms, settings.batching, facts)


def can_be_shared(settings: Settings) -> bool:
    """Whether the model may be loaded once, before the workers are forked: nothing of it runs threads of its own."""
    from slipway_scoring import loaders

    if settings.entry_script or not settings.model_dir or settings.convert_to_onnx:
        return False
    return loaders.choose(Path(settings.app_root, settings.model_dir), settings.framework).kind.forked


def _tell(settings: Settings) -> None:
    logger.info("slipway-scoring %s, Python %s%s", __version__, platform.python_version(), _versions())
    if settings.model_dir:
        _tell_tree(Path(settings.app_root, settings.model_dir))


def _versions() -> str:
    found = {distribution: _version(distribution) for distribution in TOLD_ABOUT}
    return "".join(f", {name} {version}" for name, version in found.items() if version)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _tell_tree(folder: Path) -> None:
    lines = listing.tree(folder) if folder.exists() else ["(does not exist)"]
    logger.info("AZUREML_MODEL_DIR %s\n%s", folder, "\n".join(lines))


def report(failure: BootFailure, settings: Settings | None) -> None:
    """The cause for people and, as the last line, for the machine that started us."""
    text = traceback_text(failure.__cause__ or failure)
    sys.stdout.flush()
    print(text, file=sys.stderr)
    if settings is not None and settings.model_dir:
        folder = Path(settings.app_root, settings.model_dir)
        print(f"Model folder {folder}:", *listing.tree(folder), sep="\n", file=sys.stderr)
    line = {"code": failure.code, "message": str(failure), "traceback": text}
    print(MARK, orjson.dumps(line).decode(), file=sys.stderr, flush=True)


def leave(status: int) -> None:
    """Ends the process at once: a thread the script left running must not keep a failed server alive."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
