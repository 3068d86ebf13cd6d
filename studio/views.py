"""Pages that belong to no single model or service: home, signing in, the account."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from studio.account import NameForm, PasswordForm, TokenForm
from studio.context import THEME_COOKIE, themes
from studio.home import home_of
from studio.sample import deploy_sample
from workspaces.access import enter, workspaces_of
from workspaces.models import Workspace
from workspaces.pages import LAST_WORKSPACE, in_workspace
from workspaces.tokens import create_token, revoke_token

YEAR_S = 31_536_000


class SignIn(views.LoginView):
    template_name = "studio/sign_in.html"
    redirect_authenticated_user = True


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    names = [membership.workspace.name for membership in workspaces_of(request.user)]
    if not names:
        return render(request, "studio/no_workspace.html")
    last = request.COOKIES.get(LAST_WORKSPACE)
    workspace = enter(request.user, last if last in names else names[0])
    page = {"workspace": workspace, "home": home_of(user=request.user, workspace=workspace)}
    return render(request, "studio/home.html", page)


@require_POST
@in_workspace
def sample(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    deployment = deploy_sample(workspace=workspace, by=request.user)
    return redirect("deployments:deployment", workspace.name, deployment.pk)


@require_safe
@in_workspace
def running(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The frame's indicator of running deployments, alone."""
    return render(request, "components/running.html", {"workspace": workspace})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the theme; with JavaScript the page does so itself (static/js/shell.js)."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "/")
    chosen = request.POST.get("theme", "")
    if chosen in {known.value for known in themes()}:
        response.set_cookie(THEME_COOKIE, chosen, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
    return response


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    forms = {"name": _NAME, "token": _TOKEN, "password": _PASSWORD}
    asked = request.POST.get("do", "")
    page = {f"{key}_form": make(request, asked == key) for key, (make, _) in forms.items()}
    if asked in forms and page[f"{asked}_form"].is_valid():
        done = forms[asked][1](request, page[f"{asked}_form"])
        if done is None:
            return redirect("account")
        page |= done
    return render(request, "studio/account.html", page | {"tokens": request.user.tokens.all()})


def _save_name(request: HttpRequest, form: NameForm) -> None:
    form.save()
    messages.success(request, "Your name is saved.")


def _make_token(request: HttpRequest, form: TokenForm) -> dict[str, object]:
    token, secret = create_token(user=request.user, name=form.cleaned_data["name"])
    return {"new_token": token, "secret": secret, "token_form": TokenForm()}


def _save_password(request: HttpRequest, form: PasswordForm) -> None:
    update_session_auth_hash(request, form.save())
    messages.success(request, "Your password is changed. You stay signed in here; everywhere else you are signed out.")


_NAME = (lambda request, sent: NameForm(request.POST if sent else None, instance=request.user), _save_name)
_TOKEN = (lambda request, sent: TokenForm(request.POST if sent else None), _make_token)
_PASSWORD = (lambda request, sent: PasswordForm(request.user, request.POST if sent else None), _save_password)


@require_POST
@login_required
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    revoke_token(user=request.user, token_id=token_id)
    messages.success(request, "The token is revoked; whoever used it is signed out.")
    return redirect("account")
