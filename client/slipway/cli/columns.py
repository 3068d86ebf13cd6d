"""The tables of models."""

from slipway.cli.output import Columns, columns, minute

MODEL_COLUMNS: Columns = columns(
    Id="id", Framework="framework", Risk="risk", Stage="stage", Aliases="aliases", Tags="tags", CreatedBy="createdBy"
) | {"Created": minute("createdTime")}
