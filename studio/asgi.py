"""The web process: pages and REST over HTTP, build logs over websockets."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup(set_prefix=False)

# These need Django's apps to be ready.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from deployments.ws_urls import websocket_urlpatterns  # noqa: E402
from studio.bodies import Handler  # noqa: E402
from studio.garbage import settle  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": Handler(),
        # Exact origins, ports and all: a page of another server on this host must not read our logs.
        "websocket": OriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), settings.WEBSOCKET_ORIGINS),
    }
)

# All views are loaded now and not by the first request.
_ = get_resolver().url_patterns
settle()
