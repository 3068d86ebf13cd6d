"""How somebody likes the table of models: which columns, how close together. A cookie keeps it, so that the server
draws the page right the first time."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from registry.models import ModelVersion
from workspaces.access import enter
from workspaces.models import Workspace

COOKIE = "slipway_models"
_YEAR_S = 31_536_000
COLUMNS = {
    "aliases": _("Aliases"),
    "stage": _("Stage"),
    "tags": _("Tags"),
    "deployed": _("Deployed in"),
    "framework": _("Framework"),
    "risk": _("Risk"),
    "size": _("Size"),
    "registered": _("Registered"),
    "owner": _("Owner"),
}
DENSITIES = {"comfortable": _("Comfortable"), "compact": _("Compact")}
# A cookie holds 4,096 bytes.
MOST_METRICS = 5
LONGEST_METRIC = 100


@dataclass(frozen=True, slots=True)
class Table:
    columns: frozenset[str] = frozenset(COLUMNS)
    metrics: tuple[str, ...] = ()
    density: str = "comfortable"

    def cookie(self) -> str:
        chosen = {"columns": sorted(self.columns), "metrics": self.metrics, "density": self.density}
        return urlsafe_b64encode(json.dumps(chosen, ensure_ascii=False).encode()).decode()


def table_of(request: HttpRequest) -> Table:
    """What the cookie says, as far as it makes sense."""
    try:
        kept = json.loads(urlsafe_b64decode(request.COOKIES[COOKIE]))
        return _table(kept["columns"], kept["metrics"], kept["density"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return Table()


def _table(columns: list[str], metrics: list[str], density: str) -> Table:
    named = dict.fromkeys(name.strip() for name in metrics)
    return Table(
        frozenset(columns) & frozenset(COLUMNS),
        tuple(name for name in named if 0 < len(name) <= LONGEST_METRIC)[:MOST_METRICS],
        density if density in DENSITIES else "comfortable",
    )


def metrics_to_offer(table: Table, rows: list[ModelVersion]) -> list[str]:
    """Those shown now, and those that the versions in sight have."""
    seen = sorted({metric.key for version in rows for metric in version.metrics.all()})
    return [name for name in dict.fromkeys([*table.metrics, *seen]) if len(name) <= LONGEST_METRIC][:30]


@require_POST
@login_required
def table(request: HttpRequest, workspace: str) -> HttpResponse:
    """Keeps what was chosen. Readers, too, may: it changes nothing but their own view."""
    found = enter(request.user, workspace)
    posted = request.POST
    chosen = _table(posted.getlist("column"), posted.getlist("metric"), posted.get("density", ""))
    if "reset" in posted:
        chosen = Table()
    answer = back_to_list(request, found)
    answer.set_cookie(COOKIE, chosen.cookie(), max_age=_YEAR_S, samesite="Lax", secure=request.is_secure())
    return answer


def back_to_list(request: HttpRequest, workspace: Workspace) -> HttpResponseRedirect:
    """To the list as it was when the form was sent: `back` is its query string."""
    back = request.POST.get("back", "")[:4000]
    address = reverse("registry:models", args=[workspace.name])
    return redirect(f"{address}?{back}" if back else address)
