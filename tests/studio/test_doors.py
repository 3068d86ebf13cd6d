"""Doors that no table describes: the console, uploads of others, roles that were taken away, CSRF."""

import re

import pytest

from tests import objects
from tests.studio.urls import routes

pytestmark = pytest.mark.django_db
API = "/api/v1/workspaces/vision"


def test_the_whole_console_is_closed_to_members(owner, client):
    paths = {f"/{_filled(route)}" for route in routes() if route.startswith("admin/")}
    assert len(paths) > 50
    # Its sign-in page, which is open, and its sign-out, which signs nobody out who is not in the console.
    for path in sorted(paths - {"/admin/login/", "/admin/logout/"}):
        for browser in (objects.signed_in(owner), client):
            answer = browser.get(path)
            assert (answer.status_code, answer.get("Location", "").split("?")[0]) == (302, "/admin/login/"), path


def _filled(route: str) -> str:
    """A path for an admin route: converters and groups become 1, the list of an app is the registry's."""
    if "app_label" in route:
        return "admin/registry/"
    return re.sub(r"<\w+:\w+>|<\w+>|\(\?P<url>\.\*\)\$", "1", route)


def test_somebody_elses_upload_is_not_there_even_for_an_owner(place, owner, contributor):
    theirs = objects.upload(place, contributor, {"model.pkl": b"weights"})
    path = f"/api/v1/workspaces/vision/uploads/{theirs.pk}"
    client = objects.with_token(owner)
    assert client.get(path).status_code == 404
    assert client.put(f"{path}/files/model.pkl", b"mine").status_code == 404
    assert client.delete(path).status_code == 404
    asked = {"name": "stolen", "upload": str(theirs.pk)}
    assert client.post("/api/v1/workspaces/vision/models", asked, "application/json").status_code == 404


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(place, owner):
    browser = objects.signed_in(owner)
    assert browser.get("/w/vision/models/").status_code == 200
    owner.memberships.all().delete()
    assert browser.get("/w/vision/models/").status_code == 404


def test_a_browser_writes_with_the_csrf_token_and_a_program_with_its_own_needs_none(place, contributor, settings):
    browser = objects.signed_in(contributor, enforce_csrf_checks=True)
    browser.get("/w/vision/register/")
    token = browser.cookies[settings.CSRF_COOKIE_NAME].value
    started = browser.post(f"{API}/uploads", {}, "application/json", headers={"X-CSRFToken": token})
    assert started.status_code == 201
    program = objects.with_token(contributor)
    program.handler.enforce_csrf_checks = True
    assert program.post(f"{API}/uploads", {}, "application/json").status_code == 201
