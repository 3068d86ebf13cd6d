"""The first account of a fresh studio."""

import pytest

from tests import objects
from workspaces.models import Membership, User
from workspaces.setup import create_first_account
from workspaces.tokens import user_of

pytestmark = pytest.mark.django_db


def test_the_first_account_owns_the_default_workspace_and_enters_the_console():
    account = create_first_account()
    user = User.objects.get()
    assert user.username == "admin" and user.is_superuser and user.is_staff
    assert user.check_password(account.password)
    assert user_of(account.token) == user
    assert Membership.objects.get().role == "owner" and account.workspace == "default"


def test_there_is_only_one_first_account():
    create_first_account()
    assert create_first_account() is None
    assert User.objects.count() == 1


def test_a_studio_with_people_in_it_gets_no_new_account():
    objects.person(is_active=False)
    assert create_first_account() is None


def test_two_studios_never_share_a_password():
    first = create_first_account().password
    User.objects.all().delete()
    assert create_first_account().password != first
    assert len(first) >= 16
