"""Operations on names and lists, described."""

from registry import errors
from registry.api import activity, aliases, bulk, compare, models, requests
from registry.api.serializers import ComparisonSerializer
from registry.operations import answers, examples
from workspaces.errors import Invalid
from workspaces.operations import Answer, Body, Operation, Operations, Parameter, whole_number
from workspaces.paging import MAX_LIMIT

_TAG = "models"
_PAGE = [
    Parameter("limit", "How many a page has at most.", whole_number(1, 50, MAX_LIMIT), 50),
    Parameter("cursor", "The `next` of the page before.", example=""),
]
_TEXTS = {"type": "array", "items": {"type": "string"}}
_LIST = [
    Parameter("q", "What one would type into the search box.", {"type": "string", "maxLength": 2000}, "area=mnist"),
    Parameter("tag", "`key=value`, or `key` alone; may be repeated, and all must hold.", _TEXTS, ["area=mnist"]),
    Parameter("property", "The same of properties.", _TEXTS, ["seed=7"]),
    Parameter("name", "Only versions of this name.", example="digits"),
    Parameter("framework", "Only versions of this framework.", example="Onnx"),
    Parameter("run_id", "Only versions of this run.", example="7c1f"),
    Parameter("dataset_id", "Only versions that name this dataset.", example="mnist-60k"),
    Parameter(
        "sort",
        "`registered`, `name`, `size`, `version` or `metric.KEY`; a minus sign in front turns it round.",
        {"type": "string", "default": "-registered", "maxLength": 300},
        "-metric.accuracy",
    ),
    Parameter("latest", "Of each name only the newest version that matches.", {"type": "boolean"}, True),
]

OPERATIONS: Operations = {
    (models.Models, "GET"): Operation(
        id="list_versions",
        summary="Find versions",
        description="Versions for which everything asked for holds, newest first, by pages.",
        tag=_TAG,
        parameters=[*_LIST, *_PAGE],
        answers=[Answer(answers.VersionPage, {"value": [examples.VERSION], "next": "17", "hints": [], "faults": []})],
        errors=[Invalid, errors.TagInvalid],
        strict=True,
    ),
    (models.Models, "POST"): Operation(
        id="register_model",
        summary="Register a model",
        description=(
            "Makes the next version of a name of an upload's files; the upload is used up. What the files say of "
            "themselves is read without running them. Fields that are left out are guessed from the files or empty."
        ),
        tag=_TAG,
        body=Body(requests.RegisterRequest, examples.REGISTER),
        answers=[Answer(answers.VersionDetail, examples.DETAIL, status=201)],
        errors=[
            Invalid,
            errors.NameInvalid,
            errors.TagInvalid,
            errors.SignatureInvalid,
            errors.PickleRefused,
            errors.UploadEmpty,
            errors.UploadNotFound,
            errors.UploadUnfinished,
            errors.BlobMissing,
            errors.StoreUnavailable,
        ],
    ),
    (models.ModelDetail, "GET"): Operation(
        id="get_model",
        summary="Show a model",
        description="A name with its aliases, how many versions it has, and these newest first, by pages.",
        tag=_TAG,
        parameters=_PAGE,
        answers=[Answer(answers.Model, examples.MODEL)],
        errors=[errors.VersionNotFound, Invalid],
        strict=True,
    ),
    (aliases.Alias, "PUT"): Operation(
        id="set_alias",
        summary="Point an alias to a version",
        description="Wherever it pointed before. `name@alias` is understood wherever a version is named.",
        tag=_TAG,
        body=Body(requests.AliasRequest, {"version": 3}),
        answers=[Answer(answers.Alias, {"alias": "champion", "version": 3, "id": "digits:3"})],
        errors=[errors.VersionNotFound, errors.AliasInvalid, Invalid],
    ),
    (aliases.Alias, "DELETE"): Operation(
        id="remove_alias",
        summary="Take an alias away",
        description="The version it pointed to stays.",
        tag=_TAG,
        answers=[Answer(status=204)],
        errors=[errors.VersionNotFound, errors.AliasNotFound, errors.AliasInvalid],
    ),
    (bulk.Bulk, "POST"): Operation(
        id="change_many",
        summary="Change many versions",
        description=(
            "The same change to each of up to 1,000 versions, or their deletion. Each stands alone: the answer says "
            "how it went with every one."
        ),
        tag=_TAG,
        body=Body(requests.BulkRequest, {"references": ["digits:1", "digits:3"], "delete": True}),
        answers=[Answer(answers.Outcomes, examples.OUTCOMES)],
        errors=[Invalid, errors.TagInvalid],
    ),
    (compare.Compare, "GET"): Operation(
        id="compare_versions",
        summary="Compare versions",
        description="Two to ten versions side by side; `same` marks the rows in which they do not differ.",
        tag=_TAG,
        parameters=[
            Parameter("version", "`name:version` or `name@alias`, repeated.", _TEXTS, ["digits:2", "digits:3"]),
        ],
        answers=[Answer(ComparisonSerializer, examples.COMPARISON)],
        errors=[errors.VersionNotFound, errors.AliasNotFound, Invalid],
        strict=True,
    ),
    (activity.Activity, "GET"): Operation(
        id="list_activity",
        summary="See what was done",
        description="Newest first, by pages: of the workspace, a model or a version. Deleted ones are told of too.",
        tag=_TAG,
        parameters=[
            Parameter("model", "Only of this name.", {"type": "string", "maxLength": 255}, "digits"),
            Parameter("version", "Only of versions with this number.", {"type": "integer", "minimum": 1}, 3),
            *_PAGE,
        ],
        answers=[Answer(answers.ActivityPage, examples.ACTIVITY)],
        errors=[Invalid],
        strict=True,
    ),
}
