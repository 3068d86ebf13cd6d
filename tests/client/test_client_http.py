import socket

import pytest
from slipway.config import Studio
from slipway.errors import ApiError, ConnectionBroken, StudioNotAnswering
from slipway.http import Api
from slipway.wire import is_loopback, proxy_for


def test_a_problem_of_the_studio_keeps_its_words_and_extras(fake, api):
    fake.problem(
        "DELETE",
        "/models/a/versions/1",
        409,
        code="version-in-use",
        detail="a:1 is used.",
        advice="Delete the service first.",
        services=["shop"],
    )
    with pytest.raises(ApiError) as caught:
        api.delete(f"{api.root}/models/a/versions/1")
    error = caught.value
    assert (error.status, error.code, error.detail) == (409, "version-in-use", "a:1 is used.")
    assert error.advice == "Delete the service first." and error.extras == {"services": ["shop"]}


def test_a_refused_token_names_the_file_it_came_from(fake, config):
    with pytest.raises(ApiError, match="refused the token") as caught:
        Api(Studio(fake.url, "default", "wrong", config)).get("/api/v1/")
    assert str(config) in caught.value.detail and "account page" in caught.value.advice


def test_an_address_where_nothing_listens_is_named(config):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StudioNotAnswering, match=url) as caught:
            Api(Studio(url, "default", "t", config)).get("/api/v1/")
    assert "./run" in caught.value.advice


@pytest.mark.parametrize("status", [200, 502])
def test_an_address_that_is_no_studio_is_told_apart(fake, api, status):
    fake.on("GET", "/targets", lambda request: request.bytes(b"<html>", status, "text/html"))
    with pytest.raises(ApiError, match="does not answer as a studio") as caught:
        api.get(f"{api.root}/targets")
    assert "text/html" in caught.value.detail


def test_a_redirect_is_not_followed_with_the_token(fake, api):
    def away(request):
        request.start(301, "text/html", Location="http://elsewhere.example/", **{"Content-Length": "0"})

    fake.on("GET", "/targets", away)
    with pytest.raises(ApiError, match=r"pointing to http://elsewhere\.example/"):
        api.get(f"{api.root}/targets")


def test_a_connection_that_ends_without_an_answer_is_an_error_of_ours(fake, api):
    fake.on("GET", "/targets", lambda request: request.cut())
    with pytest.raises(ConnectionBroken):
        api.get(f"{api.root}/targets")


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(fake, config, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    fake.on("GET", "/targets", {"value": []})
    api = Api(Studio(fake.url, "default", "a-token", config))
    assert api.get(f"{api.root}/targets") == {"value": []}


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost:1", True),
        ("http://studio.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback_addresses_are_recognised(url, here):
    assert is_loopback(url) is here


def test_other_machines_are_reached_by_the_proxy_of_the_environment(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "near.example")
    assert proxy_for("http://studio.example/x") == "http://proxy.example:3128"
    assert proxy_for("http://near.example/x") is None


def test_a_proxy_gets_the_name_and_password_of_its_address(fake, config, monkeypatch):
    monkeypatch.setenv("http_proxy", fake.url.replace("//", "//eve:a%20word@"))
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(ApiError):
        Api(Studio("http://studio.example", "default", "a-token", config)).get("/api/v1/")
    assert fake.requests[0].headers["Proxy-Authorization"] == "Basic ZXZlOmEgd29yZA=="
