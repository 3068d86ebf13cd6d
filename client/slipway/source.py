"""Where a path's code comes from, as git knows it: repository, branch, commit."""

import os
import re
import subprocess
from pathlib import Path

_TIMEOUT_S = 5


def of_path(path: Path) -> dict[str, str]:
    """`git_repository`, `git_branch` and `git_commit`, as far as they are known; empty outside of a repository."""
    folder = path if path.is_dir() else path.parent
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return {}
    remote = _git(folder, "remote", "get-url", "origin") or _git(folder, "rev-parse", "--show-toplevel")
    found = {
        "git_repository": _without_password(remote),
        "git_branch": _git(folder, "branch", "--show-current"),
        "git_commit": commit,
    }
    return {key: text for key, text in found.items() if text}


def _git(folder: Path, *arguments: str) -> str:
    """The first line that git prints; empty when there is no git, no repository or no such thing in it."""
    # A variable that a hook or another tool left here would point git to another repository.
    environment = {key: value for key, value in os.environ.items() if key not in {"GIT_DIR", "GIT_WORK_TREE"}}
    try:
        ran = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            timeout=_TIMEOUT_S,
            env={**environment, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if ran.returncode:
        return ""
    return next(iter(ran.stdout.decode("utf-8", "replace").splitlines()), "").strip()


def _without_password(address: str) -> str:
    """`https://eve:secret@host/x` and `https://token@host/x` as `https://host/x`; `ssh://git@host/x` as it is."""
    return re.sub(r"^(https?://)[^/@]*@", r"\1", address)
