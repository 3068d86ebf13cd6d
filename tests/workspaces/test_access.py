"""Who gets into a workspace, and in which words the others are turned away."""

import pytest
from django.core.exceptions import ValidationError

from tests import objects
from workspaces.access import enter, workspaces_of
from workspaces.errors import RoleTooLow, WorkspaceNotFound
from workspaces.models import Membership, Role, Workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("needed", Role)
def test_a_member_enters_with_the_role_needed_or_a_higher_one(place, role, needed):
    user = objects.member(role, place)
    if role.rank >= needed.rank:
        assert enter(user, "vision", at_least=needed) == place
    else:
        with pytest.raises(RoleTooLow, match=f"needs the role {needed.value} .* yours is {role.value}"):
            enter(user, "vision", at_least=needed)


def test_a_foreign_workspace_and_a_missing_one_are_refused_in_the_same_words(place, stranger):
    refusals = []
    for name in ("vision", "visiom"):
        with pytest.raises(WorkspaceNotFound) as refusal:
            enter(stranger, name)
        refusals.append((refusal.value.detail.replace(name, "NAME"), refusal.value.advice, refusal.value.extras))
    assert refusals[0] == refusals[1]


def test_a_superuser_who_is_no_member_is_a_stranger(place):
    with pytest.raises(WorkspaceNotFound):
        enter(objects.person(is_superuser=True, is_staff=True), "vision")


def test_a_member_whose_account_is_inactive_enters_nothing(place, owner):
    owner.is_active = False
    owner.save()
    with pytest.raises(WorkspaceNotFound):
        enter(owner, "vision")


def test_membership_of_one_workspace_opens_no_other(place, owner):
    objects.workspace("speech")
    with pytest.raises(WorkspaceNotFound):
        enter(owner, "speech")
    assert [membership.workspace.name for membership in workspaces_of(owner)] == ["vision"]


def test_workspaces_are_listed_by_name(owner):
    for name in ("zebra", "alpha"):
        Membership.objects.create(workspace=objects.workspace(name), user=owner, role=Role.READER)
    assert [membership.workspace.name for membership in workspaces_of(owner)] == ["alpha", "vision", "zebra"]


def test_a_name_with_a_nul_is_just_a_name_nobody_has(owner):
    with pytest.raises(WorkspaceNotFound):
        enter(owner, "vis\x00ion")


@pytest.mark.parametrize("name", ["a", "vision-2", "0", "a" * 63])
def test_workspaces_may_have_names_that_fit_an_address(name):
    Workspace(name=name).clean_fields()


@pytest.mark.parametrize("name", ["", "Vision", "-a", "a-", "a b", "a/b", "a" * 64, "ä", "a\n"])
def test_workspaces_cannot_have_other_names(name):
    with pytest.raises(ValidationError, match="name"):
        Workspace(name=name).clean_fields()
