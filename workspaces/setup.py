"""The first account of a fresh studio."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from workspaces.models import Membership, Role, User, Workspace
from workspaces.tokens import create_token

DEFAULT_WORKSPACE = "default"


@dataclass(frozen=True, slots=True)
class FirstAccount:
    username: str
    password: str
    token: str
    workspace: str


@transaction.atomic
def create_first_account(*, username: str = "admin") -> FirstAccount | None:
    """An owner of workspace "default" who may enter the admin console; None when any account exists."""
    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(username=username, password=password)
    workspace, _ = Workspace.objects.get_or_create(name=DEFAULT_WORKSPACE)
    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
    _, token = create_token(user=user, name="command line on this machine")
    return FirstAccount(username, password, token, workspace.name)
