"""Models and their versions: the verbs of the registry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from slipway import downloads, names
from slipway.errors import InvalidName
from slipway.files import model_files
from slipway.http import Api, segment
from slipway.uploads import uploaded

PAGE_VERSIONS = 255
# The studio reads every byte before it answers.
VERIFY_TIMEOUT_S = 4 * 3600.0

Version = dict[str, Any]


def register(
    api: Api,
    *,
    name: str,
    path: Path,
    unpack: bool = False,
    description: str = "",
    framework: str | None = None,
    framework_version: str | None = None,
    tags: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
    **said: Any,
) -> Version:
    """The new version; with `unpack`, of what the archive at `path` holds. Without `framework` the studio takes the
    one that the files show.

    `said` is whatever else the studio takes of a version: metrics, parameters, datasets, lineage, resources."""
    names.model_name(name)
    if said.get("parent"):
        resolved(api, said["parent"])  # refused before anything large is sent
    with uploaded(api, model_files(path), unpack=unpack) as upload:
        return api.post(
            f"{api.root}/models",
            {
                "name": name,
                "upload": upload,
                "description": description,
                "framework": framework or "",
                "framework_version": framework_version or "",
                "tags": dict(tags or {}),
                "properties": dict(properties or {}),
                **{key: value for key, value in said.items() if value not in (None, "", {}, [])},
            },
        )


def versions(
    api: Api,
    *,
    on_hint: Callable[[str], None] = lambda hint: None,
    on_fault: Callable[[str], None] = lambda fault: None,
    **filters: Any,
) -> Iterator[Version]:
    """Every version that matches all of the filters, newest first, fetched by pages as they are asked for.

    `filters` are those of the REST list; a `tag` is `key` or `key=value`. `on_hint` is told how the search was
    understood, `on_fault` each part of it that means nothing and was left out."""
    cursor = None
    while True:
        page = api.get(f"{api.root}/models", limit=PAGE_VERSIONS, cursor=cursor, **filters)
        if cursor is None:
            for hint in page.get("hints") or []:
                on_hint(hint)
            for fault in page.get("faults") or []:
                on_fault(_fault_text(fault))
        yield from page["value"]
        cursor = page.get("next")
        if not cursor:
            return


def _fault_text(fault: Mapping[str, Any]) -> str:
    said = f"“{fault['text']}” was left out: {fault['message']}"
    return f"{said} Did you mean “{fault['suggestion']}”?" if fault.get("suggestion") else said


def version(api: Api, name: str, number: int | None = None) -> Version:
    """One version with its files; the newest when `number` is None."""
    names.model_name(name)
    if number is None:
        number = api.get(f"{api.root}/models/{segment(name)}", limit=1)["versions"][0]["version"]
    return api.get(_path(api, name, number))


def find(api: Api, reference: str) -> Version:
    """`name:version` or `name@alias`, with its files."""
    return api.get(_path(api, *resolved(api, reference)))


def resolved(api: Api, reference: str) -> tuple[str, int]:
    """`("cancer", 3)` for `cancer:3`, and for `cancer@champion` when that is where the alias points now."""
    asked = names.model_reference(reference)
    if asked.version is not None:
        return asked.name, asked.version
    aliases = api.get(f"{api.root}/models/{segment(asked.name)}", limit=1)["aliases"]
    if asked.alias not in aliases:
        known = ", ".join(sorted(aliases)) or "none"
        raise InvalidName(
            f"{asked.name} has no alias {asked.alias!r}",
            f"its aliases: {known}",
            f"Set it: slipway model alias set -i {asked.name}:VERSION --alias {asked.alias}",
        )
    return asked.name, aliases[asked.alias]


def update(api: Api, reference: str, changes: Mapping[str, Any]) -> Version:
    """Changes of the REST's PATCH, and `sample_datasets`: {scenario: dataset} in place of what they have."""
    path = _path(api, *resolved(api, reference))
    changes = dict(changes)
    if samples := changes.pop("sample_datasets", None):
        changes["datasets"] = api.get(path)["datasets"] | {key: [dataset] for key, dataset in samples.items()}
    return api.send("PATCH", path, changes)


def set_alias(api: Api, reference: str, alias: str) -> dict[str, Any]:
    name, number = resolved(api, reference)
    return api.send("PUT", _alias_path(api, name, alias), {"version": number})


def remove_alias(api: Api, name: str, alias: str) -> None:
    api.delete(_alias_path(api, names.model_name(name), alias))


def compare(api: Api, references: Sequence[str]) -> dict[str, Any]:
    for reference in references:
        names.model_reference(reference)
    return api.get(f"{api.root}/compare", version=list(references))


def delete(api: Api, reference: str) -> str:
    """The id of what was deleted."""
    name, number = resolved(api, reference)
    api.delete(_path(api, name, number))
    return f"{name}:{number}"


def verify(api: Api, reference: str) -> dict[str, Any]:
    """What the studio finds when it reads the version's stored files again."""
    return api.post(f"{_path(api, *resolved(api, reference))}/verify", {}, read_timeout_s=VERIFY_TIMEOUT_S)


def download(api: Api, reference: str, target: Path, *, overwrite: bool = False) -> list[Path]:
    return downloads.download(api, find(api, reference), target, overwrite=overwrite)


def _path(api: Api, name: str, number: int) -> str:
    return f"{api.root}/models/{segment(name)}/versions/{number}"


def _alias_path(api: Api, name: str, alias: str) -> str:
    return f"{api.root}/models/{segment(name)}/aliases/{segment(alias)}"
