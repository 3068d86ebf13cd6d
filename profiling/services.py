"""What people do with profiles: one verb, one function."""

import json
import zlib

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from deployments import recipes, revisions
from deployments.targets import find_target
from deployments.what_to_serve import find_what_to_serve
from profiling import transitions
from profiling.doorbell import ring_profile
from profiling.errors import (
    ProfileExists,
    ProfileFinished,
    ProfileNameInvalid,
    ProfileRunning,
    ProfileSettingsInvalid,
)
from profiling.models import PROFILE_NAME, Profile, ProfileFile, ProfileModel, ProfileSamples, Size
from profiling.plan import Plan, read_plan
from profiling.samples import Samples, own_sample, read_samples, samples_of
from profiling.states import FINAL, Purpose, SizeState, Status
from registry.models import ModelVersion, Upload
from workspaces.models import User, Workspace
from workspaces.texts import storable

RESERVED = {"compare"}


def start_profile(
    *,
    workspace: Workspace,
    models: list[str],
    by: User,
    name: str = "",
    target: str = "",
    source: Upload | None = None,
    inference_config: str | dict | None = None,
    samples: str | None = None,
    samples_format: str = "auto",
    description: str = "",
    **wanted: object,
) -> Profile:
    """Queue the measuring of `models` (`name:version`, `name@alias` or `name`); the upload `source` is used up.

    Without a `name` it gets one from the model. `samples` are texts of requests (JSON lines or CSV); without them the
    version's own sample is sent, or requests made from its signature. `wanted`: cpu, memory_gb, concurrency, goal,
    share, budget_minutes, try_onnx, see `profiling.plan`. Raises ProfileNameInvalid, ProfileExists,
    ProfileSettingsInvalid, SamplesInvalid, and what `deployments.services.deploy` raises of models, configurations and
    targets; nothing is left of an attempt that raises.
    """
    if name:
        _check_name(name)
    versions, inference = find_what_to_serve(workspace, by, models, inference_config, source)
    where = find_target(workspace=workspace, name=target)
    convertible = inference is None and all(map(recipes.convertible, versions))
    size = sum(version.size_bytes for version in versions)
    plan = read_plan(wanted, where, size, convertible=convertible)
    bodies = _samples(samples, samples_format, versions, scripted=inference is not None)
    kept = zlib.compress(json.dumps(bodies.bodies).encode())
    with transaction.atomic():
        revisions.hold(versions)
        profile = _create(
            workspace,
            name or free_name(workspace, versions),
            description=storable(description),
            target=where,
            target_name=where.name,
            model_references=[version.reference for version in versions],
            inference_config=inference.as_dict() if inference else {},
            plan=plan.as_dict(),
            samples_source=bodies.source,
            samples_count=len(bodies.bodies),
            samples_bytes=sum(map(len, bodies.bodies)),
            created_by=by,
        )
        ProfileModel.objects.bulk_create(ProfileModel(profile=profile, version=version) for version in versions)
        ProfileSamples.objects.create(profile=profile, bodies=kept)
        revisions.move_source(source, ProfileFile, profile=profile)
        Size.objects.bulk_create(_sizes(profile, plan))
        ring_profile(profile.pk)
    return profile


def _sizes(profile: Profile, plan: Plan) -> list[Size]:
    return [
        Size(profile=profile, cpu=cpu, memory_bytes=recipes.gigabytes(memory), purpose=Purpose.CPU)
        for cpu, memory in plan.sizes
    ]


def _samples(text: str | None, form: str, versions: list[ModelVersion], *, scripted: bool) -> Samples:
    """A script's inputs are its own, and nobody knows which of several models takes them."""
    version = versions[0] if len(versions) == 1 else None
    if text is not None:
        return read_samples(text, format=form, version=None if scripted else version)
    found = (own_sample(version) if scripted else samples_of(version)) if version else None
    if found is None:
        said = "There is no sample request: the model version has none, and no signature to make one from."
        advice = "Give some: a file of JSON lines or CSV, a request each."
        raise ProfileSettingsInvalid(said, advice=advice, errors={"samples": [said]})
    return found


def _check_name(name: str) -> None:
    if name in RESERVED:
        said = f"{name!r} is the address of another page."
        raise ProfileNameInvalid(said, advice="Choose another name.", errors={"name": [said]})
    try:
        PROFILE_NAME(name)
    except ValidationError as exc:
        said = exc.messages[0]
        shown = name if len(name) <= 60 else f"{name[:57]}…"
        raise ProfileNameInvalid(
            f"{shown!r} cannot be a profile's name. {said}", advice="Choose another name.", errors={"name": [said]}
        ) from None


def _create(workspace: Workspace, name: str, **fields: object) -> Profile:
    try:
        with transaction.atomic():
            return Profile.objects.create(workspace=workspace, name=name, **fields)
    except IntegrityError:
        raise ProfileExists(
            f"A profile with name {name!r} already exists in workspace {workspace.name!r}.",
            advice="Choose another name, or delete that one first.",
        ) from None


def free_name(workspace: Workspace, versions: list[ModelVersion]) -> str:
    """`iris-1`, then `iris-1-2`: the model, its version, and a number where that is taken."""
    first = f"{versions[0].name[:80]}-{versions[0].version}" if versions else "profile"
    taken = set(Profile.objects.filter(workspace=workspace, name__startswith=first).values_list("name", flat=True))
    if first not in taken:
        return first
    return next(name for name in (f"{first}-{n}" for n in range(2, len(taken) + 3)) if name not in taken)


@transaction.atomic
def cancel_profile(*, profile: Profile) -> Profile:
    """Stop it: at once when no worker has begun it, else within a second; what was measured stays.

    Raises ProfileFinished."""
    row = Profile.objects.select_for_update().get(pk=profile.pk)
    if row.finished:
        raise ProfileFinished(f"Profile {row.name!r} is {row.status} already.", advice="Reload the page.")
    row.cancel_requested = True
    if row.status == Status.QUEUED and not row.lease_owner:
        row.status, row.finished_time = Status.CANCELLED, timezone.now()
        transitions.skip_left(row, "The profile was stopped before it was measured.")
    row.save(update_fields=["cancel_requested", "status", "finished_time"])
    ring_profile(row.pk)
    return row


@transaction.atomic
def resume_profile(*, profile: Profile) -> Profile:
    """Go on with what was not measured. Raises ProfileRunning while it is under way, ProfileFinished when all is."""
    row = Profile.objects.select_for_update().get(pk=profile.pk)
    if not row.finished:
        raise ProfileRunning(f"Profile {row.name!r} is {row.status}.", advice="Wait for it, or stop it.")
    skipped = row.sizes.filter(state=SizeState.SKIPPED, failure__code=transitions.NOT_MEASURED)
    if row.status == Status.SUCCEEDED and not skipped.exists():
        raise ProfileFinished(f"Profile {row.name!r} has measured all there is.", advice="Start another one.")
    skipped.update(state=SizeState.WAITING, failure=None)
    row.status, row.failure, row.recommendation = Status.QUEUED, None, None
    row.cancel_requested, row.started_time, row.finished_time = False, None, None
    row.save()
    ring_profile(row.pk)
    return row


@transaction.atomic
def delete_profile(*, profile: Profile) -> None:
    """Raises ProfileRunning: one that is under way is stopped first."""
    row = Profile.objects.select_for_update().get(pk=profile.pk)
    if row.status not in FINAL:
        raise ProfileRunning(f"Profile {row.name!r} is {row.status}.", advice="Stop it first.")
    row.delete()
