"""The gateway and the read side of deployments, over the real database."""

import subprocess
import sys
from dataclasses import fields
from typing import get_type_hints

import pytest
import upstreams
from django.db import connection

from deployments import routes
from drivers.kubernetes import reach
from gateway.asgi import django_source, replica_source
from gateway.auth import admits, bearer_hash
from gateway.endpoints import Endpoint, Straight


@pytest.mark.parametrize("kind", ["Route", "Backend"])
def test_the_tests_routes_have_the_fields_of_real_ones(kind):
    real, fake = getattr(routes, kind), getattr(upstreams, kind)
    assert [each.name for each in fields(real)] == [each.name for each in fields(fake)]


def test_the_gateways_endpoints_and_the_tests_have_the_fields_of_the_drivers():
    kinds = (reach.Endpoint, upstreams.Endpoint, Straight)
    assert len({tuple(each.name for each in fields(kind)) for kind in kinds}) == 1
    assert get_type_hints(Endpoint).keys() == get_type_hints(reach.Endpoint).keys()


def test_a_gateway_without_a_cluster_does_not_load_its_client():
    check = "import sys, gateway.asgi; sys.exit('kubernetes' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], timeout=60, check=False).returncode == 0


@pytest.mark.django_db(transaction=True)
def test_a_place_whose_target_is_gone_costs_nobody_else_anything(caplog):
    source = replica_source()
    source.prepare(frozenset({"kubernetes:4711"}))
    upstreams.wait_until(lambda: "kubernetes:4711" in caplog.text)
    assert source.of("kubernetes:4711", upstreams.NAME) == ()
    source.stop()


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
