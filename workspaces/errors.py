"""The base of every error a person can meet, and those of access."""


class Refusal(Exception):
    """Something asked for cannot be done. `str(error)` says what is wrong and where.

    `code` is stable and for programs, `title` is the kind in words, `advice` what to do about it,
    `extras` are more facts for programs. The HTTP status is chosen in `studio.http_errors` alone.
    """

    code = "refused"
    title = "This cannot be done"
    headers: dict[str, str] = {}  # of its answer over HTTP

    def __init__(self, detail: str, *, advice: str = "", **extras: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.advice = advice
        self.extras = extras


class NotFound(Refusal):
    code = "not-found"
    title = "Not found"


class Invalid(Refusal):
    """Input that breaks a rule; `errors` names the fields when there are any."""

    code = "invalid"
    title = "Not valid"

    def __init__(self, detail: str, *, advice: str = "", errors: dict[str, list[str]] | None = None, **extras):
        super().__init__(detail, advice=advice, **({"errors": errors} if errors else {}), **extras)


class WorkspaceNotFound(NotFound):
    code = "workspace-not-found"


class RoleTooLow(Refusal):
    code = "role-too-low"
    title = "Your role does not allow this"
