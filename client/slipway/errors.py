"""Errors for people: what happened, in one sentence, and what to do about it."""

from collections.abc import Mapping
from typing import Any


class SlipwayError(Exception):
    """Anything the client reports. `title` stands alone; `detail` and `advice` may be empty."""

    code = "client-error"

    def __init__(self, title: str, detail: str = "", advice: str = "", *, code: str = "") -> None:
        super().__init__(f"{title}: {detail}" if detail else title)
        self.title = title
        self.detail = detail
        self.advice = advice
        self.code = code or self.code


class StudioNotFound(SlipwayError):
    """No configuration says which studio to speak to."""

    code = "studio-not-found"


class StudioNotAnswering(SlipwayError):
    """The studio's address refuses connections or stays silent."""

    code = "studio-not-answering"


class StudioSilent(StudioNotAnswering):
    """The connection stands, and nothing comes over it."""


class ConnectionBroken(SlipwayError):
    """The connection ended in the middle of a request or an answer."""

    code = "connection-broken"


class LocalPathError(SlipwayError):
    """A file or folder on this machine is missing, unreadable or in the way."""

    code = "local-path"


class InvalidName(SlipwayError):
    """A name breaks the rules; found before anything is sent."""

    code = "invalid-name"


class UploadBroken(SlipwayError):
    """A file did not arrive whole."""

    code = "upload-broken"


class DownloadRefused(SlipwayError):
    """A file of a model cannot be written where it claims to belong."""

    code = "download-refused"


class DeploymentFailed(SlipwayError):
    """A deployment ended without going live. `deployment` is its JSON as the studio tells it."""

    code = "deployment-failed"

    def __init__(self, title: str, detail: str, advice: str, *, deployment: Mapping[str, Any]) -> None:
        super().__init__(title, detail, advice)
        self.deployment = deployment


class ProfileFailed(SlipwayError):
    """A profile ended without a result. `profile` is its JSON as the studio tells it."""

    code = "profile-failed"

    def __init__(self, title: str, detail: str, advice: str, *, profile: Mapping[str, Any]) -> None:
        super().__init__(title, detail, advice)
        self.profile = profile


class ApiError(SlipwayError):
    """The studio's own refusal: an RFC 9457 problem, or an answer that is not the studio's at all."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        advice: str = "",
        *,
        code: str = "",
        extras: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title, detail, advice, code=code)
        self.status = status
        self.extras = dict(extras or {})
