"""Models and their versions: find, register, show, change, delete."""

from rest_framework.parsers import JSONParser
from rest_framework.response import Response

from registry import search, services, uploads
from registry.api.serializers import (
    ChangeRequest,
    ListRequest,
    RegisterRequest,
    VersionDetailSerializer,
    VersionSerializer,
)
from registry.query import Query, Term, parse_query
from registry.tags import parse_tag
from workspaces.api import WorkspaceView
from workspaces.errors import Invalid


class Models(WorkspaceView):
    """Versions found by tags and text; registering makes the next version of a name."""

    parser_classes = [JSONParser]

    def get(self, request, workspace):
        asked = ListRequest(data=_query_string(request.query_params))
        asked.is_valid(raise_exception=True)
        asked = asked.validated_data
        query = parse_query(asked["q"])
        query = Query([*query.terms, *map(_tag_term, asked["tag"])], query.hints)
        found = search.matching(
            user=request.user,
            workspace=self.workspace,
            query=query,
            properties=[_tag_term(text) for text in asked["property"]],
            name=asked["name"],
            framework=asked["framework"],
        )
        if asked["latest"]:
            found = search.newest_per_model(found)
        page = search.page(found, cursor=asked["cursor"], limit=asked["limit"])
        found = VersionSerializer(page.rows, many=True).data
        return Response({"value": found, "next": page.next, "hints": query.hints})

    def post(self, request, workspace):
        asked = RegisterRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        upload = uploads.find_upload(workspace=self.workspace, upload_id=fields.pop("upload"), by=request.user)
        version = services.register_model(workspace=self.workspace, upload=upload, by=request.user, **fields)
        return Response(VersionDetailSerializer(version).data, status=201)


def _query_string(params) -> dict[str, object]:
    repeated = {"tag", "property"}
    unknown = set(params) - set(ListRequest().fields)
    if unknown:
        said = f"This list has no parameter {sorted(unknown)[0]!r}."
        raise Invalid(said, advice=f"It has {', '.join(ListRequest().fields)}.")
    return {key: params.getlist(key) if key in repeated else params[key] for key in params}


def _tag_term(text: str) -> Term:
    """`key=value`, or `key` alone for "has it", as the Azure command line writes them."""
    if any(mark in text for mark in "=: "):
        return Term(*parse_tag(text))
    return Term(text, "")


class ModelDetail(WorkspaceView):
    """All versions of one name, newest first."""

    def get(self, request, workspace, name):
        newest = services.find_version(user=request.user, workspace=self.workspace, name=name)
        rows = newest.model.versions.select_related("model", "created_by").prefetch_related("tags", "properties")
        return Response({"name": newest.name, "versions": VersionSerializer(rows, many=True).data})


class Version(WorkspaceView):
    """One version."""

    def _find(self, name: str, number: int):
        return services.find_version(user=self.request.user, workspace=self.workspace, name=name, version=number)

    def get(self, request, workspace, name, number):
        return Response(VersionDetailSerializer(self._find(name, number)).data)

    def patch(self, request, workspace, name, number):
        asked = ChangeRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        version = services.update_version(version=self._find(name, number), by=request.user, **asked.validated_data)
        return Response(VersionDetailSerializer(version).data)

    def delete(self, request, workspace, name, number):
        services.delete_version(version=self._find(name, number), by=request.user)
        return Response(status=204)
