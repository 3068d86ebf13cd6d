"""Whatever is sent to REST, right or wrong, is answered as the OpenAPI document says, and never with a 5xx."""

import re
from unittest.mock import patch

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, checks

from registry.api import tus
from studio.openapi.document import document
from tests.studio.openapi import operations
from tests.studio.world import World
from workspaces.tokens import create_token

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Follows a deployment that is under way, and so never ends.
ENDLESS = {"stream_deployment_log"}
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
            "name": "reader" if "/services/" in path else "digits",
            "number": 1,
            "deployment_id": self.world.running.pk,
            "path": "model.pkl",
            "alias": "champion",
            "view_id": self.world.view.pk,
            "upload_id": self.world.upload_of("owner", path),
            "file_id": self.world.file,
        }
        return {part: value for part, value in there.items() if f"{{{part}}}" in path}

    def answers_as_documented(self, operation_id: str, mode: GenerationMode, examples: int, *, anywhere: bool) -> None:
        operation = self.schema.find_operation_by_id(operation_id)
        parts = {part.name: "in its place" for part in operation.path_parameters}
        pinned = {} if anywhere or not parts else {"path_parameters": parts}

        @settings(BOUNDED, max_examples=examples)
        @given(case=operation.as_strategy(mode, **pinned))
        def ask(case):
            with transaction.atomic():
                if pinned:
                    case.path_parameters = self.places(operation.path)
                    self.name_the_upload_in(case.body)
                answer = case.call(base_url="http://localhost", app=self.app, headers=self.headers)
                transaction.set_rollback(True)
            case.validate_response(answer, checks=CHECKS)

        ask()

    def name_the_upload_in(self, body: object) -> None:
        """One that exists, where a well-formed id asks for one."""
        for field in {"upload", "source_upload"} & set(body if isinstance(body, dict) else []):
            if isinstance(body[field], str) and UUID.fullmatch(body[field]):
                body[field] = self.world.upload_of("owner", "/models")


@pytest.mark.parametrize("operation_id", sorted(set(IDS) - ENDLESS))
def test_what_is_right_is_answered_as_documented(studio, operation_id):
    studio.answers_as_documented(operation_id, GenerationMode.POSITIVE, 8, anywhere=False)
    studio.answers_as_documented(operation_id, GenerationMode.POSITIVE, 4, anywhere=True)


@pytest.mark.parametrize("operation_id", sorted(set(IDS) - ENDLESS))
def test_what_is_wrong_is_refused_as_documented(studio, operation_id):
    studio.answers_as_documented(operation_id, GenerationMode.NEGATIVE, 8, anywhere=False)


def test_only_what_never_ends_is_left_out():
    assert set(IDS) >= ENDLESS
