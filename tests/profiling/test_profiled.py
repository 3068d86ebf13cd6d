"""Versions that were profiled are found by it, and offer their size to whoever deploys them."""

from deployments.hooks import offer_for
from profiling.models import Profile
from registry.finding import parse_query
from registry.finding.listing import list_versions
from tests import objects
from tests.profiling.measured import ended

TOLD = {"cpu": 0.5, "memory_gb": 0.25, "onnx": True, "p95_ms": 4.13, "requests_per_second": 700.0}


def found(user, place, text: str) -> list[str]:
    page = list_versions(user=user, workspace=place, query=parse_query(text), newest=False)
    return [version.reference for version in page.rows]


def test_versions_are_found_once_they_are_profiled(place, contributor, start):
    objects.version(place, contributor, "other")
    profile = start()
    assert found(contributor, place, "is:profiled") == []
    ended(profile)
    assert found(contributor, place, "is:profiled") == ["digits:1"]
    assert found(contributor, place, "-is:profiled") == ["other:1"]
    assert found(contributor, place, "is:deployed") == []


def test_the_newest_recommendation_is_offered(start):
    first = ended(start())
    version = first.model_links.get().version
    assert offer_for(version) is None
    Profile.objects.filter(pk=first.pk).update(recommendation=TOLD)
    offer = offer_for(version)
    assert (offer.cpu, offer.memory_gb, offer.convert_to_onnx) == (0.5, 0.25, True)
    assert offer.evidence == "digits-1: p95 4.13 ms, 700 requests/s on process"
    second = ended(start(models=["digits:1"]))
    Profile.objects.filter(pk=second.pk).update(recommendation=TOLD | {"cpu": 1})
    assert offer_for(version).cpu == 1
