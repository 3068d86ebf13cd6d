"""Operations on files on their way in, described."""

from registry import errors
from registry.api import tus, uploads
from registry.api.serializers import FileSerializer
from registry.operations import answers, examples
from workspaces.errors import Invalid
from workspaces.operations import BYTES, Answer, Body, Operation, Operations, Parameter

_TAG = "uploads"
_ARRIVING = [errors.UploadNotFound, errors.PathInvalid, errors.DiskFull, errors.UploadBrokenOff, errors.UploadBusy]
_ARRIVING += [errors.StoreUnavailable]
_TUS = [errors.TusVersionUnknown, errors.TusInvalid, errors.UploadNotFound]
_RESUMABLE = Parameter("Tus-Resumable", "The protocol's version.", {"enum": [tus.VERSION]}, tus.VERSION, "header", True)
_CHECKSUM = Parameter(
    "Upload-Checksum", "`sha256`, `sha1` or `md5` of this request's body, in base64.",
    example="sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", where="header",
)  # fmt: skip
_TOLD = {
    "Tus-Resumable": "The protocol's version.",
    "Upload-Offset": "How many bytes are here.",
    "Upload-Expires": "When the upload is dropped if nothing more comes.",
}

OPERATIONS: Operations = {
    (uploads.Uploads, "POST"): Operation(
        id="start_upload",
        summary="Start an upload",
        description="A place to send files to. One that is left alone goes after a day.",
        tag=_TAG,
        answers=[Answer(answers.UploadBegun, {"id": examples.UPLOAD}, status=201)],
    ),
    (uploads.UploadDetail, "GET"): Operation(
        id="get_upload",
        summary="Show an upload",
        description="Its files, and what they seem to be.",
        tag=_TAG,
        answers=[
            Answer(
                answers.Upload,
                {"id": examples.UPLOAD, "files": [examples.FILE], "guess": {"framework": "Onnx"}},
            )
        ],
        errors=[errors.UploadNotFound, errors.BlobMissing, errors.StoreUnavailable],
    ),
    (uploads.UploadDetail, "DELETE"): Operation(
        id="discard_upload",
        summary="Drop an upload",
        description="With all its files.",
        tag=_TAG,
        answers=[Answer(status=204)],
        errors=[errors.UploadNotFound],
    ),
    (uploads.UploadFiles, "PUT"): Operation(
        id="put_file",
        summary="Send a file",
        description="Its bytes as they are; the path may have folders in it. The same path again replaces the file.",
        tag=_TAG,
        body=Body(BYTES, "…", "application/octet-stream", required=False),
        answers=[Answer(FileSerializer, examples.FILE, status=201)],
        errors=[*_ARRIVING, Invalid],
    ),
    (uploads.Unpack, "POST"): Operation(
        id="unpack_archive",
        summary="Unpack an archive",
        description="Puts what a zip or tar archive of the upload holds in its place. Nothing leaves the upload.",
        tag=_TAG,
        body=Body(uploads.UnpackRequest, {"path": "model.zip"}),
        answers=[Answer(answers.UploadFiles, {"id": examples.UPLOAD, "files": [examples.FILE]})],
        errors=[*_ARRIVING, errors.ArchiveRefused, errors.BlobMissing],
    ),
    (tus.TusFiles, "POST"): Operation(
        id="tus_begin",
        summary="Announce a file",
        description="A file that comes in pieces, by the tus protocol 1.0.0; its first bytes may come along.",
        tag=_TAG,
        parameters=[
            _RESUMABLE,
            Parameter("Upload-Length", "The file's size in bytes.", example="5120", where="header", required=True),
            Parameter(
                "Upload-Metadata",
                "`path` (or `filename`) and perhaps `sha256`, each in base64.",
                example="path bW9kZWwub25ueA==",
                where="header",
                required=True,
            ),
            _CHECKSUM,
        ],
        body=Body(BYTES, "…", tus.OFFSET_STREAM, required=False),
        answers=[Answer(status=201, headers={"Location": "The file's address.", **_TOLD})],
        errors=[*_TUS, *_ARRIVING, errors.OffsetDiffers, errors.ChecksumDiffers],
    ),
    (tus.TusFile, "HEAD"): Operation(
        id="tus_look",
        summary="Ask how much is here",
        description="Where to go on after a connection was lost.",
        tag=_TAG,
        parameters=[_RESUMABLE],
        answers=[Answer(headers={"Upload-Length": "The file's size.", **_TOLD})],
        errors=_TUS,
    ),
    (tus.TusFile, "PATCH"): Operation(
        id="tus_append",
        summary="Send more of a file",
        description="Bytes from `Upload-Offset` on. With the last of them the file becomes one of the upload's.",
        tag=_TAG,
        parameters=[
            _RESUMABLE,
            Parameter("Upload-Offset", "How many bytes are here.", example="1024", where="header", required=True),
            _CHECKSUM,
        ],
        body=Body(BYTES, "…", tus.OFFSET_STREAM, required=False),
        answers=[Answer(status=204, headers=_TOLD)],
        errors=[*_TUS, *_ARRIVING, errors.TusTypeWrong, errors.OffsetDiffers, errors.ChecksumDiffers],
    ),
    (tus.TusFile, "DELETE"): Operation(
        id="tus_discard",
        summary="Send no more of a file",
        description="What has arrived of it is dropped.",
        tag=_TAG,
        parameters=[_RESUMABLE],
        answers=[Answer(status=204)],
        errors=[*_TUS, errors.UploadBusy],
    ),
}
