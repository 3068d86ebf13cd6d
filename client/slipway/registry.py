"""Models and their versions: the verbs of the registry."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from slipway import downloads, names
from slipway.files import model_files
from slipway.http import Api, segment
from slipway.uploads import uploaded

PAGE_VERSIONS = 255

Version = dict[str, Any]


def register(
    api: Api,
    *,
    name: str,
    path: Path,
    description: str = "",
    framework: str | None = None,
    framework_version: str | None = None,
    tags: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
) -> Version:
    """The new version. Without `framework` the studio takes the one that the files show."""
    names.model_name(name)
    with uploaded(api, model_files(path)) as upload:
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
            },
        )


def versions(
    api: Api,
    *,
    name: str | None = None,
    query: str | None = None,
    tags: Sequence[str] = (),
    properties: Sequence[str] = (),
    latest: bool = False,
    on_hint: Callable[[str], None] = lambda hint: None,
) -> list[Version]:
    """Every version that matches all of the filters, newest first. A tag is `key` or `key=value`."""
    found: list[Version] = []
    cursor = None
    while True:
        page = api.get(
            f"{api.root}/models",
            name=name,
            q=query,
            tag=list(tags),
            property=list(properties),
            latest="true" if latest else None,
            limit=PAGE_VERSIONS,
            cursor=cursor,
        )
        if cursor is None:
            for hint in page.get("hints") or []:
                on_hint(hint)
        found += page["value"]
        cursor = page.get("next")
        if not cursor:
            return found


def version(api: Api, name: str, number: int | None = None) -> Version:
    """One version with its files; the newest when `number` is None."""
    names.model_name(name)
    if number is None:
        listed = api.get(f"{api.root}/models/{segment(name)}")["versions"]
        number = max(each["version"] for each in listed)
    return api.get(_path(api, name, number))


def delete(api: Api, model_id: str) -> None:
    api.delete(_path(api, *names.model_id(model_id)))


def download(api: Api, model_id: str, target: Path, *, overwrite: bool = False) -> list[Path]:
    return downloads.download(api, version(api, *names.model_id(model_id)), target, overwrite=overwrite)


def _path(api: Api, name: str, number: int) -> str:
    return f"{api.root}/models/{segment(name)}/versions/{number}"
