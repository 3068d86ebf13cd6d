"""The address that is listened on."""

import resource
import socket
from contextlib import suppress

from slipway_scoring.errors import BootFailure
from slipway_scoring.log import logger

BACKLOG = 2048
MOST_FILES = 65_536


def allow_many() -> None:
    """Each takes a file descriptor, of which most systems grant 1,024 unless asked for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setblocking(False)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise BootFailure("port-taken", f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    logger.info("Listening on http://%s:%d", shown, listener.getsockname()[1])
    return listener
