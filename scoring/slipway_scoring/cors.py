"""Cross-origin headers for the origins of AML_CORS_ORIGINS; methods GET and POST, as in Azure's server."""

Headers = list[tuple[bytes, bytes]]


class Cors:
    def __init__(self, origins: tuple[str, ...]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes | None, asked_headers: bytes | None) -> Headers:
        """For any answer; `asked_headers` is what a browser's preflight asks to send."""
        if origin is None or not (self._any or origin in self._origins):
            return []
        allowed = [(b"access-control-allow-origin", b"*" if self._any else origin)]
        if not self._any:
            allowed.append((b"vary", b"Origin"))
        if asked_headers is not None:
            allowed.append((b"access-control-allow-methods", b"GET, POST"))
            allowed.append((b"access-control-allow-headers", asked_headers))
        return allowed
