"""How a cluster and its image registry are reached, and the TLS that goes with it."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from drivers.errors import ConnectionInvalid


@dataclass(frozen=True, slots=True)
class Connection:
    """`server` is the API server's https address; `authority` its certificate authority as PEM (empty: the ones this
    machine trusts). Either `token`, or `certificate` with `key` as PEM. `in_cluster`: whatever the pod was given."""

    server: str = ""
    authority: str = ""
    token: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    tls_server_name: str = ""
    in_cluster: bool = False


@dataclass(frozen=True, slots=True)
class Registry:
    """Where images are pushed to and pulled from: `host` is HOST:PORT, `prefix` a path below it or empty."""

    host: str
    prefix: str = ""
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def base(self) -> str:
        return f"{self.host}/{self.prefix}" if self.prefix else self.host

    @property
    def credentials(self) -> dict[str, str] | None:
        """As the engine takes them; None where none are needed."""
        if not self.username:
            return None
        return {"username": self.username, "password": self.password, "serveraddress": self.host}


def tls_context(connection: Connection) -> ssl.SSLContext:
    """Raises ConnectionInvalid where certificates or keys are none, or do not belong together."""
    try:
        context = ssl.create_default_context(cadata=connection.authority or None)
    except (ssl.SSLError, ValueError) as exc:
        raise ConnectionInvalid(
            "certificate-authority-data holds no certificate that can be read.",
            advice="Take the kubeconfig from `kubectl config view --raw --minify --flatten`.",
        ) from exc
    if connection.certificate:
        try:
            with _unwritten(f"{connection.certificate}\n{connection.key}") as path:
                context.load_cert_chain(path, password="")  # never asked for at a terminal
        except (ssl.SSLError, OSError, ValueError) as exc:
            raise ConnectionInvalid(
                "client-certificate-data and client-key-data are not a certificate and its key.",
                advice="Take the kubeconfig from `kubectl config view --raw --minify --flatten`.",
            ) from exc
    return context


@contextmanager
def _unwritten(text: str) -> Iterator[str]:
    """A path to `text` in memory: the library reads keys from files only, and keys shall be on no disk."""
    handle = os.memfd_create("slipway-key")
    try:
        os.write(handle, text.encode())
        os.lseek(handle, 0, os.SEEK_SET)
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
