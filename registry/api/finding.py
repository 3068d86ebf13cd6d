"""Finding: what the list can be asked, what the found have in common, what to write next, and saved views."""

from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.response import Response

from registry import services
from registry.api.requests import Strict, asked
from registry.finding import facets, parse_query, suggest
from registry.models import SavedView
from workspaces.access import enter
from workspaces.api import WorkspaceView


class ListRequest(Strict):
    """The list's query string; `tag` and `property` may repeat and must all hold, together with `q`."""

    q = serializers.CharField(default="", allow_blank=True, max_length=2000)
    tag = serializers.ListField(child=serializers.CharField(), default=list, max_length=50)
    property = serializers.ListField(child=serializers.CharField(), default=list, max_length=50)
    name = serializers.CharField(default="", allow_blank=True)
    framework = serializers.CharField(default="", allow_blank=True)
    run_id = serializers.CharField(default="", allow_blank=True)
    dataset_id = serializers.CharField(default="", allow_blank=True)
    latest = serializers.BooleanField(default=False)
    sort = serializers.CharField(default="", allow_blank=True, max_length=300)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=255)
    cursor = serializers.CharField(default="", allow_blank=True)


class FaultSerializer(serializers.Serializer):
    """A part of the query that was not understood and is left out."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()


class _FacetsRequest(Strict):
    q = serializers.CharField(default="", allow_blank=True, max_length=2000, trim_whitespace=False)


class _FacetValueSerializer(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()
    count = serializers.IntegerField()
    capped = serializers.BooleanField()
    chosen = serializers.BooleanField()
    text = serializers.CharField()


class _FacetSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    values = _FacetValueSerializer(many=True)


class Facets(WorkspaceView):
    """What the models that match have in common; `text` of a value is the query after choosing it."""

    def get(self, request, workspace):
        query = parse_query(asked(_FacetsRequest, request.query_params)["q"])
        found = facets(user=request.user, workspace=self.workspace, query=query)
        return Response({"value": _FacetSerializer(found, many=True).data})


class _SuggestionsRequest(_FacetsRequest):
    caret = serializers.IntegerField(required=False, min_value=0, max_value=2000)


class _SuggestionSerializer(serializers.Serializer):
    insert = serializers.CharField()
    label = serializers.CharField()
    detail = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class Suggestions(WorkspaceView):
    """What could be written where the caret is, in the place of `q[start:end]`."""

    def get(self, request, workspace):
        wanted = asked(_SuggestionsRequest, request.query_params)
        text = wanted["q"]
        caret = wanted.get("caret", len(text))
        found = suggest(user=request.user, workspace=self.workspace, text=text, caret=caret)
        items = _SuggestionSerializer(found.items, many=True).data
        return Response({"start": found.start, "end": found.end, "value": items})


class SavedViewSerializer(serializers.ModelSerializer):
    created_by = serializers.CharField(source="created_by.username")

    class Meta:
        model = SavedView
        fields = ["id", "name", "query", "sort", "shared", "default", "created_by", "created_time"]


class ViewRequest(Strict):
    name = serializers.CharField(trim_whitespace=False, allow_blank=True)
    query = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)
    sort = serializers.CharField(default="", allow_blank=True, max_length=300)
    shared = serializers.BooleanField(default=False)
    default = serializers.BooleanField(default=False)


class ViewChange(Strict):
    name = serializers.CharField(required=False, trim_whitespace=False, allow_blank=True)
    query = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    sort = serializers.CharField(required=False, allow_blank=True, max_length=300)
    shared = serializers.BooleanField(required=False)
    default = serializers.BooleanField(required=False)


class _OwnView(WorkspaceView):
    """Readers, too, keep views of their own."""

    parser_classes = [JSONParser]

    def initial(self, request, *args, **kwargs) -> None:
        super(WorkspaceView, self).initial(request, *args, **kwargs)
        self.workspace = enter(request.user, kwargs["workspace"])
        self.me = {"user": request.user, "workspace": self.workspace}


class Views(_OwnView):
    """The saved views one sees, by name; saving another one."""

    def get(self, request, workspace):
        return Response({"value": SavedViewSerializer(services.views_of(**self.me), many=True).data})

    def post(self, request, workspace):
        saved = services.save_view(**self.me, **asked(ViewRequest, request.data))
        return Response(SavedViewSerializer(saved).data, status=201)


class View(_OwnView):
    """One saved view."""

    def patch(self, request, workspace, view_id):
        changes = asked(ViewChange, request.data)
        return Response(SavedViewSerializer(services.change_view(**self.me, view_id=view_id, **changes)).data)

    def delete(self, request, workspace, view_id):
        services.delete_view(**self.me, view_id=view_id)
        return Response(status=204)
