"""Attaching a cluster in the browser: what is refused in words, what a test shows, and gone again."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from drivers.kubernetes import permissions
from tests import a_cluster
from tests.journeys.clusters import Account
from tests.journeys.servers import free_port
from tests.pages.axe import faults

TARGETS = "/w/default/targets/"
ATTACH = f"{TARGETS}attach/"


@pytest.fixture(scope="module")
def account():
    """What an owner of a workspace is given of the cluster."""
    a_cluster.required()
    made = Account(f"slipway-pages-{os.getpid()}")
    made.grant(permissions.as_yaml(made.namespace))
    yield made
    made.remove()


@pytest.fixture
def cluster(studio, account):
    """The cluster's name; detached when the test is over."""
    yield "lake"
    with studio.api() as api:
        api.delete("targets/lake")


def fill(page: Page, account: Account, kubeconfig: str, registry: str = a_cluster.REGISTRY) -> None:
    page.get_by_label("Name", exact=True).fill("lake")
    file = {"name": "config", "mimeType": "application/yaml", "buffer": kubeconfig.encode()}
    page.locator("#id_kubeconfig_file").set_input_files(file)
    page.get_by_label("Namespace").fill(account.namespace)
    page.get_by_label("Address").fill(registry)
    page.get_by_role("button", name="Test and attach").click()


def without_faults(open_browser, path: str) -> None:
    page = open_browser(color_scheme="light", reduced_motion="reduce")  # axe itself breaks the content policy
    page.goto(path)
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_is_wrong_is_said_beside_its_field(page, open_browser, account):
    page.goto(TARGETS)
    page.get_by_role("link", name="Attach a cluster").click()
    page.get_by_label("Name", exact=True).fill("Lake")
    page.get_by_role("button", name="Test and attach").click()
    expect(page.locator("#id_kubeconfig-error")).to_contain_text("Choose the file, or paste its text.")
    expect(page.locator("#id_registry-error")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Lake")
    fill(page, account, "apiVersion: v1\nclusters: [\nusers: }")
    expect(page.locator("#id_kubeconfig-error")).to_contain_text("Kubeconfig, line 3, column 8")
    fill(page, account, account.kubeconfig(), registry="https://registry.example")
    expect(page.locator("#id_registry-error")).to_contain_text("is not a registry's address")
    expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    without_faults(open_browser, ATTACH)


def test_a_cluster_that_cannot_be_used_is_refused_in_words(page, account):
    page.goto(ATTACH)
    fill(page, account, account.kubeconfig(f"https://127.0.0.1:{free_port()}"))
    said = page.get_by_role("alert")
    expect(said).to_contain_text("does not answer")
    expect(said).to_contain_text("Check that the cluster runs, and that this machine reaches it.")
    fill(page, account, account.kubeconfig(), registry=f"127.0.0.1:{free_port()}")
    expect(said).to_contain_text("services could not run on it: The registry 127.0.0.1:")
    page.goto(TARGETS)
    expect(page.get_by_role("link", name="lake")).to_have_count(0)


def test_a_cluster_is_attached_tested_changed_and_detached(page, open_browser, account, cluster):
    page.goto(ATTACH)
    fill(page, account, account.kubeconfig())
    expect(page).to_have_url(re.compile(f"{TARGETS}lake/$"))
    expect(page.get_by_role("status").filter(has_text="lake is attached")).to_be_visible()
    expect(page.locator("main")).to_contain_text(account.namespace)
    assert account.token not in page.content()
    page.get_by_role("button", name="Test connection").click()
    report = page.get_by_role("region", name="Connection test")
    expect(report).to_contain_text("Works")
    expect(report).to_contain_text("1 of 1 ready")
    expect(report).to_contain_text("everything that is needed")
    for path in (TARGETS, f"{TARGETS}lake/", f"{TARGETS}lake/update/"):
        without_faults(open_browser, path)

    page.get_by_role("link", name="Change how it is reached").click()
    expect(page.get_by_label("Address")).to_have_value(a_cluster.REGISTRY)
    page.get_by_label("How requests reach replicas").select_option("proxy")
    page.get_by_role("button", name="Test and save").click()
    expect(page.locator("main")).to_contain_text("through the API server")
    page.get_by_role("button", name="Detach").click()
    page.get_by_role("dialog").get_by_role("button", name="Detach").click()
    expect(page.get_by_role("status").filter(has_text="lake is detached")).to_be_visible()
    expect(page.get_by_role("link", name="lake", exact=True)).to_have_count(0)
