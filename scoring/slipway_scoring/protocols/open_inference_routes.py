"""The addresses of the Open Inference Protocol: all below `/v2`, for the one model of this server."""

from functools import cache
from pathlib import Path
from urllib.parse import quote

from slipway_scoring.asking import JSON, Asking, Host, Routes
from slipway_scoring.dataplane import Dialect
from slipway_scoring.exchange import Exchange, Request
from slipway_scoring.protocols.served import Served, words
from slipway_scoring.settings import Settings


def of(app: Host) -> Routes:
    served = served_by(app.settings)

    @cache
    def dialect() -> Dialect:
        # A script may do without numpy, and is asked in Azure's way alone.
        from slipway_scoring.protocols.open_inference import Infer

        return Infer(served)

    def infer(request: Request, exchange: Exchange) -> None:
        asking = Asking(app, request, exchange, "infer", words)
        if asking.headers_read():
            app.submit(asking, dialect)

    def live(request: Request, exchange: Exchange) -> None:
        exchange.answer(200, JSON, b'{"live":true}')

    def ready(request: Request, exchange: Exchange) -> None:
        exchange.answer(200 if app.is_ready else 503, JSON, b'{"ready":true}' if app.is_ready else b'{"ready":false}')

    def server(request: Request, exchange: Exchange) -> None:
        exchange.answer(200, JSON, served.server())

    def model(request: Request, exchange: Exchange) -> None:
        exchange.answer(200, JSON, served.model(app.signature, "slipway-scoring"))

    get, post = ("GET", "HEAD"), ("POST",)
    routes: Routes = {
        "/v2": (get, server),
        "/v2/health/live": (get, live),
        "/v2/health/ready": (get, ready),
    }
    name, version = quote(served.name), quote(served.version)
    for start in (f"/v2/models/{name}", f"/v2/models/{name}/versions/{version}"):
        routes |= {start: (get, model), f"{start}/ready": (get, ready), f"{start}/infer": (post, infer)}
    return routes


def served_by(settings: Settings) -> Served:
    """The model's name and version where its folder tells them (azureml-models/NAME/VERSION); else `model`, `1`."""
    parts = Path(settings.model_dir).parts
    if "azureml-models" in parts:
        below = parts[parts.index("azureml-models") + 1 :]
        if len(below) >= 2:
            return Served(below[0], below[1])
    return Served("model", "1")
