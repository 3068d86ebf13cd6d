import os

import pytest
from slipway import again, files
from slipway.errors import ApiError, LocalPathError, UploadBroken
from slipway.uploads import uploaded


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(again, "WAITS_S", (0.0, 0.0))


def write(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def paths(found):
    return [file.path for file in found]


def test_a_single_file_keeps_its_name_only(tmp_path):
    assert paths(files.model_files(write(tmp_path / "deep/model.pkl"))) == ["model.pkl"]


def test_a_folder_keeps_its_own_name_and_everything_below(tmp_path):
    for name in ("MLmodel", "data/model.pkl", ".hidden", "__pycache__/x.pyc"):
        write(tmp_path / "mymodel" / name)
    assert paths(files.model_files(tmp_path / "mymodel")) == [
        "mymodel/.hidden",
        "mymodel/MLmodel",
        "mymodel/__pycache__/x.pyc",
        "mymodel/data/model.pkl",
    ]


def test_the_current_directory_is_uploaded_under_its_real_name(tmp_path, monkeypatch):
    write(tmp_path / "mymodel/a")
    monkeypatch.chdir(tmp_path / "mymodel")
    assert paths(files.model_files(files.Path("."))) == ["mymodel/a"]


def test_a_source_directory_leaves_out_version_control_and_bytecode_only(tmp_path):
    for name in ("score.py", ".git/config", "__pycache__/score.pyc", ".gitignore", ".venv/x"):
        write(tmp_path / "src" / name)
    assert paths(files.source_files(tmp_path / "src")) == ["src/.gitignore", "src/score.py", "src/.venv/x"]


def test_links_are_followed_but_not_in_circles(tmp_path):
    write(tmp_path / "cache/blob")
    model = tmp_path / "model"
    write(model / "a")
    (model / "linked").symlink_to(tmp_path / "cache")
    (model / "circle").symlink_to(model)
    assert paths(files.model_files(model)) == ["model/a", "model/linked/blob"]


def test_what_is_neither_file_nor_folder_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LocalPathError, match="is neither"):
        files.model_files(tmp_path / "pipe")


def test_a_missing_path_and_an_empty_folder_are_told_apart(tmp_path):
    with pytest.raises(LocalPathError, match="no such file"):
        files.model_files(tmp_path / "nothing")
    with pytest.raises(LocalPathError, match="holds no files"):
        files.model_files(tmp_path)


def test_the_bytes_arrive_under_their_names(fake, api, tmp_path):
    content = os.urandom(3_000_000)
    write(tmp_path / "m/a b#?%.bin", content)
    write(tmp_path / "m/empty", b"")
    with uploaded(api, files.model_files(tmp_path / "m")) as upload:
        assert fake.uploads[upload] == {"m/a b#?%.bin": content, "m/empty": b""}
    assert upload in fake.uploads  # what became of it is the studio's business now
    assert "Transfer-Encoding" not in fake.requests[1].headers


@pytest.fixture
def sent(api, tmp_path):
    """Sends one file of 8 MB."""

    def send():
        with uploaded(api, files.model_files(write(tmp_path / "model.pkl", bytes(8_000_000)))):
            pass

    return send


def test_an_upload_that_breaks_off_says_how_far_it_came_and_is_taken_back(fake, sent):
    def half(request, *_):
        request.handler.rfile.read(1_000_000)
        request.cut()

    fake.on("PUT", "/uploads/(.+?)/files/(.+)", half)
    with pytest.raises(UploadBroken, match=r"model.pkl broke off: .* of 8.0 MB were sent"):
        sent()
    assert fake.uploads == {}


def test_an_upload_given_up_on_says_what_the_studio_said_last(fake, sent):
    refusal = {"title": "The store of files cannot be used", "detail": "Bucket 'm' is gone.", "advice": "Ask Ana."}
    fake.on("PUT", "/uploads/(.+?)/files/(.+)", lambda request, *_: request.json({"status": 503, **refusal}, 503))
    with pytest.raises(UploadBroken, match=r"nothing was registered\. .*cannot be used: Bucket 'm' is gone") as refused:
        sent()
    assert refused.value.advice == "Ask Ana."


def test_a_small_file_that_broke_off_is_sent_again(fake, sent):
    receive, broken = fake.answers["PUT", "/uploads/(.+?)/files/(.+)"], []

    def first_broken(request, *parts):
        if not broken:
            broken.append(request)
            return request.cut()
        return receive(request, *parts)

    fake.on("PUT", "/uploads/(.+?)/files/(.+)", first_broken)
    sent()
    assert broken and fake.uploads["u1"] == {"model.pkl": bytes(8_000_000)}


def test_damage_on_the_way_is_noticed(fake, sent):
    fake.on("PUT", "/uploads/(.+?)/files/(.+)", lambda request, *_: request.json({"sha256": "0" * 64}, 201))
    with pytest.raises(UploadBroken, match="checksum differs"):
        sent()
    assert fake.uploads == {}


def test_a_refusal_in_the_middle_of_an_upload_is_the_error_told(fake, sent):
    def full(request, *_):
        request.handler.rfile.read(1_000_000)
        request._body = b""
        request.json({"title": "The studio's disk is full", "status": 507}, 507)
        request.handler.rfile.read(request.length - 1_000_000)  # a server that hangs up at once loses its answer

    fake.on("PUT", "/uploads/(.+?)/files/(.+)", full)
    with pytest.raises(ApiError, match="disk is full"):
        sent()


def test_a_file_that_grows_while_it_is_sent_is_refused(fake, api, tmp_path):
    path = write(tmp_path / "model.pkl", b"12345")
    found = files.model_files(path)
    path.write_bytes(b"1234567")
    with pytest.raises(LocalPathError, match="changed while it was being sent"), uploaded(api, found):
        pass
    assert fake.uploads == {}


def test_an_upload_is_taken_back_when_the_person_interrupts(fake, api, tmp_path):
    with pytest.raises(KeyboardInterrupt), uploaded(api, files.model_files(write(tmp_path / "a"))):
        raise KeyboardInterrupt
    assert fake.uploads == {}
