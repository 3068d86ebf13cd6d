"""Whatever is sent to REST, right or wrong, is answered as the OpenAPI document says, and never with a 5xx."""

from collections.abc import Mapping
from unittest.mock import AsyncMock, patch

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from deployments import follow
from deployments.models import Deployment
from deployments.services import cancel_deployment
from registry.api import tus
from studio.openapi.document import document
from tests import objects
from tests.studio.openapi import operations, path_of
from tests.studio.test_permissions import TABLE
from tests.studio.world import TUS, World
from workspaces.tokens import create_token

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]

# Follows a deployment until it has ended.
STREAM = "stream_deployment_log"
# Schemas are of all that is answered (OpenAPI 3.1); schemathesis takes a stream's for that of each event, and reads
# YAML of one document alone.
WHOLE = {STREAM, "stream_service_log", "kubernetes_rbac"}
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
schemathesis.serializer.alias(tus.OFFSET_STREAM, "application/octet-stream")
IDS = [operation["operationId"] for _, _, operation in operations()]
# The same requests every time; failures are shown whole, not made smaller for minutes.
BOUNDED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.fixture(scope="module")
def studio(django_db_setup, django_db_blocker, tmp_path_factory):
    """REST over one world, asked by its owner; what a request does is undone after it."""
    data = tmp_path_factory.mktemp("schemathesis")
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=data, GATEWAY_URL="http://127.0.0.1:9"),
        transaction.atomic(),
        # A request's beginning, its end and a stream's reads would close the connection that all is undone on.
        patch.object(connections["default"], "close_if_unusable_or_obsolete"),
        # A service's log is followed for as long as there is the service.
        patch.object(follow, "_is_shown", AsyncMock(return_value=False)),
    ):
        yield Studio(World())
        transaction.set_rollback(True)


class Studio:
    def __init__(self, world: World) -> None:
        self.world, self.app = world, get_wsgi_application()
        self.schema = schemathesis.openapi.from_dict(document())
        _, token = create_token(user=world.people["owner"], name="schemathesis")
        self.headers = {"Authorization": f"Bearer {token}"}

    def places(self, path: str) -> dict[str, object]:
        """Values for the path's parts that exist, so that requests come further than "not found"."""
        there = {
            "workspace": "vision",
            # Not the cluster: 503, that it does not answer, would be told of whatever is sent to it.
            "name": next((name for part, name in NAMES.items() if part in path), "digits"),
            "number": 1,
            "deployment_id": self.world.running.pk,
            "path": "model.pkl",
            "alias": "champion",
            "view_id": self.world.view.pk,
            "upload_id": self.world.upload_of("owner", path),
            "file_id": self.world.file,
        }
        return {part: value for part, value in there.items() if f"{{{part}}}" in path}

    def answers_anywhere(self, operation_id: str, mode: GenerationMode, examples: int) -> None:
        operation = self.schema.find_operation_by_id(operation_id)

        @settings(BOUNDED, max_examples=examples)
        @given(case=operation.as_strategy(mode))
        def ask(case):
            self.ask(case)

        ask()

    def answers_in_its_place(self, operation_id: str, mode: GenerationMode, examples: int) -> None:
        """Everything as generated, and the request that works with but one thing as generated, to come behind
        what would refuse the rest of it."""
        operation = self.schema.find_operation_by_id(operation_id)
        parts = {part.name: "in its place" for part in operation.path_parameters}
        pinned = {"path_parameters": parts} if parts else {}
        states = [state for state in STATES if operation_id != STREAM or state is not under_way]

        @settings(BOUNDED, max_examples=examples)
        @given(
            case=operation.as_strategy(mode, **pinned),
            nth=st.none() | st.integers(0, 20),
            state=st.sampled_from(states),
        )
        def ask(case, nth, state):
            with transaction.atomic():
                if "/deployments/" in operation.path or "/services/" in operation.path:
                    state(Deployment.objects.get(pk=self.world.running.pk))
                if parts:
                    case.path_parameters = self.places(operation.path)
                if nth is not None:
                    works = WORKS.get((operation.method.upper(), operation.path))
                    case.body = one_of(case.body, works, nth) if isinstance(works, dict) else case.body
                    case.query = one_of(case.query, QUERIES.get(operation_id, {}), nth)
                    case.headers = one_of(case.headers, TUS, nth) if "/tus" in operation.path else case.headers
                    if isinstance(case.body, dict) and case.body.get("upload") == "UPLOAD":
                        case.body = case.body | {"upload": str(self.world.upload_of("owner", operation.path))}
                self.ask(case)
                transaction.set_rollback(True)

        ask()

    def ask(self, case: schemathesis.Case) -> None:
        with transaction.atomic():
            answer = case.call(base_url="http://localhost", app=self.app, headers=self.headers)
            transaction.set_rollback(True)
        whole = case.operation.definition.raw["operationId"] in WHOLE and answer.status_code == 200
        leave_out = [checks.response_schema_conformance] if whole else []
        case.validate_response(answer, checks=CHECKS, excluded_checks=leave_out)


def under_way(_deployment: Deployment) -> None:
    pass


def cancelled(deployment: Deployment) -> None:
    cancel_deployment(deployment=deployment)


NAMES = {"/services/": "reader", "/targets/": "process", "/profiles/": "slow"}
STATES = [under_way, cancelled, objects.live]
WORKS = {(method, path_of(route)): sent for route, methods in TABLE.items() for method, (_, sent) in methods.items()}
QUERIES = {"compare_versions": {"version": ["digits:1", "used:1"]}}


def one_of(generated: object, works: dict, nth: int) -> object:
    """What works, as it is, or with one field as it was generated."""
    if not isinstance(generated, Mapping):
        return generated
    names = [None, *sorted(generated)]
    name = names[nth % len(names)]
    return dict(works) if name is None else works | {name: generated[name]}


@pytest.mark.parametrize("operation_id", sorted(IDS))
def test_what_is_right_is_answered_as_documented(studio, operation_id):
    studio.answers_in_its_place(operation_id, GenerationMode.POSITIVE, 10)
    studio.answers_anywhere(operation_id, GenerationMode.POSITIVE, 3)


@pytest.mark.parametrize("operation_id", sorted(IDS))
def test_what_is_wrong_is_answered_as_documented(studio, operation_id):
    studio.answers_in_its_place(operation_id, GenerationMode.NEGATIVE, 10)
