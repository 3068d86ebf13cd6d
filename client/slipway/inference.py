"""The inference configuration and the files it names.

The studio reads the configuration; this module reads it just far enough to know which files of this
machine must travel along (Azure ML v1 contract: `sourceDirectory` is relative to the current directory,
`entryScript` and `condaFile` to the source directory if there is one).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway import documents
from slipway.errors import LocalPathError, SlipwayError
from slipway.files import LocalFile, folder_name, local_file, source_files

ADVICE_RELATIVE = "entryScript and condaFile are relative to sourceDirectory when that is given."


@dataclass(frozen=True, slots=True)
class Inference:
    """`config` is text as the file has it (so that the studio can name its lines) or an object."""

    config: str | dict[str, Any] | None
    files: list[LocalFile]


def prepare(file: Path | None = None, **flags: str | None) -> Inference:
    """`flags` are `entry_script`, `source_directory` and `conda_file`; each overrides the file's value."""
    text = documents.read_text(file) if file else None
    given = {_camel(key): value for key, value in flags.items() if value is not None}
    if text is None and not given:
        return Inference(None, [])
    try:
        written = documents.parse(text, file) if text is not None else {}
    except SlipwayError:
        if given:
            raise
        return Inference(text, [])  # the studio answers with the line that is wrong
    config, files = _completed({**written, **given})
    return Inference(text if text is not None and config == written else config, files)


def _completed(config: dict[str, Any]) -> tuple[dict[str, Any], list[LocalFile]]:
    """The configuration with its paths as the studio will find them, and the files to send."""
    source = config.get("sourceDirectory")
    if isinstance(source, str) and source:
        return _with_source_directory(config, Path(source))
    files, paths = [], {}
    for key in ("entryScript", "condaFile"):
        if isinstance(config.get(key), str) and config[key]:
            files.append(_alone(key, Path(config[key])))
            paths[key] = files[-1].path
    return {**config, **paths}, files


def _with_source_directory(config: dict[str, Any], source: Path) -> tuple[dict[str, Any], list[LocalFile]]:
    files = source_files(source)
    name = folder_name(source)
    paths = {} if source.name == name else {"sourceDirectory": name}  # such as "."
    for key in ("entryScript", "condaFile"):
        if isinstance(config.get(key), str) and config[key]:
            paths[key] = _inside(key, config[key], source)
    return {**config, **paths}, files


def _alone(key: str, path: Path) -> LocalFile:
    """A file without a source directory keeps its path below the current directory, else only its name."""
    if not path.is_file():
        raise LocalPathError(f"{key} does not exist", str(path), f"Without sourceDirectory, {key} is "
                             "relative to the folder you are in.")
    plain = os.path.normpath(path)
    outside = os.path.isabs(plain) or plain.startswith("..")
    return local_file(path, path.name if outside else Path(plain).as_posix())


def _inside(key: str, text: str, source: Path) -> str:
    plain = os.path.normpath(text)
    if os.path.isabs(plain) or plain.startswith(".."):
        raise LocalPathError(f"{key} lies outside the source directory", f"{text} is not below {source}",
                             ADVICE_RELATIVE)
    if not (source / plain).is_file():
        raise LocalPathError(f"{key} does not exist", f"there is no {text} in {source}", ADVICE_RELATIVE)
    return Path(plain).as_posix()


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
