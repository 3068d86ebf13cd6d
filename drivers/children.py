"""Child processes that do not outlive the one that started them."""

import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: loading a library in a forked child of a threaded process may deadlock.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


# Everything else in a worker's environment may be a secret of the studio's, and what is installed and
# run here is other people's code.
_INHERITED = {
    *("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
}
_INSTALLER = re.compile(r"UV_.*|(https?|all|no)_proxy|XDG_(CACHE|CONFIG|DATA)_HOME|NETRC", re.IGNORECASE)


def inherited() -> dict[str, str]:
    """The part of our environment that workloads and their keepers get."""
    return {name: value for name, value in os.environ.items() if name in _INHERITED}


def inherited_by_installer() -> dict[str, str]:
    """That and the installer's own settings: index, proxy, cache."""
    return inherited() | {name: value for name, value in os.environ.items() if _INSTALLER.fullmatch(name)}


def dies_with_parent() -> Callable[[], None] | None:
    """A `preexec_fn` that has the kernel kill the child when the thread that starts it ends.

    Without it a worker ended by SIGKILL leaves its installer running, and a keeper its runtime.
    None where the kernel has no such thing (only Linux has)."""
    if _libc is None:
        return None
    parent = os.getpid()

    def ask_kernel() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died between the fork and the request
            os._exit(1)

    return ask_kernel


def run_logged(command: Sequence[str], *, cwd: Path, on_line: Callable[[str], None], stdin: str = "") -> int:
    """Run `command`, handing on its output line by line; its exit code.

    When `on_line` raises (a deployment was cancelled) the command is killed before that goes on."""
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env=inherited_by_installer(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        preexec_fn=dies_with_parent(),
    )
    with child:
        try:
            child.stdin.write(stdin)
            child.stdin.close()
            for line in child.stdout:
                on_line(line.rstrip())
        except BrokenPipeError:
            pass  # it ended without reading its input; its exit code says how
        except BaseException:
            child.kill()
            raise
    return child.returncode
