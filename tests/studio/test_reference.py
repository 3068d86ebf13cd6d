"""The pages on REST."""

import pytest

from studio import reference
from studio.openapi.document import document
from tests.objects import person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(db):
    return signed_in(person("olga"))


def test_all_operations_are_listed_and_lead_to_their_place(browser):
    page = browser.get("/docs/api/").content.decode()
    for methods in document()["paths"].values():
        for operation in methods.values():
            assert f'href="/docs/api/{operation["tags"][0]}/#{operation["operationId"]}"' in page


@pytest.mark.parametrize("subject", [subject.name for subject in reference.subjects()])
def test_a_subject_shows_its_operations_with_their_examples_and_codes(browser, subject):
    answer = browser.get(f"/docs/api/{subject}/")
    page = answer.content.decode()
    for operation in next(each for each in reference.subjects() if each.name == subject).operations:
        assert f'id="{operation.id}"' in page
    assert "<code>sign-in-needed</code>" in page
    assert len(answer.content) < 300_000


def test_fields_of_parts_are_named_by_their_way_there(browser):
    page = browser.get("/docs/api/deployments/").content.decode()
    assert "<code>value[].steps[].outcome</code>" in page


def test_words_between_backticks_are_code_and_nothing_is_markup():
    assert reference._marked("send `next` & <b>") == "send <code>next</code> &amp; &lt;b&gt;"


def test_a_subject_that_does_not_exist_is_said_to_be_missing(browser):
    answer = browser.get("/docs/api/ships/")
    assert answer.status_code == 404
    assert "no subject" in answer.content.decode()


def test_every_page_leads_here(browser):
    assert 'href="/docs/api/"' in browser.get("/account/").content.decode()
