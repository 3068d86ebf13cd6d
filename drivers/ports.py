"""Which loopback port a workload listens on.

A port is kept for a workload's whole life, restarts included: an address that moved could be taken
over by another workload while the gateway still sends requests there. So it must not be one the
kernel hands out to outgoing connections meanwhile, hence a range below the usual ephemeral ones.
"""

import random
import socket

FIRST, LAST = 20_000, 29_999


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do; without it a port with connections in TIME_WAIT would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port free now. Chosen at random, so that two choosing at once seldom choose the same."""
    for _ in range(1_000):
        port = random.randint(FIRST, LAST)
        if is_free(port):
            return port
    raise OSError(f"no free port between {FIRST} and {LAST} on 127.0.0.1")
