"""What the home page shows of a workspace."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Value, When

from deployments.models import Deployment, Service
from deployments.states import ServiceState
from registry.finding import models_there_are
from workspaces.models import User, Workspace

# What needs a person first.
_ORDER = [
    ServiceState.FAILED,
    ServiceState.UNHEALTHY,
    ServiceState.UNSCHEDULABLE,
    ServiceState.TRANSITIONING,
    ServiceState.DELETING,
    ServiceState.HEALTHY,
]


@dataclass(frozen=True, slots=True)
class Home:
    services: list[Service]
    more_services: int
    deployments: list[Deployment]
    has_models: bool

    @property
    def trouble(self) -> int:
        return sum(service.state in _ORDER[:3] for service in self.services)

    @property
    def healthy(self) -> Service | None:
        return next((service for service in self.services if service.state == ServiceState.HEALTHY), None)

    @property
    def is_new(self) -> bool:
        """Nothing was ever brought live here, so the page says how to."""
        return not self.services


def home_of(*, user: User, workspace: Workspace, services_shown: int = 12, deployments_shown: int = 10) -> Home:
    rank = Case(*[When(state=state, then=Value(n)) for n, state in enumerate(_ORDER)], output_field=IntegerField())
    services = Service.objects.visible_to(user).filter(workspace=workspace)
    shown = list(
        services.select_related("workspace").annotate(rank=rank).order_by("rank", "-updated_time")[:services_shown]
    )
    deployments = Deployment.objects.filter(revision__service__workspace=workspace).select_related(
        "revision__service", "revision__target", "created_by"
    )
    return Home(
        services=shown,
        more_services=max(0, services.count() - len(shown)),
        deployments=list(deployments.prefetch_related("revision__model_links__version__model")[:deployments_shown]),
        has_models=models_there_are(user=user, workspace=workspace),
    )
