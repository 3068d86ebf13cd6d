"""The studio's REST API over HTTP: the one place that knows its address, its token and its errors."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from slipway import wire
from slipway.config import Studio
from slipway.errors import ApiError

READ_TIMEOUT_S = 60.0
STORE_TIMEOUT_S = 600.0
PROBLEM_KEYS = {"type", "title", "status", "code", "detail", "advice"}

Response = urllib3.BaseHTTPResponse


class Api:
    """One studio, one workspace. Methods return JSON and raise SlipwayError only."""

    def __init__(self, studio: Studio, workspace: str | None = None) -> None:
        self.studio = studio
        self.workspace = workspace or studio.workspace
        self.root = f"/api/v1/workspaces/{segment(self.workspace)}"
        self._http = wire.pool_for(studio.url, {"Authorization": f"Bearer {studio.token}"})

    def get(self, path: str, **params: Any) -> Any:
        return self._json("GET", path, params=params)

    def text(self, path: str, **params: Any) -> str:
        """An answer that is no JSON."""
        return self._send("GET", path, params=params).data.decode("utf-8", "replace")

    def post(self, path: str, body: object, *, read_timeout_s: float = READ_TIMEOUT_S) -> Any:
        return self.send("POST", path, body, read_timeout_s=read_timeout_s)

    def send(self, method: str, path: str, body: object, *, read_timeout_s: float = READ_TIMEOUT_S) -> Any:
        content, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        return self._json(method, path, content=content, headers=headers, read_timeout_s=read_timeout_s)

    def put(self, path: str, content: Iterator[bytes], headers: Mapping[str, str]) -> Any:
        # The studio may hash and store a large file before it answers.
        return self._json("PUT", path, content=content, headers=headers, read_timeout_s=STORE_TIMEOUT_S)

    def exchange(
        self,
        method: str,
        path: str,
        *,
        content: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> Mapping[str, str]:
        """The headers of the answer, where they are what it says."""
        return self._send(method, path, content=content, headers=headers, read_timeout_s=read_timeout_s).headers

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> Iterator[Iterator[bytes]]:
        """The body of an answer while it arrives; errors while reading are reported too."""
        with self.opened(path, params=params, headers=headers, read_timeout_s=read_timeout_s) as response:
            yield wire.arriving(response)

    @contextmanager
    def opened(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> Iterator[Response]:
        """The same, with its status and headers; `wire.arriving` reads it."""
        with self._reported():
            response = self._request("GET", path, params, None, headers, read_timeout_s, preload_content=False)
            try:
                self._check(response)
                yield response
            finally:
                response.close()

    def _json(self, method: str, path: str, **options: Any) -> Any:
        response = self._send(method, path, **options)
        if response.status == 204:
            return None
        try:
            return json.loads(response.data)
        except ValueError:
            raise self._foreign(response) from None

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> Response:
        with self._reported():
            response = self._request(method, path, params, content, headers, read_timeout_s)
        self._check(response)
        return response

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        content: bytes | Iterator[bytes] | None,
        headers: Mapping[str, str] | None,
        read_timeout_s: float,
        **options: Any,
    ) -> Response:
        query = urlencode(_given(params or {}), doseq=True)
        url = f"{self.studio.url}{path}?{query}" if query else f"{self.studio.url}{path}"
        return self._http.request(
            method,
            url,
            body=content,
            headers={**self._http.headers, **(headers or {})},
            timeout=wire.limits(read_timeout_s),
            redirect=False,
            **options,
        )

    def _check(self, response: Response) -> None:
        if not 200 <= response.status < 300:
            raise self._refusal(response)

    def _refusal(self, response: Response) -> ApiError:
        problem = _problem(response)
        if response.status == 401:
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
            response.status,
            str(problem["title"]),
            str(problem.get("detail") or ""),
            str(problem.get("advice") or ""),
            code=str(problem.get("code") or ""),
            extras={key: value for key, value in problem.items() if key not in PROBLEM_KEYS},
        )

    def _foreign(self, response: Response) -> ApiError:
        """An answer that no studio gives: a proxy's error page, another server, a redirect."""
        kind = response.headers.get("content-type", "no content type").partition(";")[0]
        location = response.headers.get("location")
        detail = f"{self.studio.url} answered {response.status} with {kind}"
        return ApiError(
            response.status,
            "That address does not answer as a studio",
            detail + (f", pointing to {location}" if location else ""),
            f"Check url in {self.studio.source}.",
            code="not-a-studio",
        )

    def _reported(self) -> Any:
        advice = f"Start it with ./run, or check url in {self.studio.source}."
        return wire.reported("The studio", self.studio.url, advice=advice)


def segment(text: str) -> str:
    """`text` as one segment of a URL path."""
    return quote(text, safe="")


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if value not in (None, "", [], ())}


def _problem(response: Response) -> dict[str, Any] | None:
    if "json" not in response.headers.get("content-type", ""):
        return None
    try:
        problem = json.loads(response.data)
    except ValueError:
        return None
    return problem if isinstance(problem, dict) and problem.get("title") else None
