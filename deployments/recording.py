"""What a loaded model tells of itself is kept with its version, when nobody said it before."""

from deployments import readiness
from deployments.models import Revision
from drivers.base import Driver, Handle
from registry import services
from workspaces.texts import storable

_MOST_WORDS = 500


def record_what_it_tells(revision: Revision, driver: Driver, handle: Handle) -> None:
    """The signature of the one model that is served without a script, and a sample of its input.

    A script's inputs are its own, and of several models nobody knows whose they are."""
    if revision.inference_config.get("entry_script"):
        return
    links = list(revision.model_links.select_related("version__model")[:2])
    if len(links) != 1:
        return
    version = links[0].version
    wished = revision.deployment_config.get("convert_to_onnx", False)
    if wished or not version.signature:
        told = readiness.signature(driver, handle)
        conversion = told.pop("conversion", None) if isinstance(told, dict) else None
        if wished:
            revision.conversion = _checked(conversion)
            revision.save(update_fields=["conversion"])
        if not version.signature:
            source = f"the first deployment of {revision.service.name}"
            services.record_signature(version=version, told=told, source=source)
    if version.sample_input is None and revision.sample_request is not None:
        services.record_sample_input(version=version, sample_input=revision.sample_request)


def _checked(told: object) -> dict[str, object] | None:
    """What a runtime, in which anybody's code runs, tells of a conversion: in bounds, or None."""
    if not isinstance(told, dict) or not isinstance(told.get("used"), bool) or not isinstance(told.get("why"), str):
        return None
    return {"used": told["used"], "why": storable(told["why"])[:_MOST_WORDS]}
