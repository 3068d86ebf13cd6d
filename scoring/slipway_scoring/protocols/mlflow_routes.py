"""The addresses of MLflow's scoring server."""

from importlib import metadata

from slipway_scoring import __version__
from slipway_scoring.asking import JSON, Asking, Host, Routes
from slipway_scoring.exchange import Exchange, Request
from slipway_scoring.protocols import mlflow_server


def of(app: Host) -> Routes:
    invocations = mlflow_server.Invocations()

    def invoke(request: Request, exchange: Exchange) -> None:
        asking = Asking(app, request, exchange, "invocations", mlflow_server.words)
        if asking.headers_read():
            app.submit(asking, lambda: invocations)

    def ping(request: Request, exchange: Exchange) -> None:
        exchange.answer(200 if app.is_ready else 503, JSON, b"\n")

    def version(request: Request, exchange: Exchange) -> None:
        exchange.answer(200, JSON, _version().encode())

    return {
        "/invocations": (("POST",), invoke),
        "/ping": (("GET",), ping),
        "/health": (("GET",), ping),
        "/version": (("GET",), version),
    }


def _version() -> str:
    """MLflow's, whose client compares it with its own; ours where MLflow is not installed."""
    for name in ("mlflow", "mlflow-skinny"):
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return __version__
