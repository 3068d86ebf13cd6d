import hashlib

import pytest
from slipway import again
from slipway.downloads import download
from slipway.errors import ConnectionBroken, DownloadRefused, LocalPathError, SlipwayError


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(again, "WAITS_S", (0.0, 0.0))


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


def test_a_file_that_the_studio_refuses_leaves_nothing_behind(api, fake, model, tmp_path):
    described = model({"a": b"new"})
    fake.on("GET", "/models/m/versions/1/files/(.+)", lambda request, _: request.json({"title": "Damaged"}, 409))
    with pytest.raises(SlipwayError, match="Damaged"):
        download(api, described, tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def test_a_download_that_breaks_off_leaves_what_was_there(api, fake, model, tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    described = model({"a": b"new"})
    fake.on("GET", "/models/m/versions/1/files/(.+)", lambda request, _: request.bytes(b"n", length=3))
    with pytest.raises(ConnectionBroken):
        download(api, described, tmp_path, overwrite=True)
    assert (tmp_path / "a").read_bytes() == b"mine"


CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def torn(fake, model):
    """Serves the file `a`, by ranges as the studio does, but for its first answers, which break off after so many
    bytes each."""
    described = model({"a": CONTENT})
    sha256 = described["files"][0]["sha256"]

    def served(*breaks: int, ranges: bool = True):
        left = list(breaks)

        def send(request, _):
            wanted = request.headers.get("Range", "") if ranges else ""
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            assert not wanted or request.headers["If-Range"] == f'"{sha256}"'
            rest = CONTENT[start:]
            sent = rest[: left.pop(0)] if left else rest
            request.bytes(sent, 206 if wanted else 200, length=len(rest))

        fake.on("GET", "/models/m/versions/1/files/(.+)", send)
        return described

    return served


def ranges_asked(fake) -> list[str | None]:
    return [request.headers.get("Range") for request in fake.requests if request.method == "GET"]


def test_a_download_goes_on_where_it_broke_off(api, fake, torn, tmp_path):
    download(api, torn(1000, 500_000), tmp_path)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert ranges_asked(fake) == [None, "bytes=1000-", "bytes=501000-"]


def test_each_step_forward_gives_new_patience(api, torn, tmp_path):
    download(api, torn(*[1000] * 20), tmp_path)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_studio_that_knows_no_ranges_is_asked_for_the_whole_again(api, fake, torn, tmp_path):
    download(api, torn(1000, ranges=False), tmp_path)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_the_next_command_goes_on_where_the_last_one_gave_up(api, fake, torn, tmp_path):
    with pytest.raises(ConnectionBroken):
        download(api, torn(1000, 0, 0, 0, 0, 0), tmp_path)
    assert not (tmp_path / "a").exists()
    fake.requests.clear()
    download(api, torn(), tmp_path)
    assert (tmp_path / "a").read_bytes() == CONTENT and ranges_asked(fake) == ["bytes=1000-"]
    assert [path.name for path in tmp_path.iterdir() if path.is_file() and path.name != "config.json"] == ["a"]


def test_what_an_earlier_download_left_is_checked_with_the_rest(api, torn, tmp_path):
    described = torn(1000, 0, 0, 0, 0)
    with pytest.raises(ConnectionBroken):
        download(api, described, tmp_path)
    part = next(tmp_path.glob(".a.*.part"))
    part.write_bytes(b"y" * 1000)
    with pytest.raises(ConnectionBroken, match="arrived damaged"):
        download(api, torn(), tmp_path)
    assert not part.exists() and not (tmp_path / "a").exists()
    download(api, torn(), tmp_path)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_a_link_in_the_place_of_what_is_left_is_not_followed(api, torn, tmp_path):
    (tmp_path / "outside").write_bytes(b"mine")
    described = torn()
    part = tmp_path / f".a.{described['files'][0]['sha256'][:16]}.part"
    part.symlink_to(tmp_path / "outside")
    download(api, described, tmp_path)
    assert (tmp_path / "outside").read_bytes() == b"mine" and (tmp_path / "a").read_bytes() == CONTENT
