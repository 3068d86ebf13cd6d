"""The keys callers send to a service."""

import secrets

from deployments.models import Service, ServiceKey
from deployments.routes import bump_routing, hash_key
from deployments.secrets import seal, unseal


def create_keys(service: Service, given: dict[str, str]) -> None:
    """Both keys of a new service; `given` may hold texts for slots "Primary" and "Secondary"."""
    for slot in ServiceKey.Slot.values:
        _set_key(service, slot, given.get(slot) or _new_key())


def regenerate_key(*, service: Service, slot: str) -> None:
    _set_key(service, slot, _new_key())
    bump_routing()


def keys_of(service: Service) -> dict[str, str]:
    """The keys in clear, by slot."""
    return {key.slot: unseal(key.sealed) for key in service.keys.all()}


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _set_key(service: Service, slot: str, text: str) -> None:
    ServiceKey.objects.update_or_create(
        service=service, slot=slot, defaults={"hash": hash_key(text), "sealed": seal(text)}
    )
