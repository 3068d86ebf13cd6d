"""REST of profiles, described."""

from deployments import errors as deployments
from profiling import api, errors
from profiling.operations import answers, examples
from profiling.serializers import ProfileRequest
from registry import errors as registry
from workspaces.errors import Invalid
from workspaces.operations import TEXT, Answer, Body, Operation, Operations, Parameter, whole_number
from workspaces.paging import MAX_LIMIT

_TAG = "profiles"

OPERATIONS: Operations = {
    (api.Profiles, "GET"): Operation(
        id="list_profiles",
        summary="List profiles",
        description="Newest first, by pages; without what was measured.",
        tag=_TAG,
        parameters=[
            Parameter("model", "Only those that measure this model.", example="iris"),
            Parameter("version", "Only those that measure this version.", {"type": "integer", "minimum": 1}, 3),
            Parameter("limit", "How many a page has at most.", whole_number(1, 50, MAX_LIMIT), 50),
            Parameter("cursor", "The `next` of the page before.", example="41"),
        ],
        answers=[Answer(answers.ProfilePage, {"value": [examples.SUMMARY], "next": None})],
        errors=[Invalid],
        strict=True,
    ),
    (api.Profiles, "POST"): Operation(
        id="start_profile",
        summary="Start a profile",
        description=(
            "Queues the measuring of models on sizes of a target, and of nothing else: no service changes. What is "
            "left out is chosen by the studio: a name made from the model's, sizes that fit the target, the version's "
            "own sample or requests made from its signature. `source` is an upload with the entry script's files."
        ),
        tag=_TAG,
        body=Body(ProfileRequest, examples.START),
        answers=[Answer(answers.Profile, examples.QUEUED, status=202)],
        errors=[
            errors.ProfileNameInvalid,
            errors.ProfileExists,
            errors.ProfileSettingsInvalid,
            errors.SamplesInvalid,
            deployments.ConfigInvalid,
            deployments.EntryScriptNeeded,
            deployments.TargetNotFound,
            deployments.TargetUnavailable,
            registry.VersionNotFound,
            registry.AliasNotFound,
            registry.VersionArchived,
            registry.UploadNotFound,
            registry.BlobMissing,
            registry.BlobDamaged,
            Invalid,
        ],
    ),
    (api.Profile, "GET"): Operation(
        id="get_profile",
        summary="Show a profile",
        description="With every size and point that was measured, also while it runs, and what it recommends.",
        tag=_TAG,
        answers=[Answer(answers.Profile, examples.PROFILE)],
        errors=[errors.ProfileNotFound],
    ),
    (api.Profile, "DELETE"): Operation(
        id="delete_profile",
        summary="Delete a profile",
        description="With all that was measured. One that is under way is refused: stop it first.",
        tag=_TAG,
        answers=[Answer(status=204)],
        errors=[errors.ProfileNotFound, errors.ProfileRunning],
    ),
    (api.CancelProfile, "POST"): Operation(
        id="cancel_profile",
        summary="Stop a profile",
        description="Within a second or so. What was measured stays, and can be gone on with.",
        tag=_TAG,
        answers=[Answer(answers.Profile, examples.QUEUED | {"cancel_requested": True})],
        errors=[errors.ProfileNotFound, errors.ProfileFinished],
    ),
    (api.ResumeProfile, "POST"): Operation(
        id="resume_profile",
        summary="Go on with a profile",
        description="Measures what was not measured before it was stopped, failed or ran out of time.",
        tag=_TAG,
        answers=[Answer(answers.Profile, examples.QUEUED)],
        errors=[errors.ProfileNotFound, errors.ProfileRunning, errors.ProfileFinished],
    ),
    (api.ProfileResult, "GET"): Operation(
        id="get_profile_result",
        summary="Read a profile's result",
        description="Under the keys of Azure ML v1, as `slipway model deploy --pi` reads them.",
        tag=_TAG,
        answers=[Answer(answers.RESULT, examples.RESULT)],
        errors=[errors.ProfileNotFound],
    ),
    (api.ProfilePoints, "GET"): Operation(
        id="download_profile_points",
        summary="Download a profile's points",
        description="Every point that was measured, a line each.",
        tag=_TAG,
        answers=[Answer(TEXT, examples.POINTS, media_type="text/csv")],
        errors=[errors.ProfileNotFound],
    ),
    (api.ProfileLog, "GET"): Operation(
        id="download_profile_log",
        summary="Download a profile's log",
        description="What happened, a line each with its time.",
        tag=_TAG,
        answers=[Answer(TEXT, examples.LOG, media_type="text/plain")],
        errors=[errors.ProfileNotFound],
    ),
}
