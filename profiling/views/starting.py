"""The page that starts a profile."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from deployments import recipes
from deployments.pages import targets_in
from deployments.script_form import sent_script, why_script_needed
from profiling import services, snippets
from profiling.form import ProfileForm, defaults
from profiling.pages.starting import sample_shown, usual_for, what_is_measured
from profiling.samples import samples_of
from registry.models import ModelVersion
from registry.services import find_version
from workspaces.errors import Refusal
from workspaces.models import Workspace
from workspaces.pages import in_workspace


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def start(request: HttpRequest, workspace: Workspace, name: str, version: int) -> HttpResponse:
    found = find_version(user=request.user, workspace=workspace, name=name, version=version)
    form = _form(request, workspace, found)
    if request.method == "POST" and form.is_valid() and form.read_texts():
        try:
            profile = services.start_profile(
                workspace=workspace,
                models=[found.reference],
                by=request.user,
                name=form.cleaned_data["name"],
                target=form.cleaned_data["target"],
                source=form.source,
                inference_config=form.inference_config,
                samples=form.sample_text,
                **form.wanted,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("profiling:profile", workspace.name, profile.name)
    page = _page(request, workspace, found, form.shown_again() if form.errors else form)
    return render(request, "profiling/start.html", page, status=422 if form.errors else 200)


@require_POST
@in_workspace
def start_summary(request: HttpRequest, workspace: Workspace, name: str, version: int) -> HttpResponse:
    """The summary beside the form, for what is chosen at the moment."""
    found = find_version(user=request.user, workspace=workspace, name=name, version=version)
    page = _page(request, workspace, found, _form(request, workspace, found))
    return render(request, "profiling/_start_summary.html", page | {"by_itself": True})


def _form(request: HttpRequest, workspace: Workspace, version: ModelVersion) -> ProfileForm:
    targets = targets_in(workspace)
    about = {
        "targets": targets,
        "model_bytes": version.size_bytes,
        "convertible": recipes.convertible(version),
        "own": samples_of(version),
    }
    if request.method != "POST":
        free = services.free_name(workspace, [version])
        return ProfileForm(initial=defaults(free, targets, request.GET, about["own"]), **about)
    return ProfileForm(request.POST, request.FILES, **about, **sent_script(request.POST, workspace, request.user))


def _page(request: HttpRequest, workspace: Workspace, version: ModelVersion, form: ProfileForm) -> dict[str, object]:
    """The form shown for the first time is checked like one that was sent, so that the summary is right."""
    chosen = form if form.is_bound else form.as_sent()
    chosen.is_valid()
    return {
        "workspace": workspace,
        "version": version,
        "form": form,
        "chosen": chosen,
        "sample": sample_shown(form.own),
        "usual": usual_for(chosen),
        "measured": what_is_measured(chosen, version),
        "needs_script": why_script_needed(version),
        "requirements": recipes.requirements_of([version]),
        "snippets": snippets.of_starting(
            request.build_absolute_uri(f"/api/v1/workspaces/{workspace.name}"), version, chosen
        ),
    }
