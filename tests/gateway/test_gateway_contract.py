"""The gateway and the read side of deployments, over the real database."""

from dataclasses import fields

import pytest
import upstreams
from django.db import connection

from deployments import routes
from gateway.asgi import django_source
from gateway.auth import admits, bearer_hash


@pytest.mark.parametrize("kind", ["Route", "Backend"])
def test_the_tests_routes_have_the_fields_of_real_ones(kind):
    real, fake = getattr(routes, kind), getattr(upstreams, kind)
    assert [each.name for each in fields(real)] == [each.name for each in fields(fake)]


def test_a_key_stored_by_deployments_opens_at_the_gateway():
    route = upstreams.Route(True, frozenset({routes.hash_key("schlüssel")}), (), 1.0, 1, 1.0, "Healthy")
    assert admits(route, bearer_hash("Bearer schlüssel".encode()))


@pytest.mark.django_db(transaction=True)
def test_routes_are_read_from_the_database_and_again_after_it_was_lost():
    source = django_source()
    before = source.version()
    routes.bump_routing()
    assert source.version() > before
    assert source.load() == {}
    connection.connection.close()
    with pytest.raises(Exception, match="closed"):
        source.version()
    assert source.version() > before
