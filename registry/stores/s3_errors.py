"""What S3 answers when it does not do what was asked, in words."""

from botocore.exceptions import ClientError, NoCredentialsError, PartialCredentialsError

from registry.errors import DiskFull, StoreUnavailable
from workspaces.errors import Refusal

_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure", "ExpiredToken", "InvalidToken", "401"}
_FULL = {"XMinioStorageFull", "QuotaExceeded", "InsufficientCapacity", "507"}


def is_missing(exc: ClientError) -> bool:
    """Whether it says that there is no such object. A HEAD has no body to say it with."""
    return exc.response.get("Error", {}).get("Code") in {"NoSuchKey", "404", "NotFound"}


def refusal_of(exc: BaseException, where: str) -> Refusal:
    """`where` names the bucket. No key or secret is repeated."""
    if isinstance(exc, ClientError):
        return _of_answer(exc, where)
    if isinstance(exc, NoCredentialsError | PartialCredentialsError):
        return StoreUnavailable(
            f"There are no keys to open {where} with.",
            advice="Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or give the machine a role.",
        )
    return StoreUnavailable(
        f"{_capital(where)} cannot be reached ({type(exc).__name__}).",
        advice="Try again in a moment. If it stays so, the operator should look at S3_ENDPOINT_URL and the network.",
    )


def _of_answer(exc: ClientError, where: str) -> Refusal:
    code = str(exc.response.get("Error", {}).get("Code", ""))
    if code in _FULL:
        return DiskFull(
            f"The file does not fit into {where}; nothing was kept of it.",
            advice="Delete versions nobody needs, or give the bucket more room.",
        )
    if code in _KEYS:
        said, advice = f"S3 does not know the studio's keys ({code}).", "Correct S3_ACCESS_KEY_ID and its secret."
    elif code in {"NoSuchBucket", "404"}:
        said, advice = f"There is no {where}.", "Make it, or correct S3_BUCKET and S3_ENDPOINT_URL."
    elif code in {"AccessDenied", "403"}:
        said = f"The studio's keys do not open {where} ({code})."
        advice = "Allow them to list the bucket and to get, put and delete its objects."
    else:
        said, advice = f"S3 answers {code or 'nothing that can be read'} for {where}.", "Look at the S3 server's log."
    return StoreUnavailable(said, advice=f"{advice} This is the operator's to mend.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
