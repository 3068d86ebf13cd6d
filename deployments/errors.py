"""What can go wrong with services and deployments when they are asked for.

A deployment that fails later, in the worker, ends with a `failure` on its row instead.
"""

from workspaces.errors import Invalid, NotFound, Refusal


class ServiceNotFound(NotFound):
    code = "service-not-found"
    title = "No such service"


class DeploymentNotFound(NotFound):
    code = "deployment-not-found"
    title = "No such deployment"


class TargetNotFound(NotFound):
    code = "target-not-found"
    title = "No such compute target"


class ServiceNameInvalid(Invalid):
    code = "service-name-invalid"
    title = "The service's name breaks the rule"


class ConfigInvalid(Invalid):
    """An inference or deployment configuration that cannot be followed; names file, line and key."""

    code = "config-invalid"
    title = "The configuration is not valid"


class EntryScriptNeeded(Invalid):
    code = "entry-script-needed"
    title = "This model needs an entry script"


class ServiceExists(Refusal):
    code = "service-exists"
    title = "A service with this name already exists"


class ServiceBusy(Refusal):
    code = "service-busy"
    title = "Another deployment of this service is running"


class DeploymentFinished(Refusal):
    code = "deployment-finished"
    title = "The deployment is not in a state for this"


class TargetUnavailable(Refusal):
    code = "target-unavailable"
    title = "The compute target does not answer"


class ServiceNotReady(Refusal):
    code = "service-not-ready"
    title = "Nothing serves behind this service yet"
