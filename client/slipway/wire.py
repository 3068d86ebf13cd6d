"""Connections: proxies, time limits, and the ways a connection fails, told in our own words."""

import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3 import exceptions

from slipway import __version__
from slipway.errors import ConnectionBroken, StudioNotAnswering, StudioSilent

CONNECT_TIMEOUT_S = 10.0
BUFFER_BYTES = 64 * 1024


def pool_for(url: str, headers: Mapping[str, str] | None = None) -> urllib3.PoolManager:
    """Connections to `url`. Redirects are answers, not instructions: they would carry the token elsewhere."""
    options = {
        "headers": {"User-Agent": f"slipway/{__version__}", **(headers or {})},
        "retries": False,
    }
    proxy = proxy_for(url)
    if proxy is None:
        return urllib3.PoolManager(**options)
    return urllib3.ProxyManager(proxy, proxy_headers=_proxy_headers(proxy), **options)


def limits(read_timeout_s: float) -> urllib3.Timeout:
    return urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout_s)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for `url`; never one for this machine itself."""
    if is_loopback(url):
        return None
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@contextmanager
def reported(who: str, url: str, *, advice: str) -> Iterator[None]:
    """Errors of the connection to `url` as SlipwayError. `who` begins the sentence: "The studio"."""
    try:
        yield
    except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError) as exc:
        raise StudioNotAnswering(f"{who} does not answer", f"{url} ({_reason(exc)})", advice) from exc
    except exceptions.ProxyError as exc:
        raise StudioNotAnswering(f"{who} does not answer", f"{url}, by proxy ({_reason(exc)})", advice) from exc
    except exceptions.ReadTimeoutError as exc:
        raise StudioSilent(f"{who} does not answer", f"{url} kept silent for too long", advice) from exc
    except exceptions.HTTPError as exc:
        raise ConnectionBroken(f"The connection to {url} broke off", _reason(exc), "Try again.") from exc


def arriving(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The body in the pieces in which it comes, without waiting for a full buffer."""
    while piece := response.read1(BUFFER_BYTES):
        yield piece


def _reason(exc: Exception) -> str:
    """The system's own words (`Connection refused`) where there are any."""
    cause = exc.__cause__ or exc.__context__
    return getattr(cause, "strerror", None) or str(cause or exc)


def _proxy_headers(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if parts.username is None:
        return {}
    return urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")
