"""Images on their way to a registry: pushed by the Docker engine that built them, known by their digest there."""

import time
from contextlib import suppress

import docker
from docker.errors import APIError, ImageNotFound, NotFound

from drivers.base import Log
from drivers.errors import DriverError, RegistryRefused, RegistryUnavailable
from drivers.kubernetes.connection import Registry

_TELL_EVERY_S = 2.0
_NOT_THERE = ("manifest unknown", "not found", "name unknown", "no such manifest", "404")
_DENIED = ("unauthorized", "authentication required", "denied", "no basic auth", "incorrect username or password")
_CHECKED = "slipway-connection-test"


def push(api: docker.APIClient, location: str, registry: Registry, log: Log) -> str:
    """`location@sha256:…` in the registry, pushed unless it is there. Raises RegistryUnavailable, RegistryRefused."""
    digest = digest_in_registry(api, location, registry)
    if digest:
        log("slipway", f"The registry {registry.host} has the image already")
    else:
        log("slipway", f"Pushing to {registry.base}")
        digest = _push(api, location, registry, log)
    return f"{location}@{digest}"


def digest_in_registry(api: docker.APIClient, location: str, registry: Registry) -> str | None:
    """What `location` is there now; None when it is not."""
    try:
        found = api.inspect_distribution(location, auth_config=_login(registry))
    except APIError as exc:
        words = _words(exc)
        if _is_missing(exc, words):
            return None
        raise _refusal(words, registry) from exc
    return found["Descriptor"]["digest"]


def check(api: docker.APIClient, registry: Registry) -> None:
    """That the registry answers and takes the password. Raises RegistryUnavailable, RegistryRefused."""
    if registry.credentials:
        try:
            api.login(registry.username, registry.password, registry=registry.host, reauth=True)
        except APIError as exc:
            raise _refusal(_words(exc), registry) from exc
    digest_in_registry(api, f"{registry.base}/{_CHECKED}:none", registry)


def remove(api: docker.APIClient, location: str) -> None:
    """From the engine. Already gone is done."""
    with suppress(ImageNotFound):
        api.remove_image(location.partition("@")[0])


def _push(api: docker.APIClient, location: str, registry: Registry, log: Log) -> str:
    progress, digest = _Progress(log), ""
    repository, _, tag = location.rpartition(":")
    try:
        events = api.push(repository, tag=tag, stream=True, decode=True, auth_config=_login(registry))
        for event in events:
            if error := event.get("error"):
                raise _refusal(str(error), registry)
            progress.hear(event)
            digest = event.get("aux", {}).get("Digest") or digest
    except NotFound as exc:
        raise DriverError(
            f"The package {location} is gone from the engine.", advice="Deploy again; it is built anew."
        ) from exc
    except APIError as exc:
        raise _refusal(_words(exc), registry) from exc
    if not digest:
        raise RegistryUnavailable(f"The registry {registry.host} did not say what it has kept of {location}.")
    progress.done()
    return digest


class _Progress:
    """Bytes over all layers, told now and then."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._layers: dict[str, tuple[int, int]] = {}
        self._there: set[str] = set()
        self._told = time.monotonic()

    def hear(self, event: dict) -> None:
        layer, facts = event.get("id", ""), event.get("progressDetail") or {}
        if event.get("status") == "Layer already exists":
            self._there.add(layer)
        if facts.get("total"):
            self._layers[layer] = (min(facts.get("current", 0), facts["total"]), facts["total"])
        if self._layers and time.monotonic() - self._told >= _TELL_EVERY_S:
            self._told = time.monotonic()
            sent, total = map(sum, zip(*self._layers.values(), strict=True))
            self._log("slipway", f"Pushed {sent / 1e6:.0f} of {total / 1e6:.0f} MB")

    def done(self) -> None:
        total = sum(total for _, total in self._layers.values())
        known = f"; {len(self._there)} layers were there already" if self._there else ""
        self._log("slipway", f"Pushed {len(self._layers)} layers, {total / 1e6:.0f} MB{known}")


def _login(registry: Registry) -> dict[str, str]:
    """Empty, not None, where the target has none: the library would then send this machine's own logins."""
    return registry.credentials or {}


def _words(exc: APIError) -> str:
    return str(exc.explanation or exc)


def _is_missing(exc: APIError, words: str) -> bool:
    lowered = words.lower()
    if any(mark in lowered for mark in _DENIED):
        return False
    return exc.status_code == 404 or any(mark in lowered for mark in _NOT_THERE)


def _refusal(words: str, registry: Registry) -> DriverError:
    lowered = words.lower()
    if any(mark in lowered for mark in _DENIED):
        said = "does not take the username and password" if registry.username else "wants a username and a password"
        return RegistryRefused(
            f"The registry {registry.host} {said}: {words}",
            advice="Give the target the registry's credentials, with the right to push.",
        )
    if "http response to https client" in lowered:
        return RegistryUnavailable(
            f"The registry {registry.host} speaks plain HTTP, and the Docker engine wants TLS.",
            advice=f'Add "{registry.host}" to "insecure-registries" in the engine\'s daemon.json, or give it TLS.',
        )
    if "x509" in lowered or "certificate" in lowered:
        return RegistryUnavailable(
            f"The Docker engine does not trust the registry's certificate: {words}",
            advice=f"Put its authority into /etc/docker/certs.d/{registry.host}/ca.crt.",
        )
    return RegistryUnavailable(
        f"The registry {registry.host} does not answer: {words}",
        advice="Check its address, and that the Docker engine reaches it.",
    )
