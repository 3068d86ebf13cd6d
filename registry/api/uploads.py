"""Files on their way in."""

from collections.abc import Iterator

from rest_framework import serializers
from rest_framework.response import Response

from registry import archives, uploads
from registry.api.serializers import FileSerializer
from registry.errors import UploadBrokenOff
from workspaces.api import WorkspaceView

_PIECE = 256 * 1024


class Uploads(WorkspaceView):
    """Start an upload."""

    def post(self, request, workspace):
        upload = uploads.start_upload(workspace=self.workspace, by=request.user)
        return Response({"id": str(upload.pk)}, status=201)


class UploadDetail(WorkspaceView):
    """An upload: its files, and what they seem to be."""

    def get(self, request, workspace, upload_id):
        upload = uploads.find_upload(workspace=self.workspace, upload_id=upload_id, by=request.user)
        files = FileSerializer(upload.files.select_related("blob"), many=True).data
        return Response({"id": str(upload.pk), "files": files, "guess": uploads.guess(upload).as_dict()})

    def delete(self, request, workspace, upload_id):
        uploads.discard_upload(
            upload=uploads.find_upload(workspace=self.workspace, upload_id=upload_id, by=request.user)
        )
        return Response(status=204)


class Unpack(WorkspaceView):
    """Puts what an archive holds in its place, among the upload's files."""

    def post(self, request, workspace, upload_id):
        upload = uploads.find_upload(workspace=self.workspace, upload_id=upload_id, by=request.user)
        asked = UnpackRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        files = archives.unpack(upload=upload, path=asked.validated_data["path"])
        return Response({"id": str(upload.pk), "files": FileSerializer(files, many=True).data})


class UnpackRequest(serializers.Serializer):
    path = serializers.CharField(max_length=4096, trim_whitespace=False)


class UploadFiles(WorkspaceView):
    """One file of an upload, its bytes as the request's body."""

    parser_classes = []

    def put(self, request, workspace, upload_id, path):
        upload = uploads.find_upload(workspace=self.workspace, upload_id=upload_id, by=request.user)
        length = request.META.get("CONTENT_LENGTH") or ""
        file = uploads.receive_file(
            upload=upload,
            path=path,
            chunks=_body(request._request),
            size=int(length) if length.isdigit() else None,
        )
        return Response(FileSerializer(file).data, status=201)


def _body(request) -> Iterator[bytes]:
    # Its own try: an error of the disk, on the other side of `yield`, is not the sender's.
    while piece := _piece(request):
        yield piece


def _piece(request) -> bytes:
    try:
        return request.read(_PIECE)
    except OSError as exc:
        raise UploadBrokenOff(
            "The file did not arrive whole.", advice="Send it again; nothing was kept of it."
        ) from exc
