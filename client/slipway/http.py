"""The studio's REST API over HTTP: the one place that knows its address, its token and its errors."""

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from slipway import __version__
from slipway.config import Studio
from slipway.errors import ApiError, ConnectionBroken, StudioNotAnswering, StudioSilent

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 60.0
PROBLEM_KEYS = {"type", "title", "status", "code", "detail", "advice"}


class Api:
    """One studio, one workspace. Methods return JSON and raise SlipwayError, never httpx's own errors."""

    def __init__(self, studio: Studio, workspace: str | None = None) -> None:
        self.studio = studio
        self.workspace = workspace or studio.workspace
        self.root = f"/api/v1/workspaces/{segment(self.workspace)}"
        self._http = httpx.Client(
            base_url=studio.url,
            headers={"Authorization": f"Bearer {studio.token}", "User-Agent": f"slipway/{__version__}"},
            timeout=httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            trust_env=not is_loopback(studio.url),
        )

    def get(self, path: str, **params: Any) -> Any:
        return self._json("GET", path, params=_given(params))

    def post(self, path: str, body: object) -> Any:
        return self._json("POST", path, json=body)

    def put(self, path: str, content: Iterator[bytes], headers: Mapping[str, str]) -> Any:
        # The studio may hash and store a large file before it answers.
        return self._json(
            "PUT", path, content=content, headers=headers, timeout=httpx.Timeout(600.0, connect=CONNECT_TIMEOUT_S)
        )

    def delete(self, path: str) -> None:
        with self._reported():
            self._checked(self._http.delete(path))

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> Iterator[httpx.Response]:
        """An answer whose body is read while it arrives; errors while reading are reported too."""
        timeout = httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S)
        with (
            self._reported(),
            self._http.stream("GET", path, params=params, headers=headers, timeout=timeout) as response,
        ):
            if response.status_code != 200:
                response.read()
            yield self._checked(response)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        with self._reported():
            response = self._checked(self._http.request(method, path, **options))
        if response.status_code == 204:
            return None
        try:
            return response.json()
        except ValueError:
            raise self._foreign(response) from None

    def _checked(self, response: httpx.Response) -> httpx.Response:
        if 200 <= response.status_code < 300:
            return response
        raise self._refusal(response)

    def _refusal(self, response: httpx.Response) -> ApiError:
        problem = _problem(response)
        if response.status_code == 401:
            return ApiError(
                401,
                "The studio refused the token",
                f"{self.studio.url} does not accept the token in {self.studio.source}",
                "Make a new token on your account page and write it into that file, or start the studio again.",
                code="token-refused",
            )
        if problem is None:
            return self._foreign(response)
        return ApiError(
            response.status_code,
            str(problem.get("title") or response.reason_phrase),
            str(problem.get("detail") or ""),
            str(problem.get("advice") or ""),
            code=str(problem.get("code") or ""),
            extras={key: value for key, value in problem.items() if key not in PROBLEM_KEYS},
        )

    def _foreign(self, response: httpx.Response) -> ApiError:
        """An answer that no studio gives: a proxy's error page, another server, a redirect."""
        kind = response.headers.get("content-type", "no content type").partition(";")[0]
        location = response.headers.get("location")
        detail = f"{response.request.url} answered {response.status_code} with {kind}"
        return ApiError(
            response.status_code,
            "That address does not answer as a studio",
            detail + (f", pointing to {location}" if location else ""),
            f"Check url in {self.studio.source}.",
            code="not-a-studio",
        )

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise StudioNotAnswering(
                "The studio does not answer",
                f"{self.studio.url} ({str(exc) or 'no connection'})",
                f"Start it with ./run, or check url in {self.studio.source}.",
            ) from exc
        except httpx.TimeoutException as exc:
            raise StudioSilent(
                "The studio does not answer",
                f"{self.studio.url} kept silent for too long",
                "Look at the studio's own log, then try again.",
            ) from exc
        except httpx.TransportError as exc:
            raise ConnectionBroken(
                "The connection to the studio broke off",
                f"{self.studio.url} ({exc})",
                "Try again; if it happens again, look at the studio's own log.",
            ) from exc


def segment(text: str) -> str:
    """`text` as one segment of a URL path."""
    return quote(text, safe="")


def is_loopback(url: str) -> bool:
    """True for addresses of this machine, which no proxy of the environment can reach for us."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value not in (None, "", [], ())}


def _problem(response: httpx.Response) -> dict[str, Any] | None:
    if "json" not in response.headers.get("content-type", ""):
        return None
    try:
        problem = response.json()
    except ValueError:
        return None
    return problem if isinstance(problem, dict) and "title" in problem else None
