"""The docker target: environment images by fingerprint, package images by digest, bounded containers.

Users' code runs in containers only: as an unprivileged user without capabilities, on a read-only
root with `/tmp` in memory, within CPU, memory and process limits, published on loopback alone.
"""

from drivers.docker.driver import DockerDriver

__all__ = ["DockerDriver"]
