"""REST and page of a service's metrics: who may look, what is told, how many queries it takes."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deployments.models import Service, Workload
from metrics import rolling
from metrics.recording import record
from tests import objects

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15
RANGES = ["15m", "1h", "6h", "1d", "7d", "30d"]


@pytest.fixture
def busy(service, count, sampled):
    """The last ten minutes, as gateway and worker tell them."""
    now = int(time.time()) // 10 * 10
    Workload.objects.update(healthy=True)
    for at_s in range(now - 600, now, 10):
        count(at_s, 3.0, 4.0, 9.0, errors=at_s % 60 == 0, client_errors=1)
        sampled(at_s, cpu=0.25)
    rolling.roll_up()
    return service


def rest(user, service, **asked):
    return objects.with_token(user).get(f"/api/v1/workspaces/vision/services/{service.name}/metrics", asked)


def page(user, service, **asked):
    return objects.signed_in(user).get(reverse("metrics:service", args=["vision", service.name]), asked)


@pytest.mark.parametrize("range_", RANGES)
def test_rest_tells_what_was_counted_and_measured(busy, reader, range_):
    told = rest(reader, busy, range=range_).json()
    known = [point for point in told["series"] if point["requests"]]
    assert sum(point["requests"] for point in known) == 250
    assert sum(point["errors"] for point in known) == 10
    assert all(point["cpu"] == 0.25 for point in known)
    assert told["service"] == busy.name and told["series"][0]["at"] == told["from"]


def test_without_a_range_it_is_the_last_hour(busy, reader):
    told = rest(reader, busy).json()
    assert (told["step_s"], len(told["series"])) == (10, 360)


def test_until_moves_the_window(busy, reader):
    told = rest(reader, busy, range="1h", until="2026-01-02T03:04:05Z")
    assert told.status_code == 422  # longer ago than anything is kept
    told = rest(
        reader, busy, range="1h", until=f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - 300))}"
    )
    assert 100 < sum(point["requests"] or 0 for point in told.json()["series"]) < 150


@pytest.mark.parametrize("asked", [{"range": "2h"}, {"until": "yesterday"}], ids=["range", "until"])
def test_a_bad_question_is_answered_with_a_code_and_advice(service, reader, asked):
    answer = rest(reader, service, **asked)
    assert answer.status_code == 422
    assert answer.json()["code"] == "metrics-range-invalid" and answer.json()["advice"]


def test_the_page_refuses_a_range_that_is_not_known_in_words(service, reader):
    answer = page(reader, service, range="2h")
    assert answer.status_code == 422
    assert "It can be 15m, 1h" in answer.content.decode()


@pytest.mark.parametrize("look", [rest, page], ids=["rest", "page"])
def test_strangers_and_misspelt_services_get_nothing(service, stranger, reader, look):
    assert look(stranger, service).status_code == 404
    service.name = "other"
    assert look(reader, service).status_code == 404


@pytest.mark.parametrize("range_", RANGES)
def test_the_page_says_in_sentences_what_its_charts_show(busy, reader, range_):
    shown = page(reader, busy, range=range_).content.decode()
    assert "250 requests in the last" in shown
    assert "10 errors (4 %), 60 client errors" in shown
    assert "0.25 cores on average" in shown
    assert "At most 90.0 MB of 1.1 GB" in shown
    assert "1 of 1 ready now; never fewer than wanted" in shown
    assert shown.count("<figure") == 5


def test_the_page_takes_few_queries(busy, reader):
    browser = objects.signed_in(reader)
    address = reverse("metrics:service", args=["vision", busy.name])
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address, {"range": "1d"}).status_code == 200
    assert len(queries) <= MOST_QUERIES, [query["sql"][:90] for query in queries]


def test_a_service_that_nobody_called_says_how_to_call_it(service, reader):
    shown = page(reader, service).content.decode()
    assert "No requests yet" in shown and service.scoring_uri in shown
    assert shown.count("<figure") == 3
    assert "Nobody measured it in the last hour." in shown


def test_an_hour_without_requests_is_not_a_service_without_requests(service, count, reader):
    now = int(time.time()) // 10 * 10
    Service.objects.update(created_time=timezone.now() - timedelta(days=1))
    count(now - 5 * 3600, 3.0)
    record("a", now - 20, {})
    shown = page(reader, service).content.decode()
    assert "No requests in the last hour." in shown and "No requests yet" not in shown
    assert "1 request in the last 6 hours" in page(reader, service, range="6h").content.decode()


def test_the_other_tabs_lead_to_it_and_it_to_them(service, reader):
    here, tab = (
        reverse("metrics:service", args=["vision", service.name]),
        reverse("deployments:service", args=["vision", service.name]),
    )
    assert f'href="{here}"' in objects.signed_in(reader).get(tab).content.decode()
    shown = page(reader, service).content.decode()
    assert f'href="{here}" aria-current="page"' in shown and f'href="{tab}?tab=logs"' in shown
    assert 'aria-current="page">Try it' in objects.signed_in(reader).get(f"{tab}?tab=metrics").content.decode()


def test_without_refreshing_by_itself_nothing_of_the_charts_is_fetched_again(busy, reader):
    assert 'id="metrics-numbers" hidden data-metrics-part data-part' in page(reader, busy).content.decode()
    assert 'id="metrics-numbers" hidden data-metrics-part>' in page(reader, busy, live="off").content.decode()
