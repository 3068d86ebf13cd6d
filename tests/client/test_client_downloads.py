import hashlib

import pytest
from slipway.downloads import download
from slipway.errors import ConnectionBroken, DownloadRefused, LocalPathError


@pytest.fixture
def model(fake):
    """Serves `content` by path as model m:1, and returns its JSON."""

    def served(content: dict[str, bytes], **claims):
        def send(request, path):
            request.bytes(content[path])

        fake.on("GET", "/models/m/versions/1/files/(.+)", send)
        files = [
            {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **claims}
            for path, data in content.items()
        ]
        return {"name": "m", "version": 1, "files": files}

    return served


def test_files_arrive_in_their_folders(api, model, tmp_path):
    download(api, model({"m/MLmodel": b"a", "m/data/50% #1.bin": b"b"}), tmp_path / "new/target")
    assert (tmp_path / "new/target/m/MLmodel").read_bytes() == b"a"
    assert (tmp_path / "new/target/m/data/50% #1.bin").read_bytes() == b"b"


def test_a_file_that_is_there_stays_unless_overwriting_was_asked_for(api, model, tmp_path):
    (tmp_path / "b").write_bytes(b"mine")
    with pytest.raises(LocalPathError, match="is there already"):
        download(api, model({"a": b"new", "b": b"new"}), tmp_path)
    assert (tmp_path / "b").read_bytes() == b"mine" and not (tmp_path / "a").exists()
    download(api, model({"a": b"new", "b": b"new"}), tmp_path, overwrite=True)
    assert (tmp_path / "b").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", "a/../../out", "a//b", "", ".", "a\\..\\b", "a\0b"])
def test_a_path_that_leads_out_is_refused_before_anything_is_written(api, model, tmp_path, path):
    target = tmp_path / "target"
    with pytest.raises(DownloadRefused, match="unsafe path"):
        download(api, model({"good": b"x", path: b"x"}), target, overwrite=True)
    assert not target.exists()


def test_a_linked_folder_that_leads_out_is_refused(api, model, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "target").mkdir()
    (tmp_path / "target/m").symlink_to(tmp_path / "outside")
    with pytest.raises(DownloadRefused, match="leads out of the target"):
        download(api, model({"m/a": b"x"}), tmp_path / "target")
    assert list((tmp_path / "outside").iterdir()) == []


def test_overwriting_a_link_replaces_the_link_and_not_what_it_points_to(api, model, tmp_path):
    (tmp_path / "outside").write_bytes(b"mine")
    (tmp_path / "target").mkdir()
    (tmp_path / "target/a").symlink_to(tmp_path / "outside")
    download(api, model({"a": b"new"}), tmp_path / "target", overwrite=True)
    assert (tmp_path / "outside").read_bytes() == b"mine"


@pytest.mark.parametrize("claim", [{"sha256": "0" * 64}, {"size": 99}])
def test_a_damaged_file_is_not_kept(api, model, tmp_path, claim):
    with pytest.raises(ConnectionBroken, match="arrived damaged"):
        download(api, model({"a": b"x"}, **claim), tmp_path)
    assert list(tmp_path.glob("**/*a*part")) == [] and not (tmp_path / "a").exists()


def test_a_download_that_breaks_off_leaves_what_was_there(api, fake, model, tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    described = model({"a": b"new"})
    fake.on("GET", "/models/m/versions/1/files/a", lambda request: request.bytes(b"n", length=3))
    fake.answers.pop(("GET", "/models/m/versions/1/files/(.+)"))
    with pytest.raises(ConnectionBroken):
        download(api, described, tmp_path, overwrite=True)
    assert (tmp_path / "a").read_bytes() == b"mine"
