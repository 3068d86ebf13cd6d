"""How an attached cluster is reached, in a row: what may be shown as it is, the secrets sealed."""

import json
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken

from deployments.models import Target
from deployments.secrets import seal, unseal
from drivers import errors

if TYPE_CHECKING:
    from drivers.kubernetes import Connection, Registry

_SECRET = ("token", "certificate", "key")


def store(target: Target, connection: "Connection", registry: "Registry", *, namespace: str, access: str) -> None:
    """Write both into the row, which is not saved here."""
    secrets = {name: getattr(connection, name) for name in _SECRET} | {"registry_password": registry.password}
    target.connection = {
        "server": connection.server,
        "authority": connection.authority,
        "tls_server_name": connection.tls_server_name,
        "in_cluster": connection.in_cluster,
        "namespace": namespace,
        "access": access,
        "registry": registry.base,
        "registry_username": registry.username,
    }
    target.sealed_secrets = seal(json.dumps(secrets))


def connection_of(target: Target) -> "Connection":
    """Raises drivers.errors.TargetUnavailable when the studio's keys no longer open what was sealed."""
    from drivers.kubernetes import Connection

    facts, secrets = target.connection, _secrets(target)
    return Connection(
        server=facts["server"],
        authority=facts["authority"],
        tls_server_name=facts["tls_server_name"],
        in_cluster=facts["in_cluster"],
        **{name: secrets[name] for name in _SECRET},
    )


def registry_of(target: Target) -> "Registry":
    from drivers.kubernetes import Registry

    facts = target.connection
    host, _, prefix = facts["registry"].partition("/")
    return Registry(host, prefix, facts["registry_username"], _secrets(target)["registry_password"])


def wipe(target: Target) -> None:
    """Forget the secrets; the row is not saved here."""
    target.sealed_secrets = ""


def _secrets(target: Target) -> dict[str, str]:
    try:
        return json.loads(unseal(target.sealed_secrets))
    except (InvalidToken, ValueError) as exc:
        raise errors.TargetUnavailable(
            f"The credentials of target {target.name} cannot be read with this studio's keys.",
            advice="Start the studio with the SLIPWAY_SEALING_KEYS they were sealed with, or update the target with "
            "a new kubeconfig and the registry's password.",
        ) from exc
