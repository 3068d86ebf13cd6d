"""Operations of the search box and of saved views, described."""

from registry import errors
from registry.api import finding
from registry.operations import answers, examples
from workspaces.errors import Invalid, RoleTooLow
from workspaces.operations import Answer, Body, Operation, Operations, Parameter

_MODELS, _VIEWS = "models", "views"
_Q = Parameter("q", "What is in the search box.", {"type": "string", "maxLength": 2000}, "area=mnist")

OPERATIONS: Operations = {
    (finding.Facets, "GET"): Operation(
        id="get_facets",
        summary="See what the found have in common",
        description="Values with their counts; `text` of a value is the query after choosing it.",
        tag=_MODELS,
        parameters=[_Q],
        answers=[Answer(answers.Facets, examples.FACETS)],
        errors=[Invalid],
        strict=True,
    ),
    (finding.Suggestions, "GET"): Operation(
        id="suggest",
        summary="See what could be written next",
        description="Keys, values and words for the place of the caret; they replace `q[start:end]`.",
        tag=_MODELS,
        parameters=[
            _Q,
            Parameter(
                "caret",
                "Where the caret is; at the end when left out.",
                {"type": "integer", "minimum": 0, "maximum": 2000},
                5,
            ),
        ],
        answers=[Answer(answers.Suggestions, examples.SUGGESTIONS)],
        errors=[Invalid],
        strict=True,
    ),
    (finding.Views, "GET"): Operation(
        id="list_views",
        summary="List saved views",
        description="Your own and those that are shared, by name.",
        tag=_VIEWS,
        answers=[Answer(answers.Views, {"value": [examples.VIEW]})],
    ),
    (finding.Views, "POST"): Operation(
        id="save_view",
        summary="Save a view",
        description="A query and an order under a name. Sharing one needs the role contributor.",
        tag=_VIEWS,
        body=Body(finding.ViewRequest, {"name": "Champions", "query": "has:alias", "sort": "-metric.accuracy"}),
        answers=[Answer(finding.SavedViewSerializer, examples.VIEW, status=201)],
        errors=[Invalid, errors.ViewNameTaken, RoleTooLow],
    ),
    (finding.View, "PATCH"): Operation(
        id="change_view",
        summary="Change a saved view",
        description="What is left out stays as it is.",
        tag=_VIEWS,
        body=Body(finding.ViewChange, {"shared": True}),
        answers=[Answer(finding.SavedViewSerializer, examples.VIEW | {"shared": True})],
        errors=[Invalid, errors.ViewNameTaken, errors.ViewNotFound, RoleTooLow],
    ),
    (finding.View, "DELETE"): Operation(
        id="delete_view",
        summary="Delete a saved view",
        description="The versions it shows stay.",
        tag=_VIEWS,
        answers=[Answer(status=204)],
        errors=[errors.ViewNotFound, RoleTooLow],
    ),
}
