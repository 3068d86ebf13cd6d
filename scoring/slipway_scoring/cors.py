"""Cross-origin headers for the origins of AML_CORS_ORIGINS; methods GET and POST, as in Azure's server."""


class Cors:
    def __init__(self, origins: tuple[str, ...]) -> None:
        self._any = "*" in origins
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, origin: bytes, asked_headers: bytes) -> bytes:
        """Lines for any answer; `asked_headers` is what a browser's preflight asks to send. Empty: not given."""
        if not origin or not (self._any or origin in self._origins):
            return b""
        allowed = b"access-control-allow-origin: %b\r\n" % (b"*" if self._any else origin)
        if not self._any:
            allowed += b"vary: Origin\r\n"
        if asked_headers:
            allowed += b"access-control-allow-methods: GET, POST\r\n"
            allowed += b"access-control-allow-headers: %b\r\n" % asked_headers
        return allowed
