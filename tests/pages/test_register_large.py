"""Large files and archives in the browser: over lost connections, reloads and a studio that is killed."""

import hashlib
import io
import os
import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pages.screenshots import sign_in
from tests.proxy import Proxy
from tests.running import RunningStudio

FORM = "/w/default/register/"
SIZE = 12_000_000


@pytest.fixture
def weights(tmp_path) -> Path:
    path = tmp_path / "weights.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def form(page: Page) -> Page:
    page.goto(FORM)
    return page


def slow(page: Page, bytes_per_s: int) -> None:
    """Throttled in the browser itself, so that an upload is certainly under way for a while; -1 for not at all."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
    session.send("Network.emulateNetworkConditions", limits)


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Choose files").set_input_files(paths)


def register(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page).to_have_url(re.compile(f"/models/{name}/1/$"), timeout=30_000)


def files(studio, name: str) -> dict[str, str]:
    with studio.api() as api:
        return {file["path"]: file["sha256"] for file in api.get(f"models/{name}/versions/1").json()["files"]}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_large_file_shows_its_speed_and_the_time_left_and_arrives_as_it_was(form, studio, weights):
    slow(form, 4_000_000)
    choose(form, weights)
    expect(form.locator("[data-speed]")).to_have_text(re.compile(r"of 12\.0 MB, .*B/s, \d+ s left"))
    slow(form, -1)
    register(form, "large")
    assert files(studio, "large") == {"weights.bin": sha256(weights)}


def test_an_upload_can_be_paused_and_goes_on_where_it_was(form, studio, weights):
    slow(form, 3_000_000)
    choose(form, weights)
    expect(form.locator("[data-files]")).to_contain_text(re.compile(r"[1-9]\d %"))
    form.get_by_role("button", name="Pause").click()
    expect(form.get_by_text("Paused: 1 file")).to_be_visible()
    expect(form.locator("[data-files]")).to_contain_text("paused at")
    slow(form, -1)
    offsets = sent_from(form)
    form.get_by_role("button", name="Resume").click()
    register(form, "paused")
    assert files(studio, "paused") == {"weights.bin": sha256(weights)}
    assert offsets and min(offsets) > 0


def sent_from(page: Page) -> list[int]:
    """The offsets of what is sent from now on."""
    offsets: list[int] = []

    def heard(request):
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", heard)
    return offsets


def test_a_lost_connection_is_said_and_the_upload_goes_on_when_it_is_back(open_browser, studio, weights):
    with Proxy(studio.port) as proxy:
        page = open_browser()
        page.goto(proxy.url + FORM)
        slow(page, 3_000_000)
        choose(page, weights)
        expect(page.locator("[data-files]")).to_contain_text(re.compile(r"[1-9]\d %"))
        proxy.break_off()
        expect(page.locator("[data-speed]")).to_contain_text("waiting for the connection")
        offsets = sent_from(page)
        proxy.mend()
        slow(page, -1)
        register(page, "lost")
    assert files(studio, "lost") == {"weights.bin": sha256(weights)}
    assert min(offsets) > 0


def test_after_a_reload_the_same_file_goes_on_where_it_was(form, studio, weights, tmp_path):
    small = tmp_path / "notes.txt"
    small.write_text("by hand")
    choose(form, small)
    expect(form.get_by_text("all here")).to_be_visible()
    slow(form, 3_000_000)
    choose(form, weights)
    expect(form.locator("[data-files]")).to_contain_text(re.compile(r"[1-9]\d %"))
    form.reload()
    expect(form.get_by_text("1 of 2 files broke off. Choose it again to go on")).to_be_visible()
    expect(form.get_by_label("Name")).to_have_value("notes")
    form.get_by_role("button", name="Register", exact=True).click()
    expect(form.get_by_role("alert").filter(has_text="did not arrive")).to_be_visible()
    offsets = sent_from(form)
    choose(form, weights)
    register(form, "reloaded")
    assert files(studio, "reloaded") == {"notes.txt": sha256(small), "weights.bin": sha256(weights)}
    assert min(offsets) > 0


def test_another_file_of_the_same_name_after_a_reload_is_not_mixed_with_the_first(form, studio, weights):
    slow(form, 3_000_000)
    choose(form, weights)
    expect(form.locator("[data-files]")).to_contain_text(re.compile(r"[1-9]\d %"))
    form.reload()
    expect(form.get_by_text("broke off")).to_be_visible()
    weights.write_bytes(os.urandom(SIZE))
    os.utime(weights, (1, 1))
    choose(form, weights)
    register(form, "other-file")
    assert files(studio, "other-file") == {"weights.bin": sha256(weights)}


def test_starting_over_after_a_reload_forgets_what_was_there(form, weights):
    slow(form, 3_000_000)
    choose(form, weights)
    expect(form.locator("[data-files]")).to_contain_text(re.compile(r"[1-9]\d %"))
    form.reload()
    form.get_by_role("button", name="Start over").click()
    expect(form.locator("[data-files] li")).to_have_count(0)
    form.reload()
    expect(form.get_by_text("Drop files, a folder or an archive here")).to_be_visible()


def archive_of(path: Path, names: dict[str, bytes]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in names.items():
                packed.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz") as packed:
        for name, content in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return path


MLMODEL = b"flavors: {python_function: {python_version: 3.11.7}}\nmlflow_version: 3.0.0"


@pytest.mark.parametrize("name", ["churn.zip", "churn.tar.gz"])
def test_an_archive_is_unpacked_when_that_is_asked_for(form, tmp_path, name):
    choose(form, archive_of(tmp_path / name, {"churn/MLmodel": MLMODEL, "churn/data/model.bin": b"x"}))
    expect(form.get_by_text("all here")).to_be_visible()
    form.get_by_label(f"Unpack {name}").check()
    expect(form.locator("[data-files] [data-path]")).to_have_text(["churn/MLmodel", "churn/data/model.bin"])
    expect(form.get_by_label("Framework")).to_have_value("MLflow")
    register(form, f"unpacked-{name.replace('.', '-')}")
    expect(form.get_by_role("rowheader")).to_have_text(["churn/MLmodel", "churn/data/model.bin"])


def test_an_archive_is_registered_as_it_is_when_nothing_is_said(form, studio, tmp_path):
    archive = archive_of(tmp_path / "kept.zip", {"a": b"b"})
    choose(form, archive)
    register(form, "kept-zip")
    assert files(studio, "kept-zip") == {"kept.zip": sha256(archive)}


def test_a_hostile_archive_says_what_is_wrong_and_stays_packed(form, tmp_path):
    choose(form, archive_of(tmp_path / "evil.zip", {"../../etc/passwd": b"x"}))
    form.get_by_label("Unpack evil.zip").click()
    expect(form.get_by_role("alert").filter(has_text="'..'")).to_be_visible()
    expect(form.get_by_label("Unpack evil.zip")).not_to_be_checked()
    expect(form.locator("[data-files] [data-path]")).to_have_text(["evil.zip"])


@pytest.fixture
def own_studio(tmp_path):
    running = RunningStudio(tmp_path / "data").start()
    yield running
    running.stop()


def test_a_studio_killed_in_the_middle_of_an_upload_gets_all_of_it(own_studio, browser, weights):
    signed_in = sign_in(browser, own_studio.url, own_studio.username, own_studio.password)
    context = browser.new_context(storage_state=signed_in, base_url=own_studio.url)
    page = context.new_page()
    page.goto(FORM)
    slow(page, 3_000_000)
    choose(page, weights)
    # What was sent in the last second goes with the process.
    expect(page.locator("[data-files]")).to_contain_text(re.compile(r"[3-9]\d %"))
    offsets = sent_from(page)
    own_studio.kill("web")
    expect(page.locator("[data-speed]")).to_contain_text("waiting for the connection")
    slow(page, -1)
    expect(page.get_by_text("all here")).to_be_visible(timeout=60_000)
    register(page, "survivor")
    assert files(own_studio, "survivor") == {"weights.bin": sha256(weights)}
    assert min(offsets) > 0
    context.close()
