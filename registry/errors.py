"""What can go wrong in the registry."""

from workspaces.errors import Invalid, NotFound, Refusal


class VersionNotFound(NotFound):
    code = "model-version-not-found"
    title = "No such model version"


class UploadNotFound(NotFound):
    code = "upload-not-found"
    title = "No such upload"


class NameInvalid(Invalid):
    code = "name-invalid"
    title = "The name breaks the rule"


class TagInvalid(Invalid):
    code = "tag-invalid"
    title = "The tag is not valid"


class SignatureInvalid(Invalid):
    code = "signature-invalid"
    title = "The signature is not valid"


class PickleRefused(Invalid):
    """The workspace does not take pickles of this risk."""

    code = "pickle-refused"
    title = "This workspace refuses such pickles"


class PathInvalid(Invalid):
    code = "path-invalid"
    title = "The file's path is not allowed"


class UploadEmpty(Invalid):
    code = "upload-empty"
    title = "There is no file to register"


class VersionInUse(Refusal):
    code = "version-in-use"
    title = "A service uses this version"


class VersionArchived(Refusal):
    code = "version-archived"
    title = "The version is archived"


class PropertyImmutable(Refusal):
    code = "property-immutable"
    title = "Properties are immutable"


class AliasInvalid(Invalid):
    code = "alias-invalid"
    title = "The alias breaks the rule"


class AliasNotFound(NotFound):
    code = "alias-not-found"
    title = "No such alias"


class UploadBrokenOff(Refusal):
    code = "upload-broken-off"
    title = "The upload broke off"


class UploadBusy(Refusal):
    """Another request is sending the same file; in time it is done, or found to be gone."""

    code = "upload-busy"
    title = "The file is being sent already"


class UploadUnfinished(Refusal):
    code = "upload-unfinished"
    title = "A file has not arrived whole"


class OffsetDiffers(Refusal):
    code = "offset-differs"
    title = "The upload goes on elsewhere"


class ChecksumDiffers(Refusal):
    code = "checksum-differs"
    title = "What arrived is not what was sent"


class TusInvalid(Refusal):
    code = "tus-invalid"
    title = "The request breaks the tus protocol"


class TusVersionUnknown(Refusal):
    code = "tus-version-unknown"
    title = "This version of the tus protocol is not spoken here"


class TusTypeWrong(Refusal):
    code = "tus-type-wrong"
    title = "The bytes are sent as another type"


class ArchiveRefused(Invalid):
    code = "archive-refused"
    title = "The archive is not unpacked"


class DiskFull(Refusal):
    code = "disk-full"
    title = "The studio's disk is full"


class BlobMissing(Refusal):
    """A file the database names is not in the store: the operator's to mend."""

    code = "blob-missing"
    title = "A stored file is missing"

    @classmethod
    def of(cls, sha256: str) -> "BlobMissing":
        return cls(
            f"The content {sha256} is not in the store.",
            advice="Register the same file again, which puts it back, or have the operator restore the store.",
        )


class BlobDamaged(Refusal):
    """A stored file has other bytes than were registered."""

    code = "blob-damaged"
    title = "A stored file is damaged"


class StoreUnavailable(Refusal):
    """The folder or bucket of the models' files does not answer, or refuses the studio: the operator's to mend."""

    code = "store-unavailable"
    title = "The store of files cannot be used"


class RangeInvalid(Refusal):
    """Nothing of the file lies in the range that was asked for; `headers` tells its size."""

    code = "range-invalid"
    title = "The range lies outside the file"

    @classmethod
    def of(cls, size: int) -> "RangeInvalid":
        refusal = cls(f"The file has {size} bytes; the range begins behind them.", advice="Ask for fewer.", size=size)
        refusal.headers = {"Content-Range": f"bytes */{size}"}
        return refusal


class ViewNotFound(NotFound):
    code = "view-not-found"
    title = "No such saved view"


class ViewNameTaken(Refusal):
    code = "view-name-taken"
    title = "You already have a view of that name"
