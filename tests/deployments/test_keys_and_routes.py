"""Keys: hashed for the gateway, sealed for their owner. Routes: what the gateway reads, and when it should."""

import hashlib

import pytest
from cryptography.fernet import Fernet, InvalidToken

from deployments import keys, routes, secrets, services
from deployments.models import Revision, Service, ServiceKey, Workload
from tests import objects
from workspaces.errors import Invalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(queued):
    return objects.live(queued, address="http://127.0.0.1:4000")


@pytest.fixture(autouse=True)
def fresh_box():
    secrets._box.cache_clear()
    yield
    secrets._box.cache_clear()


def test_no_key_stands_in_the_database(service):
    rows = str(list(ServiceKey.objects.values()))
    for key in keys.keys_of(service).values():
        assert key not in rows and hashlib.sha256(key.encode()).hexdigest() in rows


def test_a_new_key_replaces_one_and_leaves_the_other(service):
    before, number = keys.keys_of(service), routes.version()
    after = services.regenerate_key(service=service, slot="Secondary")
    assert after["Primary"] == before["Primary"] and after["Secondary"] != before["Secondary"]
    assert routes.version() > number
    hashes = routes.load()["vision", "reader"].key_hashes
    assert hashes == {routes.hash_key(key) for key in after.values()}


@pytest.mark.parametrize("slot", ["", "primary", "Tertiary", "Primary\x00"])
def test_there_are_two_keys_and_no_others(service, slot):
    with pytest.raises(Invalid, match="is not a key"):
        services.regenerate_key(service=service, slot=slot)
    assert ServiceKey.objects.count() == 2


def test_what_is_sealed_can_be_opened_by_this_studio_only(settings):
    sealed = secrets.seal("hush")
    assert "hush" not in sealed and secrets.unseal(sealed) == "hush"
    settings.SECRET_KEY = "another studio's"
    secrets._box.cache_clear()
    with pytest.raises(InvalidToken):
        secrets.unseal(sealed)


def test_a_new_sealing_key_opens_what_an_older_one_sealed(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.SEALING_KEYS = [old]
    secrets._box.cache_clear()
    sealed = secrets.seal("hush")
    settings.SEALING_KEYS = [new, old]
    secrets._box.cache_clear()
    assert secrets.unseal(sealed) == "hush"


def test_a_signed_cookie_is_never_a_sealed_secret(settings):
    assert secrets._from_secret_key() != settings.SECRET_KEY.encode()


def test_the_route_of_a_service_that_serves(service):
    route = routes.load()["vision", "reader"]
    assert route.backends == (routes.Backend(1, 100, "http://127.0.0.1:4000"),)
    assert (route.auth_enabled, route.state, len(route.key_hashes)) == (True, "Healthy", 2)
    assert (route.scoring_timeout_s, route.max_concurrent, route.max_queue_wait_s) == (60.0, 64, 0.5)


def test_limits_of_the_configuration_are_the_routes(place, contributor, driver, rings):
    config = {"scoringTimeoutMs": 1500, "maxConcurrentRequestsPerContainer": 2, "maxQueueWaitMs": 250}
    config["authEnabled"] = False
    objects.live(objects.deployment(place, contributor, deployment_config=config))
    route = routes.load()["vision", "reader"]
    assert (route.scoring_timeout_s, route.max_concurrent, route.max_queue_wait_s) == (1.5, 2, 0.25)
    assert not route.auth_enabled


def test_a_service_that_does_not_serve_yet_has_a_route_without_backends(queued):
    route = routes.load()["vision", "reader"]
    assert route.backends == () and route.state == "Transitioning"


def test_a_workload_without_an_address_is_no_backend(service):
    Workload.objects.update(address="")
    assert routes.load()["vision", "reader"].backends == ()


def test_a_service_that_is_being_deleted_has_no_route(service):
    number = routes.version()
    services.delete_service(service=service, by=None)
    assert routes.load() == {} and routes.version() > number


def test_services_of_the_same_name_in_two_workspaces_are_two_routes(service, stranger):
    objects.live(objects.deployment(objects.workspace("elsewhere"), stranger))
    assert set(routes.load()) == {("vision", "reader"), ("elsewhere", "reader")}


def test_all_routes_cost_the_same_few_queries_however_many_there_are(
    place, contributor, driver, rings, django_assert_max_num_queries
):
    for number in range(4):
        objects.live(objects.deployment(place, contributor, f"service-{number}"))
    with django_assert_max_num_queries(4):
        assert len(routes.load()) == 4
    with django_assert_max_num_queries(1):
        routes.version()


def test_the_version_of_a_fresh_studio_is_a_number_that_grows(db):
    assert routes.version() == 0
    for expected in (1, 2, 3):
        routes.bump_routing()
        assert routes.version() == expected


def test_the_newest_serving_revision_decides_the_limits(service, contributor):
    second = objects.live(
        services.deploy(
            workspace=service.workspace, name="reader", models=["digits:1"], by=contributor, overwrite=True,
            deployment_config={"scoringTimeoutMs": 900},
        )
    )  # fmt: skip
    assert routes.load()["vision", "reader"].scoring_timeout_s == 0.9
    assert second == service == Service.objects.get() and Revision.objects.filter(traffic=100).count() == 1
