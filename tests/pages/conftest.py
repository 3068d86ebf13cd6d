"""A browser that is signed in to the running studio, and models for its pages to show."""

import os
import pickle
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conftest import missing
from tests.pages.screenshots import sign_in
from tests.running import ROOT

CHROMIUM = Path("/usr/bin/chromium")
ICONS = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "vendor" / "icons.svg").read_text()))


# Of a module, not of the session: while it runs there is an event loop in this thread, in which Django refuses to ask
# the database, and tests of other modules do ask it.
@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def done_once() -> dict[str, object]:
    """What one module's browser did for those of the others."""
    return {}


@pytest.fixture(scope="module")
def signed_in(browser: Browser, studio, done_once) -> dict:
    """The cookies of a person who signed in through the form."""
    if "cookies" not in done_once:
        done_once["cookies"] = sign_in(browser, studio.url, studio.username, studio.password)
    return done_once["cookies"]


@pytest.fixture
def open_browser(browser: Browser, studio, signed_in):
    """`open_browser(color_scheme="dark", …)`: another signed-in browser window, on its first page."""
    contexts: list[BrowserContext] = []

    def opened(**options) -> Page:
        context = browser.new_context(storage_state=signed_in, base_url=studio.url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_browser) -> Page:
    """A signed-in browser window; what its pages did wrong fails the test at the end."""
    page = open_browser()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert complaints == []


@pytest.fixture(scope="session")
def register(register_with):
    """`register("digits", {"model.pkl": b"…"}, area="mnist")`: a version made through REST."""

    def registered(name: str, files: dict[str, bytes], **tags: str) -> dict:
        return register_with(name, files, tags=tags)

    return registered


class Registering:
    """`register_with("digits", {"model.pkl": b"…"}, metrics={…}, run_id="…")`, with all that REST takes."""

    def __init__(self, studio) -> None:
        self.api = studio.api

    def __call__(self, name: str, files: dict[str, bytes], **fields) -> dict:
        with self.api() as api:
            upload = api.post("uploads", json={}).json()["id"]
            for path, content in files.items():
                api.put(f"uploads/{upload}/files/{path}", content=content).raise_for_status()
            made = api.post("models", json={"name": name, "upload": upload, **fields})
            assert made.status_code == 201, made.text
            return made.json()


@pytest.fixture(scope="session")
def register_with(studio) -> Registering:
    return Registering(studio)


@pytest.fixture(scope="session")
def shelf(register) -> str:
    """Three models that differ in their tags; no other model has a topic. Returns the name of one with a pickle and
    two versions."""
    register("shelf-digits", {"model.onnx": os.urandom(2000)}, topic="mnist", stage="test")
    register("shelf-scans", {"model.bin": os.urandom(100)}, topic="medicine", stage="production", team="vision lab")
    register("shelf-irises", {"model.pkl": pickle.dumps([1, 2])}, topic="iris")
    register("shelf-irises", {"model.pkl": pickle.dumps([1, 2, 3])}, topic="iris", stage="production")
    return "shelf-irises"


@pytest.fixture(scope="module")
def live_sample(studio, browser: Browser, signed_in, done_once) -> str:
    """The name of the sample service, deployed by its button and live."""
    if "sample" in done_once:
        return done_once["sample"]
    context = browser.new_context(storage_state=signed_in, base_url=studio.url)
    page = context.new_page()
    page.goto(f"/w/{studio.workspace}/models/")
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    answer = page.request.post(f"/w/{studio.workspace}/sample/", form={"csrfmiddlewaretoken": token})
    assert answer.ok, answer.text()
    with studio.api() as api:
        for _ in range(240):
            if api.get("services/iris-sample").json()["state"] == "Healthy":
                break
            page.wait_for_timeout(250)
        else:
            pytest.fail("the sample did not become live in a minute")
    context.close()
    return done_once.setdefault("sample", "iris-sample")


@pytest.fixture(scope="session")
def pipeline():
    data = load_breast_cancer()
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(data.data, data.target)


@pytest.fixture(scope="session")
def breast_cancer(register, pipeline) -> str:
    """The name of a registered scikit-learn pipeline."""
    return register("breast-cancer", {"model.pkl": pickle.dumps(pipeline)}, area="medicine")["name"]


@pytest.fixture
def gone_after(studio):
    """Names of services put in here are deleted when the test is over."""
    names: list[str] = []
    yield names
    with studio.api() as api:
        for name in names:
            api.delete(f"services/{name}")
