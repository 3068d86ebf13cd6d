"""Models and their versions: find, register, show, change, delete."""

from django.db.models import Count, Q
from rest_framework.parsers import JSONParser
from rest_framework.response import Response

from registry import services, uploads
from registry.api.finding import FaultSerializer, ListRequest
from registry.api.requests import ChangeRequest, PageRequest, RegisterRequest, asked
from registry.api.serializers import VersionDetailSerializer, VersionSerializer
from registry.finding import list_versions, parse_query, query_of
from registry.finding.tree import Leaf
from registry.finding.words import SHORT_FRAMEWORKS
from registry.models import Framework, Stage
from registry.tags import parse_tag
from workspaces.api import WorkspaceView
from workspaces.errors import Invalid
from workspaces.paging import page_of

_LARGE = ("facts", "signature", "sample_input", "sample_output")


class Models(WorkspaceView):
    """Versions found by tags and text; registering makes the next version of a name."""

    parser_classes = [JSONParser]

    def get(self, request, workspace):
        wanted = asked(ListRequest, _query_string(request.query_params))
        query = parse_query(wanted["q"])
        nodes = [*query.nodes, *_conditions(wanted)]
        page = list_versions(
            user=request.user,
            workspace=self.workspace,
            query=query_of(*nodes),
            newest=wanted["latest"],
            sort=wanted["sort"],
            cursor=wanted["cursor"],
            limit=wanted["limit"],
        )
        rows = VersionSerializer(page.rows, many=True).data
        faults = FaultSerializer(query.faults, many=True).data
        return Response({"value": rows, "next": page.next, "hints": query.hints, "faults": faults})

    def post(self, request, workspace):
        fields = asked(RegisterRequest, request.data)
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


def _conditions(wanted: dict[str, object]) -> list[Leaf]:
    """What the query string asks for beside `q`."""
    found = [_label("tag", text) for text in wanted["tag"]] + [_label("property", text) for text in wanted["property"]]
    framework = wanted["framework"]
    if framework and framework not in Framework.values:
        said = f"{framework[:40]!r} is not a framework; known are {', '.join(Framework.values)}."
        raise Invalid(said, advice="Choose one of them.", errors={"framework": [said]})
    alone = {
        "name": wanted["name"],
        "framework": SHORT_FRAMEWORKS.get(framework, ""),
        "run": wanted["run_id"],
        "dataset": wanted["dataset_id"],
    }
    return found + [Leaf(kind, values=(text,)) for kind, text in alone.items() if text]


def _label(kind: str, text: str) -> Leaf:
    """`key=value`, or `key` alone for "has it", as the Azure command line writes them."""
    if any(mark in text for mark in "=: "):
        key, value = parse_tag(text)
        return Leaf(kind, key, values=(value,))
    return Leaf(kind, op="has", values=(text,))


class ModelDetail(WorkspaceView):
    """One name: its aliases, how many versions it has, and these newest first, by pages."""

    def get(self, request, workspace, name):
        wanted = asked(PageRequest, request.query_params)
        model = services.find_version(user=request.user, workspace=self.workspace, name=name).model
        page = page_of(model.versions.select_related("model", "created_by").defer(*_LARGE), **wanted)
        archived = Count("pk", filter=Q(stage=Stage.ARCHIVED))
        return Response(
            {
                "name": model.name,
                "created_time": model.created_time,
                "aliases": dict(model.aliases.values_list("name", "version__version")),
                "counts": model.versions.order_by().aggregate(versions=Count("pk"), archived=archived),
                "versions": VersionSerializer(page.rows, many=True).data,
                "next": page.next,
            }
        )


class Version(WorkspaceView):
    """One version."""

    def _find(self, name: str, number: int):
        return services.find_version(user=self.request.user, workspace=self.workspace, name=name, version=number)

    def get(self, request, workspace, name, number):
        return Response(VersionDetailSerializer(self._find(name, number)).data)

    def patch(self, request, workspace, name, number):
        changes = asked(ChangeRequest, request.data)
        version = services.update_version(version=self._find(name, number), by=request.user, **changes)
        return Response(VersionDetailSerializer(version).data)

    def delete(self, request, workspace, name, number):
        services.delete_version(version=self._find(name, number), by=request.user)
        return Response(status=204)
