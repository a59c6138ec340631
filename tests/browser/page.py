# SPDX-License-Identifier: MIT
"""What tests do with a page in the browser: look for texts and things to press, as people do."""

import base64

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from daemon import ROOT, eventually

DEADLINE_SECONDS = 20.0
SCREENSHOTS = ROOT / "build/dashboard"


class Page:
    """The dashboard in a browser."""

    DESKTOP = (1280, 900)
    PHONE = (390, 844)

    def __init__(self, driver, address):
        self.driver = driver
        self.address = address
        self.expected_in_log = []  # parts of messages

    def open(self, route=""):
        self.driver.get(f"{self.address}/{route}")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    # --- Looking ---------------------------------------------------------------------------------

    def await_(self, look, what):
        """Waits until `look()` gives something; a page that is being changed is looked at again."""
        def attempt():
            try:
                return look()
            except (NoSuchElementException, StaleElementReferenceException):
                return None

        try:
            return eventually(attempt, what, DEADLINE_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}; the page says:\n{self.text()}") from None

    def all(self, selector, within=None):
        return (within or self.driver).find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector, text=None, within=None):
        """The first element that is shown, of those that the selector selects, with this text."""
        def look():
            return next((element for element in self.all(selector, within)
                         if element.is_displayed() and (text is None or text in element.text)), None)

        return self.await_(look, f"{selector} with {text!r}")

    def button(self, name, within=None):
        """A button by its name, as a screen reader tells it."""
        def look():
            return next((element for element in self.all("button", within)
                         if element.is_displayed() and element.accessible_name == name), None)

        return self.await_(look, f"the button {name!r}")

    def link(self, name, within=None):
        return self.one("a", name, within)

    def spec(self, name):
        """The panel of a work spec."""
        return self.await_(lambda: next((panel for panel in self.all(".panel.spec")
                                         if panel.get_attribute("data-spec") == name), None),
                           f"the panel of {name!r}")

    def count(self, panel, status):
        """A number of a panel."""
        return int(panel.find_element(By.CSS_SELECTOR, f".counts .{status} dd").text.replace(",", ""))

    def text(self):
        return self.run("return document.body.innerText")

    def shows(self, text):
        self.await_(lambda: text in self.text(), repr(text))

    def focused(self):
        return self.driver.switch_to.active_element

    # --- Doing -----------------------------------------------------------------------------------

    def press(self, *keys):
        """Keys, to what has the focus."""
        for key in keys:
            self.focused().send_keys(key)

    def tab_to(self, name):
        """Goes on with the tabulator to what has this name."""
        for _ in range(60):
            self.press(Keys.TAB)
            if self.focused().accessible_name == name:
                return self.focused()
        raise AssertionError(f"the tabulator does not lead to {name!r}")

    def emulate(self, command, **parameters):
        self.driver.execute_cdp_cmd(f"Emulation.{command}", parameters)

    def set_size(self, width, height):
        self.emulate("setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 600)

    def set_dark(self, dark):
        value = "dark" if dark else "light"
        self.emulate("setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": value}])

    def keep_screenshot(self, name):
        """All of the page, however long; written where people can look at it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": {**size, "scale": 1}})
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))
