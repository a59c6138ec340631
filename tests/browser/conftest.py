# SPDX-License-Identifier: MIT
"""A headless Chromium in front of a daemon, and what every page must keep to."""

import os

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from client import Client
from daemon import Daemon
from page import Page
from rest import Rest

# Collects what the policy has refused, before the page's own scripts run.
WATCH_POLICY = """
  window.violations = [];
  addEventListener("securitypolicyviolation",
    (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    """The browser: one for all tests, without any connection but to this machine."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--hide-scrollbars",
                     "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                     f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH_POLICY})
    yield driver
    driver.quit()


@pytest.fixture
def http_daemon():
    with Daemon("--http", "127.0.0.1:0") as daemon:
        yield daemon


@pytest.fixture
def rest(http_daemon):
    with Rest(http_daemon.http_address) as rest:
        yield rest


@pytest.fixture
def rpc(http_daemon):
    """A CBOR-RPC client, in the namespace with the empty name."""
    with Client(http_daemon.address) as rpc:
        yield rpc


@pytest.fixture
def page(driver, http_daemon):
    """The dashboard of the daemon. When the test is over nothing may have gone wrong in it."""
    driver.get("about:blank")
    driver.get_log("browser")
    page = Page(driver, "http://%s:%d" % http_daemon.http_address)
    page.set_size(*Page.DESKTOP)
    yield page
    assert page.run("return window.violations") in ([], None)
    logged = [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    unexpected = [entry["message"] for entry in logged
                  if not any(text in entry["message"] for text in page.expected_in_log)]
    assert unexpected == []
    driver.get("about:blank")
