"""Personal tokens: shown once, kept as a hash, ended at any time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import objects
from workspaces.errors import Invalid, NotFound
from workspaces.models import Token
from workspaces.tokens import create_token, revoke_token, user_of

pytestmark = pytest.mark.django_db


def test_a_token_stands_for_its_user():
    user = objects.person()
    _, secret = create_token(user=user, name="laptop")
    assert user_of(secret) == user


def test_the_secret_is_nowhere_in_the_database():
    token, secret = create_token(user=objects.person(), name="laptop")
    kept = str(Token.objects.values().get(pk=token.pk))
    assert secret not in kept and secret[8:] not in kept and secret.startswith(token.hint)


def test_two_tokens_are_never_alike():
    user = objects.person()
    assert len({create_token(user=user, name="ci")[1] for _ in range(20)}) == 20


@pytest.mark.parametrize("secret", ["", "slp_", "slp_guess", "\x00", "ü" * 100])
def test_a_secret_nobody_was_given_stands_for_nobody(secret):
    create_token(user=objects.person(), name="laptop")
    assert user_of(secret) is None


def test_a_hash_read_from_the_database_opens_nothing():
    token, _ = create_token(user=objects.person(), name="laptop")
    assert user_of(token.hash) is None


def test_a_revoked_token_stands_for_nobody():
    user = objects.person()
    token, secret = create_token(user=user, name="laptop")
    revoke_token(user=user, token_id=token.pk)
    assert user_of(secret) is None


def test_nobody_revokes_the_token_of_another():
    token, secret = create_token(user=objects.person(), name="laptop")
    with pytest.raises(NotFound, match="no such token"):
        revoke_token(user=objects.person(), token_id=token.pk)
    assert user_of(secret) is not None


def test_the_token_of_an_inactive_user_stands_for_nobody():
    user = objects.person()
    _, secret = create_token(user=user, name="laptop")
    user.is_active = False
    user.save()
    assert user_of(secret) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_token_needs_a_name_to_be_told_by(name):
    with pytest.raises(Invalid, match="1 to 100 characters"):
        create_token(user=objects.person(), name=name)


def test_the_last_use_is_noted_once_a_minute_and_not_with_every_request(django_assert_num_queries):
    token, secret = create_token(user=objects.person(), name="laptop")
    user_of(secret)
    with django_assert_num_queries(1):
        user_of(secret)
    long_ago = timezone.now() - timedelta(hours=1)
    Token.objects.update(last_used_time=long_ago)
    user_of(secret)
    token.refresh_from_db()
    assert token.last_used_time > long_ago


def test_rest_takes_the_token_whatever_the_case_of_the_scheme(client, owner):
    _, secret = create_token(user=owner, name="laptop")
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert client.get("/api/v1/", headers={"Authorization": f"{scheme} {secret}"}).status_code == 200


@pytest.mark.parametrize("header", ["Bearer", "Bearer nonsense", "Bearer \xff", "Basic b2xnYTpwdw==", "slp_x"])
def test_rest_asks_who_it_is_for_any_other_header(client, owner, header):
    answer = client.get("/api/v1/", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] and answer.json()["detail"]
