"""Sealing everything anew, so that an old key can be taken away."""

from cryptography.fernet import InvalidToken
from django.db import transaction

from deployments.models import ServiceKey, Target
from deployments.secrets import seal, unseal


@transaction.atomic
def seal_anew() -> tuple[int, int]:
    """Encrypt every sealed secret with the first of SLIPWAY_SEALING_KEYS: how many were, and how many no key opens."""
    done = lost = 0
    for model, field in ((ServiceKey, "sealed"), (Target, "sealed_secrets")):
        for row in model.objects.select_for_update().exclude(**{field: ""}):
            try:
                text = unseal(getattr(row, field))
            except InvalidToken:
                lost += 1
                continue
            model.objects.filter(pk=row.pk).update(**{field: seal(text)})
            done += 1
    return done, lost
