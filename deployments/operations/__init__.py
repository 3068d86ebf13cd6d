"""REST of services and deployments, described."""

from deployments.operations.of_deployments import OPERATIONS as _OF_DEPLOYMENTS
from deployments.operations.of_services import OPERATIONS as _OF_SERVICES
from workspaces.operations import Operations

OPERATIONS: Operations = _OF_SERVICES | _OF_DEPLOYMENTS
