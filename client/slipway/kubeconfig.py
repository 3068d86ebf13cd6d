"""A kubeconfig on its way to the studio: one context of it, with the files it names put in.

Other contexts' credentials are nobody's business there, and files of this machine are not on that one."""

import base64
import os
from pathlib import Path
from typing import Any

from slipway.documents import parse, read_text
from slipway.errors import LocalPathError, SlipwayError

_FILES = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}


def default_path() -> Path:
    """The first of $KUBECONFIG, else ~/.kube/config."""
    first = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(first) if first else Path.home() / ".kube" / "config"


def one_context(path: Path, context: str | None) -> str:
    """The text of a kubeconfig that holds `context` alone, or the current one. Raises SlipwayError."""
    import yaml

    found = parse(read_text(path), path)
    name = context or found.get("current-context")
    if not name:
        there = ", ".join(_names(found, "contexts")) or "none"
        raise SlipwayError(
            "The kubeconfig has no current context", f"{path}: contexts are {there}", "Name one with --context."
        )
    chosen = _named(found, "contexts", "context", name, path)
    cluster = _named(found, "clusters", "cluster", chosen.get("cluster"), path)
    user = _named(found, "users", "user", chosen.get("user"), path)
    kept = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": chosen}],
        "clusters": [{"name": chosen["cluster"], "cluster": _whole(cluster, path)}],
        "users": [{"name": chosen["user"], "user": _whole(user, path)}],
    }
    return yaml.safe_dump(kept, sort_keys=False)


def _named(config: dict[str, Any], key: str, inner: str, name: object, path: Path) -> dict[str, Any]:
    for each in _entries(config, key):
        if each.get("name") == name and isinstance(each.get(inner), dict):
            return each[inner]
    there = ", ".join(_names(config, key)) or "none"
    raise SlipwayError(f"The kubeconfig has no {inner} called {name}", f"{path}: there are {there}", code="kubeconfig")


def _entries(config: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = config.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _names(config: dict[str, Any], key: str) -> list[str]:
    return [str(each.get("name")) for each in _entries(config, key)]


def _whole(section: dict[str, Any], path: Path) -> dict[str, Any]:
    """With the contents of files in place of their names; names are relative to the kubeconfig."""
    whole = dict(section)
    for key, data in _FILES.items():
        if (name := whole.pop(key, None)) and data not in whole:
            whole[data] = base64.b64encode(_content(path.parent / str(name))).decode()
    if (name := whole.pop("tokenFile", None)) and "token" not in whole:
        whole["token"] = _content(path.parent / str(name)).decode("utf-8", "replace").strip()
    return whole


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise LocalPathError("A file that the kubeconfig names cannot be read", f"{path}: {exc.strerror}") from None
