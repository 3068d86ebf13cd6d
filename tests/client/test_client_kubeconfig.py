"""One context of a kubeconfig, and nothing else of it, goes to the studio."""

import base64
from pathlib import Path

import pytest
import yaml
from slipway.errors import SlipwayError
from slipway.kubeconfig import default_path, one_context


def written(folder: Path, **changes) -> Path:
    """Contexts `here` (the current one) and `there`, each with a cluster and a token of its own."""
    names = ("here", "there")
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": n, "context": {"cluster": f"c-{n}", "user": f"u-{n}"}} for n in names],
        "clusters": [{"name": f"c-{n}", "cluster": {"server": f"https://{n}.example:6443"}} for n in names],
        "users": [{"name": f"u-{n}", "user": {"token": f"secret-of-{n}"}} for n in names],
    }
    folder.mkdir(exist_ok=True)
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(config | changes))
    return path


def test_the_current_context_is_taken_and_no_other_is_told(tmp_path):
    text = one_context(written(tmp_path), None)
    sent = yaml.safe_load(text)
    assert (sent["current-context"], [each["name"] for each in sent["clusters"]]) == ("here", ["c-here"])
    assert sent["users"] == [{"name": "u-here", "user": {"token": "secret-of-here"}}]
    assert "there" not in text


def test_another_context_can_be_named(tmp_path):
    text = one_context(written(tmp_path), "there")
    assert "secret-of-there" in text and "secret-of-here" not in text


def test_files_are_put_in_found_from_where_the_kubeconfig_is(tmp_path):
    users = [{"name": "u-here", "user": {"client-certificate": "crt.pem", "client-key": str(tmp_path / "key.pem")}}]
    clusters = [{"name": "c-here", "cluster": {"server": "https://here.example", "certificate-authority": "../ca.pem"}}]
    path = written(tmp_path / "kube", users=users, clusters=clusters)
    for name, text in (("kube/crt.pem", b"CRT"), ("key.pem", b"KEY"), ("ca.pem", b"CA")):
        (tmp_path / name).write_bytes(text)
    sent = yaml.safe_load(one_context(path, None))
    assert sent["clusters"][0]["cluster"] == {
        "server": "https://here.example",
        "certificate-authority-data": base64.b64encode(b"CA").decode(),
    }
    user = sent["users"][0]["user"]
    assert {key: base64.b64decode(text) for key, text in user.items()} == {
        "client-certificate-data": b"CRT",
        "client-key-data": b"KEY",
    }


def test_what_the_kubeconfig_holds_itself_goes_before_a_file(tmp_path):
    user = {"client-certificate": "gone.pem", "client-certificate-data": "QQ==", "tokenFile": "gone", "token": "t"}
    path = written(tmp_path, users=[{"name": "u-here", "user": user}])
    sent = yaml.safe_load(one_context(path, None))
    assert sent["users"][0]["user"] == {"client-certificate-data": "QQ==", "token": "t"}


def test_a_token_in_a_file_is_put_in(tmp_path):
    path = written(tmp_path, users=[{"name": "u-here", "user": {"tokenFile": "token"}}])
    (tmp_path / "token").write_text("from-a-file\n")
    assert yaml.safe_load(one_context(path, None))["users"][0]["user"] == {"token": "from-a-file"}


@pytest.mark.parametrize(
    ("changes", "context", "said"),
    [
        ({}, "nowhere", "no context called nowhere .* there are here, there"),
        ({"current-context": ""}, None, "no current context .* contexts are here, there .* --context"),
        ({"clusters": []}, None, "no cluster called c-here .* there are none"),
        ({"users": "nonsense"}, None, "no user called u-here"),
        ({"contexts": [{"name": "here", "context": {}}]}, None, "no cluster called None"),
        ({"contexts": None}, "here", "no context called here"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_missing_is_named_with_what_there_is(tmp_path, changes, context, said):
    with pytest.raises(SlipwayError) as caught:
        one_context(written(tmp_path, **changes), context)
    error = caught.value
    words = f"{error} {getattr(error, 'detail', '')} {getattr(error, 'advice', '')}"
    for part in said.split(" .* "):
        assert part in words


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SlipwayError, match="nothing"):
        one_context(tmp_path / "nothing", None)
    path = written(tmp_path, users=[{"name": "u-here", "user": {"client-key": "gone.pem"}}])
    with pytest.raises(SlipwayError, match=r"gone\.pem"):
        one_context(path, None)


def test_what_is_no_kubeconfig_is_an_error_and_not_a_traceback(tmp_path):
    path = tmp_path / "list"
    for text in ("[1, 2]", "just words", "", "a: [", "clusters: {a: b}\ncurrent-context: a"):
        path.write_text(text)
        with pytest.raises(SlipwayError):
            one_context(path, None)


def test_the_default_is_the_first_of_kubeconfig_else_the_homes(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", "/a/config:/b/config")
    assert default_path() == Path("/a/config")
    monkeypatch.delenv("KUBECONFIG")
    assert default_path() == tmp_path / ".kube" / "config"
