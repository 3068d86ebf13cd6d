"""REST of services and deployments, described."""

from deployments.operations.of_deployments import OPERATIONS as _OF_DEPLOYMENTS
from deployments.operations.of_services import OPERATIONS as _OF_SERVICES
from deployments.operations.of_targets import OPERATIONS as _OF_TARGETS
from workspaces.operations import Operations

OPERATIONS: Operations = _OF_TARGETS | _OF_SERVICES | _OF_DEPLOYMENTS
