"""REST of profiles: parse, check, call one verb."""

from django.http import HttpResponse, JsonResponse
from rest_framework.response import Response

from profiling import queries, services
from profiling.log import whole_log
from profiling.result import points_csv, result_of
from profiling.serializers import ListRequest, ProfileRequest, ProfileSerializer, ProfileSummarySerializer
from registry.uploads import find_upload
from workspaces.api import WorkspaceView
from workspaces.paging import page_of


class Profiles(WorkspaceView):
    """All profiles, newest first; posting starts one."""

    def get(self, request, workspace):
        asked = ListRequest(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        rows = queries.profiles_in(
            user=request.user, workspace=self.workspace, model=wanted["model"], version=wanted["version"]
        ).prefetch_related("sizes__points")
        page = page_of(rows, cursor=wanted["cursor"], limit=wanted["limit"])
        return Response({"value": ProfileSummarySerializer(page.rows, many=True).data, "next": page.next})

    def post(self, request, workspace):
        asked = ProfileRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        upload = fields.pop("source")
        source = find_upload(workspace=self.workspace, upload_id=upload, by=request.user) if upload else None
        made = services.start_profile(workspace=self.workspace, by=request.user, source=source, **fields)
        found = queries.find_profile(user=request.user, workspace=self.workspace, name=made.name)
        return Response(ProfileSerializer(found).data, status=202)


class _OneProfile(WorkspaceView):
    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        self.profile = self._find(kwargs["name"])

    def _find(self, name: str):
        return queries.find_profile(user=self.request.user, workspace=self.workspace, name=name)

    def _answer(self) -> Response:
        return Response(ProfileSerializer(self._find(self.profile.name)).data)


class Profile(_OneProfile):
    """One profile with all that was measured."""

    def get(self, request, workspace, name):
        return Response(ProfileSerializer(self.profile).data)

    def delete(self, request, workspace, name):
        services.delete_profile(profile=self.profile)
        return Response(status=204)


class CancelProfile(_OneProfile):
    """Stop it; what was measured stays."""

    def post(self, request, workspace, name):
        services.cancel_profile(profile=self.profile)
        return self._answer()


class ResumeProfile(_OneProfile):
    """Go on with what was not measured."""

    def post(self, request, workspace, name):
        services.resume_profile(profile=self.profile)
        return self._answer()


class ProfileResult(_OneProfile):
    """The result under Azure ML v1's keys."""

    def get(self, request, workspace, name):
        return JsonResponse(result_of(self.profile))


class ProfilePoints(_OneProfile):
    """Every point as a table."""

    def get(self, request, workspace, name):
        answer = HttpResponse(points_csv(self.profile), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.profile.name}.csv"'
        return answer


class ProfileLog(_OneProfile):
    """What happened, a line each."""

    def get(self, request, workspace, name):
        return HttpResponse(whole_log(self.profile), content_type="text/plain; charset=utf-8")
