"""Hashes that name environments and packages by all that decides what they are."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from drivers.base import PackageSpec

# Grows when the way environments or packages are laid out changes, so that old ones are not reused.
LAYOUT = 1


def _digest(facts: Mapping[str, object]) -> str:
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def environment_fingerprint(requirements: tuple[str, ...], **ground: str) -> str:
    """`ground` is what the packages are laid on: interpreter, platform, base image."""
    return _digest({"layout": LAYOUT, "requirements": requirements, **ground})[:32]


def package_digest(spec: PackageSpec, environment: str, runtime: str = "") -> str:
    """`environment` is a fingerprint; `runtime` a tree digest, where the package holds the runtime's code."""
    return _digest(
        {
            "layout": LAYOUT,
            "environment": environment,
            "runtime": runtime,
            "files": sorted((file.path, file.sha256) for file in spec.files),
            "model_dir": spec.model_dir,
            "framework": spec.framework,
            "entry_script": spec.entry_script,
            "source_directory": spec.source_directory,
            "variables": dict(spec.variables),
        }
    )


def workload_digest(facts: Mapping[str, object]) -> str:
    """Equal digests mean a running workload need not be touched."""
    return _digest(facts)


def tree_digest(files: Mapping[str, Path]) -> str:
    """Digest of files by the names they will have, whatever their dates and places."""
    return _digest({name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()})
