"""The OpenAPI document says all that REST does, and nothing else."""

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from studio.openapi.document import document
from studio.operations import OPERATIONS, TAGS
from tests import objects
from tests.studio.openapi import PROBLEM, faults, faults_of, operations, path_of, resolved
from tests.studio.test_permissions import TABLE
from tests.studio.world import WHO, World

pytestmark = pytest.mark.django_db
NAMES = [operation["operationId"] for _, _, operation in operations()]
API = [
    (route, method, sent)
    for route, methods in TABLE.items()
    if route.startswith("api/v1/")
    for method, (_, sent) in methods.items()
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    data = tmp_path_factory.mktemp("openapi")
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=data, GATEWAY_URL="http://127.0.0.1:9"),
        transaction.atomic(),
    ):
        yield World()
        transaction.set_rollback(True)


def test_it_is_valid_and_nothing_is_left_to_guessing(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "openapi.yaml"))


def test_every_address_and_method_is_documented():
    assert sorted((path_of(route), method) for route, method, _ in API) == sorted(
        (path, method) for path, method, _ in operations()
    )


def test_every_row_of_the_rooms_tables_is_an_operation_that_exists():
    assert len(NAMES) == len(set(NAMES)) == len(OPERATIONS)


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=NAMES)
def test_each_operation_tells_what_it_is_for_with_examples(path, method, operation):
    assert operation["summary"] and operation["description"] and operation["operationId"].islower()
    assert set(operation["tags"]) <= set(TAGS)
    assert operation["security"] == [{"token": []}, {"session": []}]
    assert all(parameter["description"] for parameter in operation.get("parameters", []))
    answers = [resolved(answer) for answer in operation["responses"].values()]
    contents = [operation.get("requestBody", {}), *answers]
    assert all(kind.get("examples") for each in contents for kind in each.get("content", {}).values()), operation
    assert any(status.startswith("2") for status in operation["responses"])
    assert {"401", "406", "500"} <= set(operation["responses"])


@pytest.mark.parametrize(("path", "method", "operation"), operations(), ids=NAMES)
def test_each_example_is_what_its_schema_says(path, method, operation):
    contents = [operation.get("requestBody", {}), *map(resolved, operation["responses"].values())]
    for media_type, kind in ((name, kind) for each in contents for name, kind in each.get("content", {}).items()):
        for example in kind["examples"].values():
            if media_type.endswith("json"):
                assert faults(resolved(example)["value"], kind["schema"]) == []


@pytest.mark.parametrize(("route", "method", "sent"), API, ids=[f"{method} /{route}" for route, method, _ in API])
def test_real_answers_to_everybody_are_as_documented(world, route, method, sent):
    for who in WHO:
        answer = world.ask(who, method, route, sent, live=route.endswith("/try"))
        assert faults_of(answer, path_of(route), method) == [], who


def test_an_operation_names_the_codes_it_can_refuse_with():
    deploy = document()["paths"]["/api/v1/workspaces/{workspace}/services"]["post"]
    conflict = resolved(deploy["responses"]["409"])["content"][PROBLEM]["schema"]
    assert conflict["allOf"][1]["properties"]["code"]["enum"] == ["service-busy", "service-exists"]


def test_reading_it_needs_a_sign_in_and_no_workspace(client):
    assert client.get("/api/v1/openapi.json").status_code == 401
    answer = objects.with_token(objects.person()).get("/api/v1/openapi.json")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["info"]["title"] == "Slipway"


def test_it_is_made_only_when_somebody_asks():
    """What it takes costs a few megabytes in a process that nobody may ever ask."""
    import subprocess
    import sys

    from tests.running import ROOT

    code = "import studio.asgi, studio.urls, sys; sys.exit('studio.openapi.document' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
