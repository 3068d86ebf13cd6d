"""The operator's view of targets, services and deployments, with a way out for stuck ones."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from deployments import services
from deployments.models import (
    Deployment,
    DeploymentEvent,
    DeploymentStep,
    Revision,
    Service,
    Target,
    Workload,
)
from workspaces.errors import Refusal
from workspaces.read_only_admin import ReadOnly


def _for_each(request: HttpRequest, rows, verb: Callable, done: str) -> None:
    """Do `verb` to every row and say how each went; one refusal does not stop the others."""
    for row in rows:
        try:
            verb(row)
        except Refusal as exc:
            messages.error(request, f"{row}: {exc.detail} {exc.advice}")
        else:
            messages.success(request, f"{row}: {done}")


@admin.register(Target)
class Targets(ReadOnly, ModelAdmin):
    list_display = ["name", "kind", "workspace", "available", "detached", "detail", "checked_time"]
    exclude = ["sealed_secrets"]
    list_filter = ["kind", "available", "workspace"]


class RevisionInline(ReadOnly, TabularInline):
    model = Revision
    fields = ["number", "target", "traffic", "created_by", "created_time"]
    readonly_fields = fields
    extra = 0


@admin.register(Service)
class Services(ReadOnly, ModelAdmin):
    list_display = ["name", "workspace", "state", "state_detail", "auth_enabled", "updated_time"]
    list_filter = ["state", "workspace"]
    search_fields = ["name"]
    inlines = [RevisionInline]
    actions = ["delete_services"]

    @action(description="Delete the selected services and their workloads")
    def delete_services(self, request, queryset) -> None:
        _for_each(
            request, queryset, lambda row: services.delete_service(service=row, by=request.user), "is being deleted."
        )


@admin.register(Workload)
class Workloads(ReadOnly, ModelAdmin):
    list_display = ["name", "revision", "address", "healthy", "detail", "retire_time"]
    list_filter = ["healthy"]


class StepInline(ReadOnly, TabularInline):
    model = DeploymentStep
    extra = 0


class EventInline(ReadOnly, TabularInline):
    model = DeploymentEvent
    extra = 0


@admin.register(Deployment)
class Deployments(ReadOnly, ModelAdmin):
    list_display = ["id", "revision", "status", "lease_owner", "lease_until", "created_time", "finished_time"]
    list_filter = ["status", "revision__service__workspace"]
    list_select_related = ["revision__service"]
    search_fields = ["revision__service__name"]
    inlines = [StepInline, EventInline]
    actions = ["retry", "cancel", "take_from_worker"]

    @action(description="Retry: another attempt at the same revision")
    def retry(self, request, queryset) -> None:
        _for_each(
            request,
            queryset,
            lambda row: services.retry_deployment(deployment=row, by=request.user),
            "another attempt is queued.",
        )

    @action(description="Cancel")
    def cancel(self, request, queryset) -> None:
        _for_each(request, queryset, lambda row: services.cancel_deployment(deployment=row), "will stop.")

    @action(description="Take it from its worker: another goes on with it")
    def take_from_worker(self, request, queryset) -> None:
        _for_each(request, queryset, lambda row: services.release_lease(deployment=row), "is free for another worker.")
