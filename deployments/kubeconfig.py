"""Kubeconfigs as people bring them: read, and reduced to what reaches one cluster.

Hostile until checked: a kubeconfig may name files and commands, and whatever they name would be this server's."""

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from deployments.config_files import Section, read_config
from deployments.errors import ConfigInvalid

if TYPE_CHECKING:
    from drivers.kubernetes import Connection

TITLE = "Kubeconfig"
_MOST = 512 * 1024
_FLATTEN = "`kubectl config view --raw --minify --flatten` writes one that holds everything itself."
_SERVER = re.compile(r"https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/(?!\.{1,2}(/|\Z))[A-Za-z0-9._~:-]+)*\Z")
_ACCOUNT = "Use an account's token instead: the targets page has the YAML that makes one."


def read_kubeconfig(text: str, context: str = "") -> "Connection":
    """The connection of `context`, or of the current one. Raises ConfigInvalid, naming line and key."""
    from drivers.errors import ConnectionInvalid
    from drivers.kubernetes.connection import Connection, tls_context

    if len(text) > _MOST:
        raise ConfigInvalid(f"{TITLE}: is larger than {_MOST // 1024} kB.", advice=_FLATTEN)
    if not text.strip():
        raise ConfigInvalid(f"{TITLE}: is empty.", advice=_FLATTEN)
    top = read_config(text, title=TITLE)
    if "clusters" not in top.values:
        raise ConfigInvalid(f"{TITLE}: has no clusters; it is not a kubeconfig.", advice=_FLATTEN)
    wanted = context or top.text("current-context") or _only(top)
    top.lines = _lines(yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    named = _named(top, "contexts", "context", wanted)
    cluster = _named(top, "clusters", "cluster", named.text("cluster") or "")
    user = _named(top, "users", "user", named.text("user") or "")
    connection = Connection(server=_server(cluster), authority=_authority(cluster), **_login(user), **_name(cluster))
    try:
        tls_context(connection)
    except ConnectionInvalid as exc:
        raise ConfigInvalid(f"{TITLE}: {exc}", advice=exc.advice) from exc
    return connection


def _only(top: Section) -> str:
    names = _names(top, "contexts")
    if len(names) == 1:
        return names[0]
    raise ConfigInvalid(
        f"{TITLE}: has no current-context.", advice=f"Name one of its contexts: {', '.join(names) or 'it has none'}."
    )


def _names(top: Section, key: str) -> list[str]:
    return [str(each["name"]) for each in _entries(top, key).values() if "name" in each]


def _entries(top: Section, key: str) -> dict[int, dict]:
    """By their number in the list."""
    found = top.values.get(key)
    listed = enumerate(found) if isinstance(found, list) else ()
    return {number: each for number, each in listed if isinstance(each, dict)}


def _named(top: Section, key: str, inner: str, name: str) -> Section:
    """The mapping `inner` of the entry called `name` in the list `key`."""
    found = next(((number, each) for number, each in _entries(top, key).items() if each.get("name") == name), None)
    if found is None:
        there = ", ".join(_names(top, key)) or "none"
        raise ConfigInvalid(f"{TITLE}: has no {inner} called {name!r}.", advice=f"There are: {there}.")
    number, entry = found
    lines = {path[2:]: line for path, line in top.lines.items() if path[:2] == (key, str(number))}
    return Section(f"{TITLE}, {inner} {name}", entry, lines).section(inner)


def _lines(node: yaml.Node, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    """Where every key stands; entries of lists go by their number."""
    if isinstance(node, yaml.MappingNode):
        parts = [(str(key.value), value, key.start_mark.line + 1) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        parts = [(str(number), each, each.start_mark.line + 1) for number, each in enumerate(node.value)]
    else:
        return {}
    lines = {(*path, name): line for name, _, line in parts}
    for name, value, _ in parts:
        lines |= _lines(value, (*path, name))
    return lines


def _server(cluster: Section) -> str:
    server = (cluster.text("server") or "").rstrip("/")
    try:
        sound = _SERVER.match(server) and urlsplit(server).port != 0
    except ValueError:
        sound = False
    if not sound:
        # Not shown as it is: it may hold a password.
        shown = re.sub(r"//.*@", "//…@", server)[:100]
        raise cluster.refuse("server", f"is {shown!r}, not an address like https://HOST:PORT")
    if cluster.values.get("insecure-skip-tls-verify"):
        reason, advice = "lets anybody in between read the credentials", "Use certificate-authority-data instead."
        raise cluster.refuse("insecure-skip-tls-verify", reason, advice=advice)
    if cluster.values.get("proxy-url"):
        advice = "Reach the cluster without a proxy."
        raise cluster.refuse("proxy-url", "cannot be used here", advice=advice)
    return server


def _name(cluster: Section) -> dict[str, str]:
    name = cluster.text("tls-server-name") or ""
    if name and not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", name):
        raise cluster.refuse("tls-server-name", "is not a host's name")
    return {"tls_server_name": name}


def _authority(cluster: Section) -> str:
    if "certificate-authority" in cluster.values and "certificate-authority-data" not in cluster.values:
        raise _file(cluster, "certificate-authority")
    return _decoded(cluster, "certificate-authority-data")


def _login(user: Section) -> dict[str, str]:
    for key in ("exec", "auth-provider"):
        if user.values.get(key):
            raise user.refuse(key, "would run a command of this server for everybody here", advice=_ACCOUNT)
    for key in ("tokenFile", "client-certificate", "client-key"):
        if user.values.get(key) and f"{key}-data" not in user.values and "token" not in user.values:
            raise _file(user, key)
    for key in ("username", "password"):
        if user.values.get(key):
            raise user.refuse(key, "is a way in that Kubernetes no longer has", advice=_ACCOUNT)
    token = user.text("token") or ""
    if token and not re.fullmatch(r"[\x21-\x7e]{1,16384}", token):
        raise user.refuse("token", "holds characters that no token has")
    login = {
        "token": token,
        "certificate": _decoded(user, "client-certificate-data"),
        "key": _decoded(user, "client-key-data"),
    }
    if "ENCRYPTED" in login["certificate"] + login["key"]:
        # OpenSSL would ask for the passphrase at the studio's terminal.
        raise user.refuse("client-key-data", "is locked with a passphrase", advice=_ACCOUNT)
    if not token and not (login["certificate"] and login["key"]):
        raise ConfigInvalid(
            f"{user.title}: has neither a token nor a client certificate with its key.", advice=_ACCOUNT
        )
    return login


def _file(section: Section, key: str) -> ConfigInvalid:
    return section.refuse(key, "names a file, which is not here", advice=_FLATTEN)


def _decoded(section: Section, key: str) -> str:
    value = section.values.get(key)
    text = "".join(value.split()) if isinstance(value, str) else section.text(key)  # base64 comes in lines, too
    if not text:
        return ""
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError) as exc:
        raise section.refuse(key, "is not PEM in base64", advice=_FLATTEN) from exc
