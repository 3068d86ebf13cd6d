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


class TargetNameInvalid(Invalid):
    code = "target-name-invalid"
    title = "The target's name breaks the rule"


class TargetExists(Refusal):
    code = "target-exists"
    title = "A compute target with this name already exists"


class TargetInUse(Refusal):
    code = "target-in-use"
    title = "Services run on this compute target"


class TargetBuiltIn(Refusal):
    code = "target-built-in"
    title = "This compute target is there by itself"


class ClusterUnusable(Invalid):
    """A cluster that answers, but on which nothing could be deployed; `problems` lists all that is in the way."""

    code = "cluster-unusable"
    title = "The cluster cannot be used like this"


class ScaleInvalid(Invalid):
    code = "scale-invalid"
    title = "The service cannot run this many replicas"


class ServiceNotReady(Refusal):
    code = "service-not-ready"
    title = "Nothing serves behind this service yet"
