"""What the frame around every page needs: where one is, where one can go, what is running."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from deployments.models import Deployment
from deployments.states import FINAL
from workspaces.access import workspaces_of
from workspaces.models import Membership, Role, Workspace
from workspaces.pages import LAST_WORKSPACE

THEME_COOKIE = "slipway_theme"
RAIL_COOKIE = "slipway_rail"


@dataclass(frozen=True, slots=True)
class Theme:
    value: str
    name: str
    icon: str


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail. `key` follows `g` on the keyboard; `desk_only` leaves it out on phones."""

    name: str
    url: str
    icon: str
    key: str
    current: bool
    desk_only: bool = False


def themes() -> list[Theme]:
    return [
        Theme("system", _("As the system"), "device-desktop"),
        Theme("light", _("Light"), "sun"),
        Theme("dark", _("Dark"), "moon"),
        Theme("contrast", _("High contrast"), "contrast"),
    ]


def theme_of(request: HttpRequest) -> str:
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in {theme.value for theme in themes()} else "system"


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `shell`, read only by pages that draw it."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, object]:
    frame = {"theme": theme_of(request), "themes": themes(), "rail": request.COOKIES.get(RAIL_COOKIE, "")}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return frame
    memberships = getattr(request, "memberships", None)
    if memberships is None:
        memberships = list(workspaces_of(user))
    here = current_membership(request, memberships)
    workspace = here.workspace if here else None
    return frame | {
        "memberships": memberships,
        "workspace": workspace,
        "role": here.role if here else "",
        "can_write": bool(here) and Role(here.role).allows(Role.CONTRIBUTOR),
        "places": places(request, workspace),
        "running": running_in(workspace) if workspace else [],
    }


def running_in(workspace: Workspace) -> list[Deployment]:
    under_way = Deployment.objects.filter(revision__service__workspace=workspace).exclude(status__in=FINAL)
    return list(under_way.select_related("revision__service")[:20])


def current_membership(request: HttpRequest, memberships: list[Membership]) -> Membership | None:
    """The workspace in the address, or else the one visited last, or else the first."""
    match = getattr(request, "resolver_match", None)
    wanted = [match.kwargs.get("workspace") if match else None, request.COOKIES.get(LAST_WORKSPACE)]
    by_name = {membership.workspace.name: membership for membership in memberships}
    return next((by_name[name] for name in wanted if name in by_name), memberships[0] if memberships else None)


def places(request: HttpRequest, workspace: Workspace | None) -> list[Place]:
    def place(name: str, url: str, icon: str, key: str = "", **more: bool) -> Place:
        current = request.path == url if url == "/" else request.path.startswith(url)
        return Place(name, url, icon, key, current, **more)

    found = [place(_("Home"), reverse("home"), "home", "h")]
    if workspace:
        ws = workspace.name
        found += [
            place(_("Models"), reverse("registry:models", args=[ws]), "cube", "m"),
            place(_("Services"), reverse("deployments:services", args=[ws]), "broadcast", "s"),
            place(_("Deployments"), reverse("deployments:deployments", args=[ws]), "rocket", "d"),
            place(_("Profiles"), reverse("profiling:profiles", args=[ws]), "heartbeat", "p"),
            place(_("Targets"), reverse("deployments:targets", args=[ws]), "server-2", "t"),
            place(_("Settings"), reverse("workspace-settings", args=[ws]), "adjustments-horizontal", desk_only=True),
        ]
    if request.user.is_staff:
        found.append(place(_("Admin"), reverse("admin:index"), "settings", "a", desk_only=True))
    return found
