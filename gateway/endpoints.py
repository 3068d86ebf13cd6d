"""Where replicas are: one stands at an http address, any number behind an address that is a name."""

import ssl
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit


class Endpoint(Protocol):
    """Where one replica is reached. Hashable; two that are equal are the same replica.

    Either straight, or through the API server of its cluster: then over `tls`, with `prefix` before every path and
    `headers`, complete lines, in every request."""

    host: str
    port: int
    authority: str
    tls: ssl.SSLContext | None
    server_hostname: str | None
    prefix: bytes
    headers: bytes


class ReplicaSource(Protocol):
    """Who knows the replicas behind addresses that are names. A `place` is what must be asked for them."""

    def of(self, place: str, address: str) -> tuple[Endpoint, ...]:
        """The ready ones. Asked for every request: no more than dictionaries may be read here."""

    def prepare(self, places: frozenset[str]) -> None:
        """These are the places that routes name now. Returns at once and raises nothing."""

    def stop(self) -> None: ...


class NoReplicas:
    """The source where every address is an http address."""

    def of(self, place: str, address: str) -> tuple[Endpoint, ...]:
        return ()

    def prepare(self, places: frozenset[str]) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Straight:
    """The endpoint that an address `http://host:port` is itself."""

    host: str
    port: int
    authority: str
    tls: None = None
    server_hostname: None = None
    prefix: bytes = b""
    headers: bytes = b""

    @classmethod
    def at(cls, address: str) -> "Straight":
        parts = urlsplit(address)
        return cls(parts.hostname or "", parts.port or 80, parts.netloc)
