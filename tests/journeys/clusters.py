"""A cluster as an owner of a workspace gets it: an account with exactly the permissions that the studio asks for."""

import base64
import json
import threading
import time
from dataclasses import dataclass

import httpx
import yaml

from tests import a_cluster
from tests.a_cluster import kubectl


@dataclass
class Account:
    """The account that `slipway computetarget rbac` makes in `namespace`."""

    namespace: str

    def grant(self, rbac: str) -> None:
        kubectl("apply", "-f", "-", given=rbac)

    def remove(self) -> None:
        kubectl("delete", "clusterrole,clusterrolebinding", f"slipway-{self.namespace}", "--ignore-not-found")
        kubectl("delete", "namespace", self.namespace, "--ignore-not-found", "--wait=false")

    @property
    def token(self) -> str:
        """Kubernetes fills it in a moment after the secret is made."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = json.loads(kubectl("-n", self.namespace, "get", "secret", "slipway-token", "-o", "json"))
            if token := found.get("data", {}).get("token"):
                return base64.b64decode(token).decode()
            time.sleep(0.1)
        raise AssertionError("the account has no token")

    def revoke(self) -> None:
        """The token is good for nothing from now on."""
        kubectl("-n", self.namespace, "delete", "secret", "slipway-token")

    def kubeconfig(self, server: str = "") -> str:
        admin = yaml.safe_load(a_cluster.kubeconfig().read_text())
        cluster = dict(admin["clusters"][0]["cluster"])
        cluster["server"] = server or cluster["server"]
        return yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "here",
                "contexts": [{"name": "here", "context": {"cluster": "here", "user": "slipway"}}],
                "clusters": [{"name": "here", "cluster": cluster}],
                "users": [{"name": "slipway", "user": {"token": self.token}}],
            }
        )

    def objects(self) -> list[str]:
        """Everything of the studio's in the namespace."""
        kinds = "deployment,replicaset,pod,service,secret,serviceaccount,networkpolicy,hpa,pdb"
        ours = "app.kubernetes.io/managed-by=slipway"
        return kubectl("-n", self.namespace, "get", kinds, "-l", ours, "-o", "name").split()


def eventually(ask, within_s, otherwise=lambda: ""):
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if found := ask():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s: {otherwise()}")


class Caller:
    """Scores without a pause from several threads; counts what came back."""

    def __init__(self, uri: str, data: object = "hello") -> None:
        self.uri, self.body = uri, json.dumps(data)
        self.answers: list[dict] = []
        self.failures: list[str] = []
        self.over = threading.Event()

    def __enter__(self) -> "Caller":
        self.threads = [threading.Thread(target=self._call, daemon=True) for _ in range(4)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(20)

    def _call(self) -> None:
        with httpx.Client(timeout=30, trust_env=False) as client:
            while not self.over.is_set():
                try:
                    answer = client.post(self.uri, content=self.body)
                except httpx.HTTPError as exc:
                    self.failures.append(repr(exc))
                    continue
                if answer.status_code == 200:
                    self.answers.append(answer.json())
                else:
                    self.failures.append(f"{answer.status_code} {answer.text[:200]}")

    def heard(self, key: str) -> set[str]:
        return {answer[key] for answer in list(self.answers)}
