"""Who may call a service: the holder of one of its keys. Only hashes of keys are known here."""

from hashlib import sha256

from gateway.table import Route


def bearer_hash(authorization: bytes | None) -> str | None:
    """sha256 (hex) of KEY in `Bearer KEY`, the form in which routes hold keys; None without one."""
    if authorization is None:
        return None
    scheme, _, key = authorization.partition(b" ")
    key = key.strip()
    return sha256(key).hexdigest() if key and scheme.lower() == b"bearer" else None


def admits(route: Route | None, key_hash: str | None) -> bool:
    """Looking a hash up tells nothing through time: who can steer the hash's prefix has broken sha256."""
    if route is None:
        return False
    return not route.auth_enabled or key_hash in route.key_hashes
