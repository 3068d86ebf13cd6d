"""The inference configuration and the files it names.

The studio reads the configuration; this module reads it just far enough to know which files of this
machine must travel along (Azure ML v1 contract: `sourceDirectory` is relative to the current directory,
the entry script and conda files to the source directory if there is one).
"""

import copy
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway import documents
from slipway.errors import LocalPathError, SlipwayError
from slipway.files import LocalFile, folder_name, local_file, source_files

NAMES_A_FILE = (("entryScript",), ("condaFile",), ("environment", "python", "condaDependenciesFile"))

Config = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Inference:
    """`config` is text as the file has it (so that the studio can name its lines) or an object."""

    config: str | Config | None
    files: list[LocalFile]


def prepare(file: Path | None = None, **flags: str | None) -> Inference:
    """`flags` are values for keys of the file, such as `entryScript`; they override it."""
    given = {key: value for key, value in flags.items() if value is not None}
    text = documents.read_text(file) if file else None
    if text is None:
        return _completed(given) if given else Inference(None, [])
    try:
        written = documents.parse(text, file)
    except SlipwayError:
        if given:
            raise
        return Inference(text, [])  # the studio answers with the line that is wrong
    completed = _completed({**written, **given})
    return Inference(text, completed.files) if completed.config == written else completed


def _completed(config: Config) -> Inference:
    """The configuration with its paths as the studio will find them, and the files to send."""
    config = copy.deepcopy(config)
    source = config.get("sourceDirectory")
    if not isinstance(source, str) or not source:
        return Inference(config, _send_alone(config))
    folder = Path(source)
    files = source_files(folder)
    if folder.name != folder_name(folder):  # such as "."
        config["sourceDirectory"] = folder_name(folder)
    for holder, key in _file_keys(config):
        holder[key] = _inside(key, holder[key], folder)
    return Inference(config, files)


def _send_alone(config: Config) -> list[LocalFile]:
    """Without a source directory only the named files travel."""
    files = []
    for holder, key in _file_keys(config):
        files.append(_alone(key, holder[key]))
        holder[key] = _plain(holder[key], files[-1].path)
    return files


def _file_keys(config: Config) -> Iterator[tuple[Config, str]]:
    """Where the configuration names a file: the object that holds the name, and its key."""
    for *parents, key in NAMES_A_FILE:
        holder: Any = config
        for parent in parents:
            holder = holder.get(parent) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and isinstance(holder.get(key), str) and holder[key]:
            yield holder, key


def _alone(key: str, text: str) -> LocalFile:
    """The file keeps its path below the current directory; from elsewhere it has only its name."""
    if not Path(text).is_file():
        raise LocalPathError(
            f"{key} does not exist", text, f"Without sourceDirectory, {key} is relative to the folder you are in."
        )
    path = os.path.normpath(text)
    return local_file(Path(text), Path(path).name if _leads_out(path) else Path(path).as_posix())


def _inside(key: str, text: str, folder: Path) -> str:
    path = os.path.normpath(text)
    advice = f"{key} is relative to sourceDirectory when that is given."
    if _leads_out(path):
        raise LocalPathError(f"{key} lies outside the source directory", f"{text} is not below {folder}", advice)
    if not (folder / path).is_file():
        raise LocalPathError(f"{key} does not exist", f"there is no {text} in {folder}", advice)
    return _plain(text, Path(path).as_posix())


def _leads_out(path: str) -> bool:
    return os.path.isabs(path) or path.split(os.sep)[0] == ".."


def _plain(written: str, path: str) -> str:
    """`path`, unless what was written means the same to the studio: then the text can stay as it is."""
    return written if written.removeprefix("./") == path else path
