"""The state people see, worked out from the rows it depends on."""

from django.utils import timezone

from deployments.models import Service
from deployments.states import FINAL, ServiceState, Status

_NO_ROOM = "unschedulable"  # drivers.base.Phase
_NO_ROOM_CODES = {"unschedulable", "quota-exceeded"}


def refresh_state(service: Service) -> None:
    """Write the service's state; call it in the transaction that changed what it depends on."""
    # Read anew under its lock: a transaction that ended meanwhile may have changed what it depends on.
    service = Service.objects.select_for_update().get(pk=service.pk)
    state, detail = _state(service)
    if (state, detail) != (service.state, service.state_detail):
        changed = {"state": state, "state_detail": detail, "updated_time": timezone.now()}
        Service.objects.filter(pk=service.pk).update(**changed)


def _state(service: Service) -> tuple[ServiceState, str]:
    if service.deleting:
        return ServiceState.DELETING, "Its workloads are being stopped."
    newest = service.newest_deployment
    serving = service.serving_revision
    if serving is None:
        return _before_serving(newest)
    if newest and newest.status not in FINAL:
        if newest.revision_id == serving.pk:
            return ServiceState.TRANSITIONING, f"Revision {serving.number} is being started again."
        return ServiceState.TRANSITIONING, f"Revision {serving.number} serves until the new one is live."
    workload = getattr(serving, "workload", None)
    if workload is None or not workload.healthy:
        state = ServiceState.UNSCHEDULABLE if workload and workload.phase == _NO_ROOM else ServiceState.UNHEALTHY
        return state, (workload and workload.detail) or "Its workload does not answer."
    if workload.detail:
        return ServiceState.HEALTHY, workload.detail
    if newest and newest.status == Status.FAILED:
        return ServiceState.HEALTHY, f"The newest deployment failed; revision {serving.number} still serves."
    return ServiceState.HEALTHY, ""


def _before_serving(newest) -> tuple[ServiceState, str]:
    if newest is None or newest.status not in FINAL:
        workload = getattr(newest.revision, "workload", None) if newest else None
        if workload and workload.phase == _NO_ROOM:
            return ServiceState.UNSCHEDULABLE, workload.detail
        return ServiceState.TRANSITIONING, ""
    if newest.status == Status.CANCELLED:
        return ServiceState.FAILED, "Its deployment was cancelled."
    failure = newest.failure or {}
    state = ServiceState.UNSCHEDULABLE if failure.get("code") in _NO_ROOM_CODES else ServiceState.FAILED
    return state, failure.get("detail", "")
