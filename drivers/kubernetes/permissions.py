"""What an account must be allowed in a cluster, as one table: what is asked for, what is checked, what is shown."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import yaml

from drivers.kubernetes.cluster import Cluster, Object

ACCOUNT = "slipway"
_MAKE = ("get", "create", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Rule:
    """`why` completes "is needed to". Without an `optional` one everything works, but for what `why` says."""

    group: str
    resource: str
    verbs: tuple[str, ...]
    why: str
    everywhere: bool = False
    optional: bool = False


RULES = (
    Rule("apps", "deployments", (*_MAKE, "list", "watch"), "run services and see their state"),
    Rule("", "services", _MAKE, "give a service's replicas one name"),
    Rule("", "secrets", (*_MAKE, "list"), "hand over environment variables and the registry's password"),
    Rule("", "serviceaccounts", _MAKE, "run pods under an account that may do nothing"),
    Rule("networking.k8s.io", "networkpolicies", _MAKE, "close what nobody needs to reach"),
    Rule("autoscaling", "horizontalpodautoscalers", _MAKE, "add and remove replicas by load"),
    Rule("policy", "poddisruptionbudgets", _MAKE, "keep replicas while nodes are emptied"),
    Rule("", "pods", ("get", "list", "watch", "delete"), "see replicas and end them"),
    Rule("", "pods/log", ("get",), "show what replicas write"),
    Rule("", "pods/proxy", ("get", "create"), "ask replicas for samples and use, score where pods are out of reach"),
    Rule("", "events", ("list", "watch"), "say why a replica does not start"),
    Rule("", "namespaces", ("get", "create", "delete"), "make the namespace, and remove it with the target",
         everywhere=True, optional=True),
    Rule("", "nodes", ("list",), "tell how much room the cluster has", everywhere=True, optional=True),
    Rule("", "pods", ("list",), "tell how much room is left", everywhere=True, optional=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Missing:
    """A verb on a resource that the credentials do not allow."""

    verb: str
    resource: str
    namespace: str
    why: str
    optional: bool

    def __str__(self) -> str:
        where = f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"
        return f"{self.verb} {self.resource} {where}: needed to {self.why}"


def missing(cluster: Cluster, namespace: str) -> list[Missing]:
    """One by one, as the API server itself decides them (SelfSubjectAccessReview)."""
    asked = [(rule, verb) for rule in RULES for verb in rule.verbs]
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda pair: _allowed(cluster, *pair, namespace), asked))
    return [
        Missing(
            verb,
            f"{rule.resource}.{rule.group}" if rule.group else rule.resource,
            "" if rule.everywhere else namespace,
            rule.why,
            rule.optional,
        )
        for (rule, verb), yes in zip(asked, allowed, strict=True)
        if not yes
    ]


def _allowed(cluster: Cluster, rule: Rule, verb: str, namespace: str) -> bool:
    resource, _, subresource = rule.resource.partition("/")
    asked = {"group": rule.group, "resource": resource, "subresource": subresource, "verb": verb}
    if not rule.everywhere:
        asked["namespace"] = namespace
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    answer = cluster.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    return bool(answer["status"].get("allowed"))


def as_yaml(namespace: str) -> str:
    """The namespace, an account in it with exactly what is needed, and a token for that account."""
    documents = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}},
        _named("v1", "ServiceAccount", ACCOUNT, namespace),
        _named("v1", "Secret", f"{ACCOUNT}-token", namespace) | {"type": "kubernetes.io/service-account-token"},
        _role("Role", ACCOUNT, namespace, [rule for rule in RULES if not rule.everywhere]),
        _binding("RoleBinding", ACCOUNT, namespace, namespace),
        _role("ClusterRole", f"{ACCOUNT}-{namespace}", "", [rule for rule in RULES if rule.everywhere]),
        _binding("ClusterRoleBinding", f"{ACCOUNT}-{namespace}", "", namespace),
    ]
    documents[2]["metadata"]["annotations"] = {"kubernetes.io/service-account.name": ACCOUNT}
    return yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=None, width=110)


def _named(version: str, kind: str, name: str, namespace: str) -> Object:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _role(kind: str, name: str, namespace: str, rules: list[Rule]) -> Object:
    granted = [{"apiGroups": [rule.group], "resources": [rule.resource], "verbs": list(rule.verbs)} for rule in rules]
    return _named("rbac.authorization.k8s.io/v1", kind, name, namespace) | {"rules": granted}


def _binding(kind: str, name: str, namespace: str, account_in: str) -> Object:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind.removesuffix("Binding"), "name": name}
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": account_in}
    return _named("rbac.authorization.k8s.io/v1", kind, name, namespace) | {"roleRef": role, "subjects": [subject]}
