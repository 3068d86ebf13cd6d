"""Which headers cross the gateway, and in which form. Names arrive in lower case from both sides."""

from collections.abc import Mapping, Sequence

Headers = Sequence[tuple[bytes, bytes]]

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection "
    b"te trailer transfer-encoding upgrade http2-settings".split()
)
REQUEST_DROPPED = HOP_BY_HOP | {
    b"authorization",  # the service's key is the gateway's business, not the model's
    # Browsers send a host's cookies to all of its ports: the studio's session must not reach models.
    b"cookie",
    b"host",
    b"content-length",  # framing is written anew
    b"expect",
    b"forwarded",
    b"x-real-ip",
    b"x-request-id",
}
# What callers may not say of themselves. To an API server that a replica is reached through, the second
# says for whom the gateway asks.
REQUEST_DROPPED_STARTS = (b"x-forwarded-", b"impersonate-", b"x-remote-")
RESPONSE_DROPPED = HOP_BY_HOP | {
    b"set-cookie",  # would set cookies of the studio, see above
    b"clear-site-data",
    b"server",
    b"date",
    b"x-request-id",
    b"x-slipway-revision",
    b"x-kubernetes-pf-flowschema-uid",  # an API server's own, which is none of the caller's business
    b"x-kubernetes-pf-prioritylevel-uid",
}
NO_BODY = frozenset((204, 304))


def nominated(headers: Headers) -> frozenset[bytes]:
    """Names that `Connection` declares to be meant for the next hop only (RFC 9110, 7.6.1)."""
    values = [value for name, value in headers if name == b"connection"]
    return frozenset(token.strip().lower() for value in values for token in value.split(b","))


def names_in(lines: bytes) -> frozenset[bytes]:
    """The names of complete header lines."""
    return frozenset(line.partition(b":")[0].strip().lower() for line in lines.split(b"\r\n") if line)


def for_workload(headers: Headers, named: Mapping[bytes, bytes], dropped: frozenset[bytes]) -> bytes:
    """The caller's headers that pass, as lines of a request head. `named` is dict(headers)."""
    if b"connection" in named:
        dropped = dropped | nominated(headers)
    starts = REQUEST_DROPPED_STARTS
    return b"".join(
        [b"%b: %b\r\n" % each for each in headers if each[0] not in dropped and not each[0].startswith(starts)]
    )


def for_caller(headers: Headers, status: int) -> list[tuple[bytes, bytes]]:
    dropped = RESPONSE_DROPPED
    if any(name == b"connection" for name, _ in headers):
        dropped = dropped | nominated(headers)
    if status in NO_BODY:
        dropped = dropped | {b"content-length"}
    return [each for each in headers if each[0] not in dropped]
