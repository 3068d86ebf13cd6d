"""Kubeconfigs as people bring them: what is taken from a good one, and why another is not."""

import base64
import datetime
import json

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deployments.errors import ConfigInvalid
from deployments.kubeconfig import read_kubeconfig

TOKEN = "eyJhbGciOi.a-secret_token.x"
SERVER = "https://10.0.0.10:6443"


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(key: ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> str:
    locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked).decode()


def certificate_of(key: ec.EllipticCurvePrivateKey) -> str:
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")]), datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


KEY = a_key()
AUTHORITY = certificate_of(KEY)
LOGIN = {"client-certificate-data": encoded(AUTHORITY), "client-key-data": encoded(pem_of(KEY))}


def config(cluster: dict | None = None, user: dict | None = None, **changes: object) -> str:
    """One that is good, with other values for the cluster, the user or the whole."""
    cluster = {"server": SERVER, "certificate-authority-data": encoded(AUTHORITY)} if cluster is None else cluster
    top = {
        "apiVersion": "v1",
        "clusters": [{"name": "here", "cluster": cluster}],
        "contexts": [{"name": "prod", "context": {"cluster": "here", "user": "olga"}}],
        "current-context": "prod",
        "users": [{"name": "olga", "user": {"token": TOKEN} if user is None else user}],
    }
    made = {key: value for key, value in (top | changes).items() if value is not None}
    return yaml.safe_dump(made, sort_keys=False, width=10_000)


def refusal(text: str, context: str = "") -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as caught:
        read_kubeconfig(text, context)
    assert caught.value.advice
    assert TOKEN not in f"{caught.value.detail} {caught.value.advice} {caught.value.extras}"
    return caught.value


def test_a_token_and_where_it_is_good_for_are_taken():
    found = read_kubeconfig(config())
    assert (found.server, found.token, found.authority) == (SERVER, TOKEN, AUTHORITY)
    assert (found.certificate, found.key, found.tls_server_name, found.in_cluster) == ("", "", "", False)


def test_a_client_certificate_is_taken_with_its_key():
    found = read_kubeconfig(config(user=LOGIN))
    assert (found.certificate, found.key, found.token) == (AUTHORITY, pem_of(KEY), "")


def test_no_secret_is_shown_by_what_is_printed_of_it():
    for user in ({"token": TOKEN}, LOGIN):
        shown = repr(read_kubeconfig(config(user=user)))
        assert SERVER in shown
        assert not any(secret in shown for secret in (TOKEN, "PRIVATE KEY", pem_of(KEY)))


def test_json_is_as_good():
    assert read_kubeconfig(json.dumps(yaml.safe_load(config()))).token == TOKEN


def test_base64_may_come_in_lines():
    text = encoded(AUTHORITY)
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    assert read_kubeconfig(config({"server": SERVER, "certificate-authority-data": lines})).authority == AUTHORITY


def several(**changes: object) -> str:
    contexts = [
        {"name": "prod", "context": {"cluster": "here", "user": "olga"}},
        {"name": "test", "context": {"cluster": "there", "user": "carl", "namespace": "x"}},
    ]
    clusters = [
        {"name": "here", "cluster": {"server": SERVER}},
        {"name": "there", "cluster": {"server": "https://[fd00::1]:6443/k8s/clusters/c-1/", "tls-server-name": "api"}},
    ]
    users = [{"name": "olga", "user": {"token": TOKEN}}, {"name": "carl", "user": {"token": "carls"}}]
    return config(contexts=contexts, clusters=clusters, users=users, **changes)


def test_the_current_context_is_used_unless_another_is_named():
    assert read_kubeconfig(several()).token == TOKEN
    other = read_kubeconfig(several(), "test")
    assert (other.token, other.server) == ("carls", "https://[fd00::1]:6443/k8s/clusters/c-1")
    assert other.tls_server_name == "api"


def test_what_other_contexts_hold_does_no_harm():
    text = several().replace("token: carls", "exec: {command: /bin/sh}")
    assert read_kubeconfig(text).token == TOKEN
    assert "exec would run a command" in refusal(text, "test").detail


def test_the_only_context_needs_not_be_the_current_one():
    assert read_kubeconfig(config(**{"current-context": None})).token == TOKEN


WHOLE = {
    "empty": ("", "is empty"),
    "blank": (" \n\n", "is empty"),
    "only a comment": ("# kubeconfig", "must be an object, not null"),
    "not YAML": ("clusters: [\nusers: }", "Kubeconfig, line 2, column 8: "),
    "a list": ("- clusters", "must be an object, not a list"),
    "a text": ("hello", "must be an object, not a text"),
    "something else": ("hello: world", "has no clusters; it is not a kubeconfig"),
    "no context at all": (config(contexts=None, **{"current-context": None}), "has no current-context"),
    "a context that is not there": (config(**{"current-context": "gone"}), "has no context called 'gone'"),
    "no list of contexts": (config(contexts={"name": "prod"}), "has no context called 'prod'"),
    "contexts that are none": (config(contexts=[7, None, "prod"]), "has no context called 'prod'"),
    "a cluster that is not there": (config(clusters=[]), "has no cluster called 'here'"),
    "a user that is not there": (config(users=[]), "has no user called 'olga'"),
    "a user that is none": (config(users=[{"name": "olga", "user": "me"}]), "user must be an object, not a text"),
    "a number as the context": (config(**{"current-context": 7}), "current-context must be a text, not a number"),
    "control characters": (config().replace("apiVersion", "api\x07Version"), "holds control characters"),
    "a control character written out": (
        config(user={"token": "x\x00y"}), "Kubeconfig, user olga, line 16: user.token holds control characters"),
    "half a character": (config() + "x: \ud800", "holds control characters"),
    "more than 512 kB": (config() + "#" * 512 * 1024, "is larger than 512 kB"),
    "an alias": ("a: &a [1]\nclusters: *a", "line 2, column 11: aliases (*) cannot be used here"),
    "nested for ever": ("[" * 5000, "cannot be read"),
    "a tag": ("clusters: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WHOLE.values(), ids=WHOLE)
def test_what_is_no_kubeconfig_is_refused_in_words(text, said):
    assert said in refusal(text).detail


def test_a_billion_laughs_are_not_begun():
    rounds = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "aliases" in refusal("\n".join(["l0: &l0 [ha]", *rounds, "clusters: *l9"])).detail


def test_those_that_are_there_are_named_when_one_is_not():
    assert refusal(several(), "gone").advice == "There are: prod, test."
    two = refusal(several(**{"current-context": None}))
    assert (two.detail, two.advice) == (
        "Kubeconfig: has no current-context.", "Name one of its contexts: prod, test."
    )  # fmt: skip


SERVERS = {
    "none": None,
    "no address": "here",
    "plain http": "http://10.0.0.10:6443",
    "a file": "file:///etc/passwd",
    "no host": "https://",
    "a user": "https://olga@10.0.0.10",
    "a password": "https://:hunter2@10.0.0.10",
    "a user that hides the host": "https://10.0.0.10\\@evil.example",
    "a query": "https://10.0.0.10?x=1",
    "a query of nothing": "https://10.0.0.10?",
    "a fragment": "https://10.0.0.10#x",
    "a way up": "https://10.0.0.10/a/../b",
    "a way up, encoded": "https://10.0.0.10/a/%2e%2e/b",
    "a path of slashes": "https://10.0.0.10//evil.example",
    "a space": "https://10.0.0.10 evil.example",
    "port 0": "https://10.0.0.10:0",
    "a port too high": "https://10.0.0.10:65536",
    "a port of letters": "https://10.0.0.10:https",
    "half an address": "https://[::1",
}


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_a_server_that_is_no_https_address_is_refused(server):
    said = refusal(config({"server": server} if server else {"name": "x"})).detail
    assert "cluster.server is " in said and "not an address like https://HOST:PORT" in said
    assert said.startswith("Kubeconfig, cluster here, line 5: " if server else "Kubeconfig, cluster here: ")
    assert "hunter2" not in said


CLUSTERS = {
    "insecure-skip-tls-verify": (True, "lets anybody in between read the credentials"),
    "proxy-url": ("http://proxy:3128", "cannot be used here"),
    "certificate-authority": ("/etc/kubernetes/ca.crt", "names a file, which is not here"),
    "tls-server-name": ("a name", "is not a host's name"),
    "certificate-authority-data": ("%%%", "is not PEM in base64"),
}


@pytest.mark.parametrize(("key", "value", "said"), [(key, *row) for key, row in CLUSTERS.items()], ids=CLUSTERS)
def test_what_a_cluster_may_not_have_is_named_with_its_line(key, value, said):
    found = refusal(config({"server": SERVER, key: value}))
    assert found.detail == f"Kubeconfig, cluster here, line 6: cluster.{key} {said}."
    assert found.extras["errors"] == {f"cluster.{key}": [said]}


COMMAND = "would run a command of this server for everybody here"
FILE = "names a file, which is not here"
GONE = "is a way in that Kubernetes no longer has"
USERS = {
    "exec": ({"exec": {"command": "aws"}}, "exec", COMMAND),
    "exec beside a token": ({"token": TOKEN, "exec": {"command": "aws"}}, "exec", COMMAND),
    "auth-provider": ({"auth-provider": {"name": "gcp"}}, "auth-provider", COMMAND),
    "tokenFile": ({"tokenFile": "/etc/shadow"}, "tokenFile", FILE),
    "client-certificate": ({"client-certificate": "/c.crt"}, "client-certificate", FILE),
    "client-key": (
        {"client-certificate-data": encoded(AUTHORITY), "client-key": "/etc/ssl/private/key"}, "client-key", FILE),
    "username": ({"username": "olga", "password": "x"}, "username", GONE),
    "password": ({"password": "x"}, "password", GONE),
    "token of two lines": ({"token": f"{TOKEN}\nHost: evil"}, "token", "holds control characters"),
    "token with spaces": ({"token": "two words"}, "token", "holds characters that no token has"),
    "token of no letters": ({"token": "tökén"}, "token", "holds characters that no token has"),
    "token without end": ({"token": "x" * 20_000}, "token", "holds characters that no token has"),
    "token that is a number": ({"token": 123456}, "token", "must be a text, not a number"),
    "no base64": ({**LOGIN, "client-key-data": "not base64"}, "client-key-data", "is not PEM in base64"),
    "no letters in base64": (
        {**LOGIN, "client-certificate-data": encoded(b"\xff\x00")}, "client-certificate-data", "is not PEM in base64"),
    "a key with a passphrase": (
        {**LOGIN, "client-key-data": encoded(pem_of(KEY, b"x"))}, "client-key-data", "is locked with a passphrase"),
}  # fmt: skip


@pytest.mark.parametrize(("user", "key", "said"), USERS.values(), ids=USERS)
def test_what_a_user_may_not_have_is_named_with_its_line(user, key, said):
    text = config(user=user)
    line = next(n for n, each in enumerate(text.splitlines(), 1) if each.strip().startswith(f"{key}:"))
    assert refusal(text).detail == f"Kubeconfig, user olga, line {line}: user.{key} {said}."


@pytest.mark.parametrize("user", [{}, {"token": ""}, {"client-certificate-data": encoded(AUTHORITY)}])
def test_a_user_without_a_way_in_is_refused(user):
    assert refusal(config(user=user)).detail.endswith("has neither a token nor a client certificate with its key.")


NO_PAIR = "client-certificate-data and client-key-data are not a certificate and its key."
NO_PAIRS = {
    "somebody else's key": LOGIN | {"client-key-data": encoded(pem_of(a_key()))},
    "no PEM as the key": LOGIN | {"client-key-data": encoded("hello")},
    "no PEM as the certificate": LOGIN | {"client-certificate-data": encoded("hello")},
    "a certificate alone beside a token": {"token": TOKEN, "client-certificate-data": encoded(AUTHORITY)},
}


@pytest.mark.parametrize("user", NO_PAIRS.values(), ids=NO_PAIRS)
def test_a_certificate_and_a_key_that_are_no_pair_are_refused(user):
    assert refusal(config(user=user)).detail == f"Kubeconfig: {NO_PAIR}"


@pytest.mark.parametrize("authority", ["hello", pem_of(KEY), AUTHORITY[:200]], ids=["no PEM", "a key", "half of one"])
def test_an_authority_that_is_no_certificate_is_refused(authority):
    text = config({"server": SERVER, "certificate-authority-data": encoded(authority)})
    assert refusal(text).detail == "Kubeconfig: certificate-authority-data holds no certificate that can be read."
