"""Sealing: secrets that must be shown or used again are kept encrypted (Fernet), never in clear."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=1)
def _box() -> MultiFernet:
    # The last one only opens what was sealed before the operator gave keys.
    keys = [*settings.SEALING_KEYS, _from_secret_key()]
    return MultiFernet([Fernet(key) for key in keys])


def _from_secret_key() -> bytes:
    # A key of its own, so that a signed cookie can never be mistaken for a sealed secret.
    digest = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"slipway-sealing").digest()
    return base64.urlsafe_b64encode(digest)


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises cryptography.fernet.InvalidToken when the keys of this studio do not open it."""
    return _box().decrypt(sealed.encode()).decode()
