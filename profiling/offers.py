"""What a profile recommended, where its model is about to be deployed."""

from deployments.hooks import Offer
from profiling.models import Profile
from profiling.states import Status
from registry.models import ModelVersion


def newest_of(version: ModelVersion) -> Profile | None:
    """The newest profile of the version that has a recommendation."""
    found = Profile.objects.filter(model_links__version=version, status=Status.SUCCEEDED, recommendation__isnull=False)
    return found.order_by("-pk").first()


def offer_for(version: ModelVersion) -> Offer | None:
    profile = newest_of(version)
    if profile is None:
        return None
    told = profile.recommendation
    evidence = (
        f"{profile.name}: p95 {told['p95_ms']:.3g} ms, {told['requests_per_second']:,.0f} requests/s"
        f" on {profile.target_name}"
    )
    return Offer(told["cpu"], told["memory_gb"], told["onnx"], evidence)
