"""Requests to an API server, through the official client, as plain JSON; and its refusals in the driver's words.

Plain JSON because the client's typed objects cost ten times as much to make as to read, know only the fields of their
own release, and would have to be taken apart again for server-side apply."""

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException, incluster_config
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from drivers.errors import ConnectionInvalid, DriverError, Forbidden, Refused, TargetUnavailable, Unauthorized
from drivers.kubernetes.connection import Connection, tls_context

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
_CONNECT_S = 5.0
_READ_S = 30.0
Object = dict[str, object]


class Missing(Exception):
    """The API server has no such object."""


class Conflict(Exception):
    """The object is there already, or is another one than was meant."""


class Cluster:
    """May be used by several threads: connections come from one pool."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._api: ApiClient | None = None

    @property
    def server(self) -> str:
        return self._client().configuration.host

    def get(self, path: str, query: Mapping[str, object] | None = None, *, timeout_s: float = _READ_S) -> Object:
        return json.loads(self.read(path, query, timeout_s=timeout_s))

    def read(self, path: str, query: Mapping[str, object] | None = None, *, timeout_s: float = _READ_S) -> bytes:
        return self._send("GET", path, query, timeout_s=timeout_s).data

    def apply(self, path: str, body: Object, manager: str) -> Object:
        """Server-side apply. Takes over fields that others have set: the manifest is what is wanted."""
        query = {"fieldManager": manager, "force": "true"}
        return json.loads(self._send("PATCH", path, query, body, APPLY).data)

    def create(self, path: str, body: Object) -> Object:
        return json.loads(self._send("POST", path, None, body).data)

    def merge(self, path: str, body: Object) -> Object:
        return json.loads(self._send("PATCH", path, None, body, MERGE).data)

    def delete(self, path: str, options: Object) -> None:
        """Already gone is done."""
        with suppress(Missing):
            self._send("DELETE", path, None, options)

    def lines(self, path: str, query: Mapping[str, object], *, silence_s: float) -> Iterator[bytes]:
        """The lines of an answer as they come, until it ends; raises when none came for `silence_s`."""
        answer = self._send("GET", path, query, timeout_s=silence_s, stream=True)
        rest = b""
        try:
            with answers(self._place):
                for block in answer.stream(65536):
                    *whole, rest = (rest + block).split(b"\n")
                    yield from whole
        finally:
            answer.close()
            answer.release_conn()

    @property
    def _place(self) -> str:
        return "the cluster the studio runs in" if self._connection.in_cluster else self._connection.server

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None,
        body: Object | None = None,
        content_type: str = JSON,
        timeout_s: float = _READ_S,
        stream: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """Raises Missing, Conflict and every DriverError of `answers`."""
        api = self._client()
        url = f"{api.configuration.host}{path}{'?' + urlencode(query) if query else ''}"
        headers = {"Accept": JSON, "Content-Type": content_type, **self._authorization(api.configuration)}
        text = body if content_type.endswith("json") else json.dumps(body)  # the client makes JSON itself where it is
        with answers(self._place):
            answer = api.call_api(method, url, headers, text, _request_timeout=(_CONNECT_S, timeout_s)).response
            if answer.status >= 400:
                raise ApiException(http_resp=answer, body=answer.data.decode("utf-8", "replace"))
            if not stream:
                answer.read(cache_content=True)
            return answer

    def _authorization(self, configuration: Configuration) -> dict[str, str]:
        if self._connection.in_cluster:
            return {"Authorization": configuration.get_api_key_with_prefix("authorization")}
        return {"Authorization": f"Bearer {self._connection.token}"} if self._connection.token else {}

    def _client(self) -> ApiClient:
        with self._lock:
            if self._api is None:
                self._api = _client(self._connection)
            return self._api


def _client(connection: Connection) -> ApiClient:
    configuration = Configuration()
    # One more try for a kept connection that the server was just closing; none for a server that is not there.
    configuration.retries = urllib3.Retry(total=1, connect=0, read=1, redirect=0, status=0, other=0)
    configuration.connection_pool_maxsize = 16
    if connection.in_cluster:
        try:
            incluster_config.load_incluster_config(configuration)
        except ConfigException as exc:
            raise ConnectionInvalid(
                f"The studio does not run inside a cluster: {exc}",
                advice="Attach the cluster with a kubeconfig.",
            ) from exc
        return ApiClient(configuration)
    configuration.host = connection.server
    api = ApiClient(configuration)
    # With a context of ours, so that keys need not be written to files.
    facts = {"ssl_context": tls_context(connection), "maxsize": 16, "retries": configuration.retries}
    if connection.tls_server_name:
        facts |= {"server_hostname": connection.tls_server_name, "assert_hostname": connection.tls_server_name}
    api.rest_client.pool_manager = urllib3.PoolManager(**facts)
    return api


@contextmanager
def answers(place: str) -> Iterator[None]:
    """Turn what goes wrong while asking the API server at `place` into DriverErrors, Missing and Conflict."""
    try:
        yield
    except ApiException as exc:
        raise _refusal(exc, place) from exc
    except (HTTPError, OSError, ValueError) as exc:
        raise _unreachable(exc, place) from exc


def _refusal(exc: ApiException, place: str) -> Exception:
    said = _message(exc)
    if exc.status == 404:
        return Missing(said)
    if exc.status == 409:
        return Conflict(said)
    if exc.status == 401:
        return Unauthorized(
            f"The API server at {place} does not accept the credentials (401): they are wrong, or have expired.",
            advice="Give the target new ones: `slipway computetarget update -n NAME --kubeconfig FILE`.",
        )
    if exc.status == 403:
        if any(
            words in said for words in ("exceeded quota", "admission webhook", "violates PodSecurity", "LimitRange")
        ):
            return Refused(f"The cluster does not allow it: {said}", advice=_ADVICE_REFUSED)
        return Forbidden(
            f"The credentials do not allow it: {said}",
            advice="Test connection lists what is missing, with the YAML that grants it.",
        )
    if exc.status in (400, 422):
        return Refused(f"The cluster does not take it: {said}", advice=_ADVICE_REFUSED)
    return TargetUnavailable(
        f"The API server at {place} answered {exc.status}: {said}", advice="Look at the cluster's control plane."
    )


_ADVICE_REFUSED = "Ask for less, or have the cluster's quota or policy changed, then deploy again."


def _message(exc: ApiException) -> str:
    try:
        status = json.loads(exc.body or "")
        return str(status.get("message") or status.get("reason") or exc.reason)[:1000]
    except (ValueError, AttributeError):
        return (exc.body or exc.reason or "no reason given")[:300]


def _unreachable(exc: Exception, place: str) -> DriverError:
    cause: BaseException = exc
    while isinstance(cause, MaxRetryError | SSLError) and isinstance(getattr(cause, "reason", None), BaseException):
        cause = cause.reason
    told = next((each for each in (cause, *cause.args) if isinstance(each, ssl.SSLCertVerificationError)), None)
    if told is not None or "CERTIFICATE_VERIFY_FAILED" in str(cause):
        why = getattr(told, "verify_message", "") or "it cannot be verified"
        return TargetUnavailable(
            f"The certificate of {place} is not one that the connection trusts: {why}.",
            advice="certificate-authority-data must be of this cluster; take a new kubeconfig from it.",
        )
    if isinstance(cause, (ssl.SSLError, SSLError)):
        return TargetUnavailable(
            f"{place} does not speak TLS as an API server does ({cause}).", advice="Check the server's address."
        )
    return TargetUnavailable(
        f"The API server at {place} does not answer ({_short(cause)}).",
        advice="Check that the cluster runs, and that this machine reaches it.",
    )


def _short(cause: BaseException) -> str:
    words = str(cause).split(": ", 1)[-1] or type(cause).__name__
    return words[:200]
