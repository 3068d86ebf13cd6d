"""Attaching Kubernetes clusters as compute targets: one verb, one function."""

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from deployments import connections
from deployments.errors import (
    ClusterUnusable,
    ConfigInvalid,
    TargetBuiltIn,
    TargetExists,
    TargetInUse,
    TargetNameInvalid,
    TargetUnavailable,
)
from deployments.instance import owner
from deployments.kubeconfig import read_kubeconfig
from deployments.models import Deployment, Package, Target, Workload
from deployments.states import FINAL
from deployments.targets import BUILT_IN, driver_of, forget, kubernetes_driver, look_at
from drivers import errors
from workspaces.errors import Invalid
from workspaces.models import User, Workspace
from workspaces.texts import storable

if TYPE_CHECKING:
    from drivers.kubernetes import Connection, Registry, Report

_NAME = re.compile(r"(?=.{2,63}\Z)[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_RESERVED = {*BUILT_IN, "kubernetes", "local", "aci", "aks", "aksendpoint", "amlcompute", "containerinstance"}
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")  # Azure ML v1 contract §2.6, and Kubernetes' own
_SYSTEM_NAMESPACES = re.compile(r"kube-.*")
_REGISTRY = re.compile(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:(?P<port>\d{1,5}))?(/[a-z0-9][a-z0-9._-]*)*\Z")
_USERNAME = re.compile(r"[^\x00-\x20:\x7f-\xa0\ud800-\udfff]{1,200}\Z")  # of HTTP's Basic authentication
_MOST_PASSWORD = 16_384
_ANEW = "Attach the cluster again under another name, or delete them first."
WAYS = ("auto", "pods", "proxy", "nodeport")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says about a cluster. None: as it was, or where nothing was, the default.

    `registry` is HOST[:PORT][/PATH]; `access` how the gateway reaches replicas (see `drivers.kubernetes.reach`)."""

    kubeconfig: str | None = None
    context: str | None = None
    in_cluster: bool | None = None
    namespace: str | None = None
    registry: str | None = None
    registry_username: str | None = None
    registry_password: str | None = None
    access: str | None = None


def attach_kubernetes(*, workspace: Workspace, name: str, asked: Asked, by: User) -> Target:
    """The cluster as a target of that name, after a test of its connection.

    Raises TargetNameInvalid, TargetExists, ConfigInvalid, Invalid, TargetUnavailable, ClusterUnusable; nothing is left
    of an attempt that raises, here or in the cluster."""
    _check_name(name)
    if Target.objects.filter(workspace=workspace, name=name, detached=False).exists():
        raise _exists(name)
    target = Target(workspace=workspace, name=name, kind=Target.Kind.KUBERNETES, created_by=by)
    _store(target, asked, _connection(asked), workspace)
    _must_work(target)
    try:
        with transaction.atomic():
            target.save()
    except IntegrityError:
        raise _exists(name) from None
    look_at(target)
    target.refresh_from_db()
    return target


def update_kubernetes(*, target: Target, asked: Asked) -> Target:
    """Other credentials, another registry or access; what runs is not touched. Raises as attaching does."""
    _check_attached(target)
    new = asked.kubeconfig is not None or asked.in_cluster
    connection = _connection(asked) if new else _as_refusal(lambda: connections.connection_of(target))
    if asked.namespace and asked.namespace != target.connection["namespace"] and _workloads(target).exists():
        said = f"Services run in namespace {target.connection['namespace']}, which cannot be changed under them."
        raise TargetInUse(said, advice=_ANEW)
    if asked.access == "nodeport" != target.connection["access"] and _workloads(target).exists():
        raise TargetInUse("Services run here that have no port on the nodes.", advice=_ANEW)
    if asked.context and not asked.kubeconfig:
        raise _invalid("context", "A context is one of a kubeconfig: give that too.")
    _store(target, asked, connection, target.workspace)
    _must_work(target)
    target.save(update_fields=["connection", "sealed_secrets"])
    look_at(target)
    target.refresh_from_db()
    return target


def test_target(*, target: Target) -> "Report":
    """What works and what does not, one by one. Raises TargetUnavailable when nothing can be asked, TargetBuiltIn."""
    _check_attached(target)
    try:
        report = _as_refusal(lambda: driver_of(target).test())
    except TargetUnavailable as exc:
        # Not by looking: what the driver saw of it last may be half a minute old.
        seen = {"available": False, "checked_time": timezone.now(), "detail": f"{exc.detail} {exc.advice}".strip()}
        Target.objects.filter(pk=target.pk).update(**seen)
        raise
    look_at(target)
    return report


def detach(*, target: Target) -> None:
    """Forget the cluster and its credentials. The namespace goes when the studio made it; what was pushed to the
    registry stays there. Raises TargetInUse, TargetBuiltIn."""
    _check_attached(target)
    with transaction.atomic():
        if not Target.objects.select_for_update().filter(pk=target.pk, detached=False).exists():
            return  # somebody else did it just now
        if names := sorted(_services_on(target)):
            raise TargetInUse(
                f"Target {target.name!r} cannot be detached while services run on it: {', '.join(names)}.",
                advice="Delete them, or deploy them to another target first.",
            )
        driver, place = _driver_or_none(target), target.place
        connections.wipe(target)
        target.detached, target.available, target.detail = True, False, "Detached."
        target.save(update_fields=["detached", "available", "detail", "sealed_secrets"])
        Package.objects.filter(place=place).delete()
        if not target.revisions.exists():
            target.delete()
    if driver is not None:
        _leave(driver)
        forget(place)


def rbac(*, workspace: Workspace, namespace: str = "") -> str:
    """YAML of an account in `namespace` with exactly what the studio needs there. Raises Invalid."""
    from drivers.kubernetes import permissions

    return permissions.as_yaml(_checked_namespace(namespace or default_namespace(workspace)))


def default_namespace(workspace: Workspace) -> str:
    """One per workspace: `slipway-` and its name, bent to the rule of namespaces."""
    bent = re.sub(r"[^a-z0-9]+", "-", workspace.name.lower()).strip("-")[:48].strip("-")
    if bent == workspace.name:
        return f"slipway-{bent}"
    # Names that differ shall not be bent to the same one.
    return f"slipway-{bent}-{hashlib.sha256(workspace.name.encode()).hexdigest()[:6]}"


def _check_name(name: str) -> None:
    if not _NAME.match(name) or name in _RESERVED:
        why = "is reserved" if name in _RESERVED else "breaks the rule"
        said = (
            "A target's name has 2 to 63 small letters, digits and dashes, starts with a letter and ends with a letter "
            "or digit."
        )
        raise TargetNameInvalid(
            f"{name[:80]!r} cannot be a target's name: it {why}. {said}",
            advice="Choose another name.",
            errors={"name": [said]},
        )


def _exists(name: str) -> TargetExists:
    advice = "Choose another name, or update that one."
    return TargetExists(f"There is a compute target {name!r} already.", advice=advice)


def _check_attached(target: Target) -> None:
    if target.kind in BUILT_IN:
        raise TargetBuiltIn(
            f"Target {target.name!r} is there by itself: it was not attached, and cannot be changed or detached.",
            advice="Attach a Kubernetes cluster to have another one.",
        )


def _connection(asked: Asked) -> "Connection":
    from drivers.kubernetes import Connection

    if asked.in_cluster:
        if asked.kubeconfig:
            raise Invalid("Give a kubeconfig or in-cluster, not both.", advice="Leave one of them out.")
        if not settings.IN_CLUSTER_TARGET:
            raise Invalid(
                "The cluster that the studio runs in cannot be attached by its own account here.",
                advice="Attach it with a kubeconfig; the operator can allow it with SLIPWAY_IN_CLUSTER_TARGET=on.",
            )
        return Connection(in_cluster=True)
    if not asked.kubeconfig:
        raise ConfigInvalid("A kubeconfig is needed to attach a cluster.", advice="Give one with --kubeconfig FILE.")
    return read_kubeconfig(asked.kubeconfig, asked.context or "")


def _store(target: Target, asked: Asked, connection: "Connection", workspace: Workspace) -> None:
    known = target.connection
    namespace = _checked_namespace(asked.namespace or known.get("namespace") or default_namespace(workspace))
    access = asked.access or known.get("access") or WAYS[0]
    if access not in WAYS:
        raise _invalid("access", f"{access[:40]!r} is no way to reach replicas: it can be {', '.join(WAYS)}.")
    if connection.in_cluster and access == "proxy":
        raise _invalid("access", "Inside the cluster replicas are reached at their pods, not through the API server.")
    connections.store(target, connection, _registry(target, asked), namespace=namespace, access=access)


def _checked_namespace(namespace: str) -> str:
    if not _NAMESPACE.match(namespace) or _SYSTEM_NAMESPACES.match(namespace):
        raise _invalid("namespace", f"{namespace[:80]!r} cannot be the namespace of services.")
    return namespace


def _registry(target: Target, asked: Asked) -> "Registry":
    from drivers.kubernetes import Registry

    text = asked.registry or target.connection.get("registry", "")
    if not text:
        raise _invalid("registry", "An image registry is needed: the cluster pulls services' images from it.")
    found = _REGISTRY.match(text)
    if not found or not 0 < int(found["port"] or 443) < 65536 or len(text) > 200:
        said = f"{text[:100]!r} is not a registry's address: write HOST, HOST:PORT or HOST:PORT/PATH."
        raise _invalid("registry", said)
    host, _, prefix = text.partition("/")
    username, password = asked.registry_username, asked.registry_password
    if username is None and password is None and target.connection.get("registry_username"):
        before = _as_refusal(lambda: connections.registry_of(target))
        if before.host == host:  # a password is never sent to another registry than the one it was given for
            username, password = before.username, before.password
    if bool(username) != bool(password):
        raise _invalid("registry_username", "A registry's username and password go together.")
    if username and not _USERNAME.match(username):
        raise _invalid("registry_username", "It holds characters that no registry's username has.")
    if password and (storable(password) != password or len(password) > _MOST_PASSWORD):
        raise _invalid("registry_password", "It holds characters that no password has, or is too long.")
    return Registry(host, prefix, username or "", password or "")


def _invalid(field: str, said: str) -> Invalid:
    return Invalid(said, advice="Correct it and try again.", errors={field: [said]})


def _must_work(target: Target) -> None:
    driver = _as_refusal(lambda: kubernetes_driver(target))
    try:
        report = _as_refusal(driver.test)
    finally:
        driver.close()
    if report.works:
        return
    lacking = [each for each in report.missing if not each.optional]
    problems = [*(str(each) for each in report.problems), *(f"not allowed: {each}" for each in lacking)]
    grant = "Apply the YAML that grants it: `slipway computetarget rbac` prints it, the targets page shows it."
    advice = report.problems[0].advice if report.problems else grant
    raise ClusterUnusable(
        f"The cluster answers ({report.version}), but services could not run on it: {'; '.join(problems)}.",
        advice=advice,
        problems=problems,
    )


def _as_refusal(ask):
    """A driver's error as the refusal that callers of verbs are told."""
    try:
        return ask()
    except errors.ConnectionInvalid as exc:
        raise ConfigInvalid(str(exc), advice=exc.advice) from exc
    except errors.DriverError as exc:
        raise TargetUnavailable(str(exc), advice=exc.advice) from exc


def _workloads(target: Target):
    return Workload.objects.filter(revision__target=target)


def _services_on(target: Target) -> set[str]:
    """Names of those that run there, or are on their way."""
    coming = Deployment.objects.filter(revision__target=target).exclude(status__in=FINAL)
    running = _workloads(target).values_list("revision__service__name", flat=True)
    return {*running, *coming.values_list("revision__service__name", flat=True)}


def _driver_or_none(target: Target):
    try:
        return driver_of(target)
    except errors.DriverError:
        return None  # its credentials cannot be read any more; the cluster keeps what it has


def _leave(driver) -> None:
    try:
        driver.leave(owner())
    except errors.DriverError:
        driver.close()  # a cluster that is gone can be detached too
