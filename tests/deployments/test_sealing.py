"""Keys that secrets are sealed with: rotated, and missed."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from deployments import connections, secrets
from deployments.models import ServiceKey, Target
from drivers.kubernetes import Connection, Registry
from tests import objects

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def box():
    yield
    secrets._box.cache_clear()


def test_keys_are_rotated_and_the_old_one_can_then_be_taken_away(settings, place, contributor, driver, rings):
    objects.deployment(place, contributor)
    prod = Target(workspace=place, name="prod", kind=Target.Kind.KUBERNETES)
    connections.store(prod, Connection(token="t"), Registry("r"), namespace="n", access="auto")
    prod.save()
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    for known in ([old], [new, old], [new]):  # first of all from the key that the secret key gives
        settings.SEALING_KEYS = known
        secrets._box.cache_clear()
        call_command("rotate_sealing_keys")
    prod.refresh_from_db()
    box = Fernet(new)
    assert "registry_password" in box.decrypt(prod.sealed_secrets.encode()).decode()
    assert all(box.decrypt(key.sealed.encode()) for key in ServiceKey.objects.all())
    settings.SEALING_KEYS, settings.SECRET_KEY = [old], "another"
    secrets._box.cache_clear()
    with pytest.raises(CommandError, match="3 secrets could not be opened"):
        call_command("rotate_sealing_keys")
