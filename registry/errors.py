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


class UploadBrokenOff(Refusal):
    code = "upload-broken-off"
    title = "The upload broke off"


class DiskFull(Refusal):
    code = "disk-full"
    title = "The studio's disk is full"


class BlobMissing(Refusal):
    """A file the database names is not in the store: the operator's to mend."""

    code = "blob-missing"
    title = "A stored file is missing"
