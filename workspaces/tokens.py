"""Personal tokens: made once, shown once, kept as a hash."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from workspaces.errors import Invalid, NotFound
from workspaces.models import Token, User

PREFIX = "slp_"


def hash_token(secret: str) -> str:
    # Tokens hold 256 random bits, so one round of SHA-256 is enough and keeps every request fast.
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(*, user: User, name: str) -> tuple[Token, str]:
    """A new token and its secret, which is never to be had again."""
    name = name.strip()
    if not 1 <= len(name) <= 100:
        raise Invalid("A token needs a name of 1 to 100 characters.", advice="Name it for where it is used.")
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(user=user, name=name, hash=hash_token(secret), hint=secret[:8])
    return token, secret


def revoke_token(*, user: User, token_id: int) -> None:
    """End one of the user's own tokens. Raises NotFound for anybody else's."""
    deleted, _ = Token.objects.filter(user=user, pk=token_id).delete()
    if not deleted:
        raise NotFound("You have no such token.", advice="Reload the page; it may be revoked already.")


def user_of(secret: str) -> User | None:
    """The active user a token stands for; None when it stands for nobody."""
    token = Token.objects.select_related("user").filter(hash=hash_token(secret)).first()
    if token is None or not token.user.is_active:
        return None
    now = timezone.now()
    if token.last_used_time is None or now - token.last_used_time > timedelta(minutes=1):
        Token.objects.filter(pk=token.pk).update(last_used_time=now)
    return token.user
