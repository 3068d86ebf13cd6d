"""What can be wrong with a question for metrics."""

from workspaces.errors import Invalid


class RangeInvalid(Invalid):
    """A range or an end of it that there are no metrics for."""

    code = "metrics-range-invalid"
    title = "No such range of time"
