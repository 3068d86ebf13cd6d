"""Why a model cannot be served, and why a request cannot be answered. The words are for people."""


class BootFailure(Exception):
    """The process cannot serve; `code` is stable, `str(failure)` says what is wrong and what to do.

    Raised `from` the original exception where there is one: its traceback goes to the log."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ScoringError(Exception):
    """A request that gets no prediction; `str(error)` is what the caller reads."""


class BadInput(ScoringError):
    """The caller can mend it."""


class InputNotJson(ScoringError):
    """The body is declared as something else than JSON, and only JSON will do."""


class ScriptFailed(ScoringError):
    """The entry script or the model raised; the cause is in the log, never in the answer."""

    def __init__(self) -> None:
        super().__init__("An unexpected error occurred in scoring script. Check the logs for more info.")


class ScoringTimedOut(ScoringError):
    def __init__(self, timeout_ms: int) -> None:
        super().__init__(f"Scoring timeout after {timeout_ms} ms")


class ResultNotSerialisable(ScoringError):
    """`run()` returned something JSON cannot hold; the type is in the log."""

    def __init__(self) -> None:
        super().__init__("An unexpected internal error occurred. Check the logs for more info.")


class BodyTooLarge(ScoringError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than the {limit} bytes this service takes.")


class ClientGone(Exception):
    """The connection broke: nobody is left to answer."""
