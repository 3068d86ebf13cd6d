"""A studio small enough to misbehave on purpose: it keeps the REST contract and breaks where told to."""

import hashlib
import json
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

WORKSPACE = "/api/v1/workspaces/default"
TOKEN = "a-token"


class FakeStudio:
    """`answers` maps (method, path pattern below the workspace) to a function of the request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.uploads: dict[str, dict[str, bytes]] = {}
        self.answers: dict[tuple[str, str], Callable[[Request], None]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"studio": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.on("POST", "/uploads", self._start_upload)
        self.on("PUT", "/uploads/(.+?)/files/(.+)", self._receive)
        self.on("DELETE", "/uploads/(.+)", self._drop_upload)

    def on(self, method: str, pattern: str, answer: object, status: int = 200) -> None:
        """`answer` is a function of the request, or JSON to answer with."""
        act = answer if callable(answer) else lambda request: request.json(answer, status)
        self.answers[method, pattern] = act

    def problem(self, method: str, pattern: str, status: int, **problem: object) -> None:
        self.on(method, pattern, {"title": "Refused", "status": status, **problem}, status)

    def asked(self, method: str, path: str) -> "list[Request]":
        return [each for each in self.requests if (each.method, each.path) == (method, WORKSPACE + path)]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _start_upload(self, request: "Request") -> None:
        upload_id = f"u{len(self.uploads) + 1}"
        self.uploads[upload_id] = {}
        request.json({"id": upload_id}, 201)

    def _receive(self, request: "Request", upload_id: str, path: str) -> None:
        self.uploads[upload_id][path] = request.body
        sha256 = hashlib.sha256(request.body).hexdigest()
        request.json({"path": path, "size": len(request.body), "sha256": sha256}, 201)

    def _drop_upload(self, request: "Request", upload_id: str) -> None:
        del self.uploads[upload_id]
        request.json(None, 204)


class Request:
    """One request, and the means to answer it rightly or wrongly."""

    def __init__(self, handler: "Handler") -> None:
        self.handler, self.method = handler, handler.command
        parts = urlsplit(handler.path)
        self.path, self.query = unquote(parts.path), parse_qs(parts.query)
        self.headers = handler.headers
        self.length = int(self.headers.get("Content-Length") or 0)
        self._body: bytes | None = None

    @property
    def body(self) -> bytes:
        if self._body is None:
            self._body = self.handler.rfile.read(self.length)
        return self._body

    @property
    def data(self) -> dict:
        return json.loads(self.body)

    def json(self, data: object, status: int = 200) -> None:
        kind = "application/problem+json" if status >= 400 else "application/json"
        self.bytes(b"" if status == 204 else json.dumps(data).encode(), status, kind)

    def bytes(
        self, body: bytes, status: int = 200, kind: str = "application/octet-stream", length: int | None = None
    ) -> None:
        self.body  # noqa: B018  unread bytes would make the closing socket reset the answer away
        self.start(status, kind, **{"Content-Length": str(len(body) if length is None else length)})
        self.handler.wfile.write(body)

    def start(self, status: int, kind: str, **headers: str) -> None:
        self.handler.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **headers}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()

    def events(self, *events: tuple[str, object]) -> None:
        """Server-sent events, after which the connection ends."""
        self.start(200, "text/event-stream")
        for kind, data in events:
            head = f"event: {kind}\n" if kind != "message" else f"id: {data['seq']}\n"
            self.handler.wfile.write(f"{head}data: {json.dumps(data)}\n\n".encode())

    def cut(self) -> None:
        """Ends the connection without an answer."""
        self.handler.connection.close()


class Handler(BaseHTTPRequestHandler):
    studio: FakeStudio

    def answer(self) -> None:
        request = Request(self)
        self.studio.requests.append(request)
        self.close_connection = True
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return request.json({"title": "Sign in", "status": 401, "code": "not-authenticated"}, 401)
        path = request.path.removeprefix(WORKSPACE)
        for (method, pattern), act in self.studio.answers.items():
            if method == self.command and (match := re.fullmatch(pattern, path)):
                with suppress(ConnectionError):
                    act(request, *match.groups())
                return
        request.json({"title": "No such page", "status": 404, "detail": request.path}, 404)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_: object) -> None:
        """Silence: pytest's output belongs to the tests."""
