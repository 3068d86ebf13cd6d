"""Operations on one version, described."""

from registry import errors
from registry.api import files, models, requests
from registry.operations import answers, examples
from workspaces.errors import Invalid
from workspaces.operations import BYTES, Answer, Body, Operation, Operations, Parameter

_TAG = "models"
_RANGE = [
    Parameter(
        "Range", "One range of bytes, to go on where a download broke off.", example="bytes=1024-", where="header"
    ),
    Parameter("If-Range", "The `ETag` that the range belongs to.", example='"9f86d081"', where="header"),
    Parameter("If-None-Match", "The `ETag` of the copy one has.", example='"9f86d081"', where="header"),
]
_HEADERS = {"ETag": "Of the content: the SHA-256 of a file.", "Content-Disposition": "The file's name."}
_DOWNLOADS = [
    errors.VersionNotFound,
    errors.BlobMissing,
    errors.BlobDamaged,
    errors.StoreUnavailable,
    errors.RangeInvalid,
]


def _bytes(kind: str) -> list[Answer]:
    return [
        Answer(BYTES, "…", "The bytes.", media_type=kind, headers=_HEADERS),
        Answer(BYTES, "…", "The range that was asked for.", 206, kind, {"Content-Range": "Which bytes of how many."}),
        Answer(None, None, "The copy one has is the same.", 304),
    ]


OPERATIONS: Operations = {
    (models.Version, "GET"): Operation(
        id="get_version",
        summary="Show a version",
        description="All that it carries, its files, what these say of themselves, and where it serves and served.",
        tag=_TAG,
        answers=[Answer(answers.VersionDetail, examples.DETAIL)],
        errors=[errors.VersionNotFound],
    ),
    (models.Version, "PATCH"): Operation(
        id="change_version",
        summary="Change a version",
        description=(
            "What is left out stays as it is. `tags`, `metrics`, `parameters` and `datasets` replace all there were; "
            "`add_tags` and `remove_tags` change single ones. Properties can be added and never changed."
        ),
        tag=_TAG,
        body=Body(requests.ChangeRequest, {"stage": "Production", "add_tags": {"reviewed": "yes"}}),
        answers=[Answer(answers.VersionDetail, examples.DETAIL | {"stage": "Production"})],
        errors=[errors.VersionNotFound, errors.TagInvalid, errors.PropertyImmutable, Invalid],
    ),
    (models.Version, "DELETE"): Operation(
        id="delete_version",
        summary="Delete a version",
        description="Its number is never given again. A version that a service uses cannot be deleted.",
        tag=_TAG,
        answers=[Answer(status=204)],
        errors=[errors.VersionNotFound, errors.VersionInUse],
    ),
    (files.VersionFile, "GET"): Operation(
        id="download_file",
        summary="Download a file",
        description="The bytes as they were registered; ranges are answered with 206.",
        tag=_TAG,
        parameters=_RANGE,
        answers=_bytes("application/octet-stream"),
        errors=_DOWNLOADS,
    ),
    (files.VersionArchive, "GET"): Operation(
        id="download_archive",
        summary="Download all files",
        description="As one zip archive, made while it is sent; ranges are answered with 206.",
        tag=_TAG,
        parameters=_RANGE,
        answers=_bytes("application/zip"),
        errors=_DOWNLOADS,
    ),
    (files.VersionVerify, "POST"): Operation(
        id="verify_version",
        summary="Verify a version's files",
        description="Reads the stored bytes again and compares them with what was registered.",
        tag=_TAG,
        answers=[Answer(answers.Verified, examples.VERIFIED)],
        errors=[errors.VersionNotFound, errors.StoreUnavailable],
    ),
}
