"""The web process: pages and REST over HTTP, build logs over websockets."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
http = get_asgi_application()

# These need Django's apps to be ready.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402

from deployments.ws_urls import websocket_urlpatterns  # noqa: E402
from studio import full_disk  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": full_disk.saying_so(http),
        # Exact origins, ports and all: a page of another server on this host must not read our logs.
        "websocket": OriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), settings.WEBSOCKET_ORIGINS
        ),
    }
)
