"""The parts of a deployment configuration that only clusters can follow: replicas, probes, places
(Azure ML v1 contract §2.6; `kubernetes` is ours)."""

import re

from deployments.config_files import Section
from deployments.errors import ScaleInvalid
from drivers.scaling import Placement, Probe, Scale

MOST_REPLICAS = 1000
_AUTOSCALER = {"autoscaleEnabled", "minReplicas", "maxReplicas", "refreshPeriodInSeconds", "targetUtilization"}
_PROBE = {"periodSeconds", "initialDelaySeconds", "timeoutSeconds", "successThreshold", "failureThreshold"}
_PLACEMENT = {"nodeSelector", "tolerations", "annotations"}
_TOLERATION = {"key", "operator", "value", "effect", "tolerationSeconds"}
_LABEL_KEY = re.compile(r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\Z")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?\Z")
_MOST_ANNOTATIONS = 64 * 1024
# What Azure's service filled in where a file said nothing.
_AZURE_DEFAULT = Scale(1, 10, 70)


def read_scale(top: Section, compute_type: str, notes: list[str]) -> Scale:
    """One replica unless the file says otherwise, or is one of AKS, whose default is to scale by itself.

    Raises ConfigInvalid for what contradicts itself, as the contract lists it."""
    replicas = top.integer("numReplicas")
    scaler = top.section("autoScaler")
    scaler.check_keys(_AUTOSCALER)
    enabled = scaler.switch("autoscaleEnabled")
    numbers = {key: scaler.integer(key) for key in sorted(_AUTOSCALER - {"autoscaleEnabled"})}
    given = [key for key, value in numbers.items() if value is not None]
    if numbers["refreshPeriodInSeconds"] is not None:
        notes.append("autoScaler.refreshPeriodInSeconds has no effect here: the cluster decides how often it looks.")
    if enabled is False:
        if given:
            raise scaler.refuse(given[0], "is given, but autoscaleEnabled is false", advice="Leave one of them out.")
        if replicas is None:
            raise scaler.refuse("autoscaleEnabled", "is false, and numReplicas is missing", advice="Add numReplicas.")
    if enabled or (given and enabled is None):
        if replicas is not None:
            raise top.refuse("numReplicas", "is given together with autoScaler", advice="Leave one of them out.")
        if enabled is None:
            notes.append("autoScaler is on, since it has settings; autoscaleEnabled says so plainly.")
        return _automatic(scaler, numbers)
    if replicas is None:
        return _AZURE_DEFAULT if compute_type in {"aks", "aksendpoint"} and enabled is None else Scale()
    if replicas > MOST_REPLICAS:
        raise top.refuse("numReplicas", f"is {replicas}; at most {MOST_REPLICAS} are made")
    return Scale(replicas)


def read_asked_scale(replicas: int | None, autoscaler: dict | None) -> Scale:
    """What was asked for by hand: a number, or an autoScaler section. Raises ConfigInvalid, ScaleInvalid."""
    if (replicas is None) == (autoscaler is None):
        raise ScaleInvalid(
            "Say how many replicas, or between how many.", advice="Give replicas or autoscaler, not both."
        )
    if replicas is not None and not 1 <= replicas <= MOST_REPLICAS:
        raise ScaleInvalid(
            f"{replicas} replicas cannot be run.",
            advice=f"Ask for 1 to {MOST_REPLICAS}; delete a service that shall not run.",
            errors={"replicas": [f"It must be 1 to {MOST_REPLICAS}."]},
        )
    values = (
        {"numReplicas": replicas} if replicas is not None else {"autoScaler": {"autoscaleEnabled": True, **autoscaler}}
    )
    return read_scale(Section("Scale", values), "", [])


def _automatic(scaler: Section, numbers: dict[str, int | None]) -> Scale:
    minimum, maximum = numbers["minReplicas"] or 1, numbers["maxReplicas"] or max(10, numbers["minReplicas"] or 1)
    utilization = numbers["targetUtilization"] or 70
    if minimum > maximum:
        raise scaler.refuse("minReplicas", f"is {minimum}, above maxReplicas, which is {maximum}")
    if maximum > MOST_REPLICAS:
        raise scaler.refuse("maxReplicas", f"is {maximum}; at most {MOST_REPLICAS} are made")
    if utilization > 100:
        raise scaler.refuse("targetUtilization", f"is {utilization}, in percent, above 100")
    return Scale(minimum, maximum, utilization)


def read_probe(top: Section, notes: list[str]) -> Probe:
    probe = top.section("livenessProbeRequirements")
    probe.check_keys(_PROBE)
    if probe.integer("successThreshold", 1) != 1:
        notes.append("livenessProbeRequirements.successThreshold has no effect here: Kubernetes takes 1 alone.")
    usual = Probe()
    return Probe(
        period_s=probe.integer("periodSeconds", usual.period_s),
        initial_delay_s=probe.integer("initialDelaySeconds", usual.initial_delay_s),
        timeout_s=probe.integer("timeoutSeconds", usual.timeout_s),
        failures=probe.integer("failureThreshold", usual.failures),
    )


def read_placement(top: Section) -> Placement:
    """`kubernetes: {nodeSelector: {…}, tolerations: […], annotations: {…}}`, as in a pod."""
    section = top.section("kubernetes")
    section.check_keys(_PLACEMENT)
    tolerations = section.values.get("tolerations") or []
    if not isinstance(tolerations, list):
        raise section.refuse("tolerations", "must be a list")
    return Placement(
        node_selector=_labels(section.section("nodeSelector")),
        tolerations=tuple(_toleration(section, number, each) for number, each in enumerate(tolerations)),
        annotations=_annotations(section.section("annotations")),
    )


def _labels(section: Section) -> dict[str, str]:
    for key in section.values:
        value = section.text(key)
        if not _LABEL_KEY.match(str(key)) or not _LABEL_VALUE.match(value or ""):
            raise section.refuse(str(key), f"with {value!r} is not a label that a node can have")
    return {str(key): str(value or "") for key, value in section.values.items()}


def _toleration(section: Section, number: int, given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise section.refuse("tolerations", "must be a list of objects")
    one = Section(section.title, given, section.lines, (*section.path, f"tolerations[{number}]"))
    one.check_keys(_TOLERATION)
    operator, effect = one.text("operator", "Equal"), one.text("effect")
    if operator not in {"Equal", "Exists"}:
        raise one.refuse("operator", f"is {operator!r}: it can be Equal or Exists")
    if effect not in {None, "NoSchedule", "PreferNoSchedule", "NoExecute"}:
        raise one.refuse("effect", f"is {effect!r}: it can be NoSchedule, PreferNoSchedule or NoExecute")
    key, value = one.text("key"), one.text("value")
    if operator == "Equal" and not key:
        raise one.refuse("key", "is missing", advice="Only operator Exists goes without a key.")
    if operator == "Exists" and value:
        raise one.refuse("value", "goes with operator Equal alone")
    if (key and not _LABEL_KEY.match(key)) or not _LABEL_VALUE.match(value or ""):
        raise one.refuse("key", f"{key!r} with {value!r} is not a taint that a node can have")
    seconds = one.integer("tolerationSeconds")
    made = {"key": key, "operator": operator, "value": value, "effect": effect, "tolerationSeconds": seconds}
    return {name: each for name, each in made.items() if each is not None}


def _annotations(section: Section) -> dict[str, str]:
    found = {}
    for key in section.values:
        if not _LABEL_KEY.match(str(key)) or str(key).startswith("slipway.io/"):
            raise section.refuse(str(key), "cannot be an annotation's name here")
        found[str(key)] = section.text(key) or ""
    if sum(len(key) + len(value) for key, value in found.items()) > _MOST_ANNOTATIONS:
        raise section.refuse("annotations", f"hold more than {_MOST_ANNOTATIONS // 1024} kB")
    return found
