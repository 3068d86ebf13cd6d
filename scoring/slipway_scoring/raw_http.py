"""`@rawhttp`, AMLRequest and AMLResponse of Azure's old `azureml.contrib.services` (contract, 1.5).

They are Flask's request and response where Flask is installed, else Werkzeug's, of which those are made."""

import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from slipway_scoring.dataplane import Answer, Call
from slipway_scoring.errors import ResultNotSerialisable

MARK = "_slipway_raw_http"
# Set by the server for every answer, whatever the script says.
_OURS = frozenset(("content-length", "connection", "transfer-encoding", "date", "x-ms-run-function-failed"))
_NEEDED = "AMLRequest and AMLResponse are Flask's: add flask to the requirements of the environment."


def rawhttp(run: Callable[..., Any]) -> Callable[..., Any]:
    setattr(run, MARK, True)
    return run


def is_marked(run: Callable[..., Any]) -> bool:
    return getattr(run, MARK, False)


def _bases() -> tuple[type, type]:
    try:
        from flask import Request, Response
    except ImportError:
        try:
            from werkzeug.wrappers import Request, Response
        except ImportError:
            raise ImportError(_NEEDED) from None
    return Request, Response


def request_names() -> dict[str, Any]:
    """What `azureml.contrib.services.aml_request` holds. Raises ImportError where there is no Flask."""
    request, _ = _bases()
    return {"AMLRequest": type("AMLRequest", (request,), {}), "rawhttp": rawhttp}


def response_names() -> dict[str, Any]:
    """What `azureml.contrib.services.aml_response` holds. Raises ImportError where there is no Flask."""
    _, response = _bases()

    class AMLResponse(response):
        """`response_headers` are split at commas into repeated ones; None becomes `{}`."""

        def __init__(
            self,
            message: Any,
            status_code: int,
            response_headers: dict[str, str] | None = None,
            json_str: bool = False,
            run_function_failed: bool = False,
        ) -> None:
            import json

            text = message if message is not None else {}
            body = json.dumps(text) if json_str or message is None else text
            super().__init__(body, status=status_code, mimetype="application/json" if json_str else None)
            for name, value in (response_headers or {}).items():
                if name.lower() == "content-type":
                    self.headers["content-type"] = value
                    continue
                for part in str(value).split(","):
                    self.headers.add(name, part.strip())
            self.run_function_failed = run_function_failed

    return {"AMLResponse": AMLResponse}


class Reader:
    """The whole request for `run()`'s first parameter, nothing of it read yet."""

    def __init__(self, parameter: str) -> None:
        self._parameter = parameter
        self._request = sys.modules["azureml.contrib.services.aml_request"].AMLRequest

    def __call__(self, call: Call) -> dict[str, Any]:
        return {self._parameter: self._request(_environ(call))}


def _environ(call: Call) -> dict[str, Any]:
    """As WSGI (PEP 3333) has it."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": call.path,
        "QUERY_STRING": call.query_string,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(call.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in call.headers:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    environ["CONTENT_LENGTH"] = str(len(call.body))
    return environ


def is_response(result: Any) -> bool:
    """Whether `run()` returned a response of Flask, Werkzeug or ours."""
    wrappers = sys.modules.get("werkzeug.wrappers")
    return wrappers is not None and isinstance(result, wrappers.Response)


def answer(result: Any, elapsed_ms: float) -> Answer:
    """The response as it is: status, headers, body; a streamed one piece by piece."""
    lines = []
    for name, value in result.headers:
        if name.lower() in _OURS:
            continue
        line = f"{name}: {value}\r\n"
        if "\r" in value or "\n" in value or "\r" in name or "\n" in name:
            raise ResultNotSerialisable
        lines.append(line.encode("latin-1", "replace"))
    failed = result.status_code >= 500 or getattr(result, "run_function_failed", False)
    streamed = result.is_streamed
    return Answer(
        b"" if streamed else result.get_data(),
        elapsed_ms,
        result.status_code,
        b"".join(lines),
        failed,
        _pieces(result) if streamed else None,
    )


def _pieces(result: Any) -> Iterator[bytes]:
    try:
        yield from result.iter_encoded()
    finally:
        result.close()
