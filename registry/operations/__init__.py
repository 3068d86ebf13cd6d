"""REST of the registry, described."""

from registry.operations.of_finding import OPERATIONS as _OF_FINDING
from registry.operations.of_models import OPERATIONS as _OF_MODELS
from registry.operations.of_uploads import OPERATIONS as _OF_UPLOADS
from registry.operations.of_versions import OPERATIONS as _OF_VERSIONS
from workspaces.operations import Operations

OPERATIONS: Operations = _OF_MODELS | _OF_FINDING | _OF_VERSIONS | _OF_UPLOADS
