"""Why a target could not do what was asked. `code` is stable; the text is for people."""


class DriverError(Exception):
    """`str(error)` says what is wrong and where; `advice` what to do about it."""

    code = "target-error"

    def __init__(self, detail: str, *, advice: str = "") -> None:
        super().__init__(detail)
        self.advice = advice


class TargetUnavailable(DriverError):
    code = "target-unavailable"


class RequirementsUnsolvable(DriverError):
    """The packages asked for do not exist or do not fit together."""

    code = "requirements-unsolvable"


class PythonUnavailable(DriverError):
    code = "python-unavailable"


class BaseImageMissing(DriverError):
    code = "base-image-missing"


class NameTaken(DriverError):
    """Something that is not ours already has the workload's name."""

    code = "workload-name-taken"


class OutOfDisk(DriverError):
    code = "out-of-disk"


class PackageIndexUnreachable(DriverError):
    """The index that packages come from did not answer: the network, not the requirements."""

    code = "package-index-unreachable"


class NoAnswer(DriverError):
    """A workload's runtime cannot be reached, or does not answer."""

    code = "no-answer"


class Unauthorized(TargetUnavailable):
    """The target no longer accepts the credentials it was attached with."""

    code = "target-unauthorized"


class Forbidden(DriverError):
    """The credentials are good, but do not allow this."""

    code = "target-forbidden"


class Refused(DriverError):
    """The target understood what it should make, and will not: a quota, a policy, an object it finds wrong."""

    code = "target-refused"


class ConnectionInvalid(DriverError):
    """What a target should be attached with cannot be used."""

    code = "connection-invalid"


class RegistryUnavailable(DriverError):
    """The image registry does not answer."""

    code = "registry-unavailable"


class RegistryRefused(DriverError):
    """The image registry answers, and does not take the image or the password."""

    code = "registry-refused"
