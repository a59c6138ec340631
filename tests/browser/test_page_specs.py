# SPDX-License-Identifier: MIT
"""Work specs: progress, control values, what holds them back; and a page that is left open."""

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from daemon import Daemon
from helpers import FINISHED, add, heartbeat, spec, take, update
from page import Page


class TestSpecs:
    def test_progress_moves_without_a_reload(self, page, rpc):
        spec(rpc)
        add(rpc, "a", "b", "c", "d")
        page.open()
        panel = page.spec("s")
        page.await_(lambda: page.count(panel, "available") == 4, "4 available units")
        page.run("window.stillHere = true")
        take(rpc, 2)
        update(rpc, {"status": FINISHED, "worker_id": "w"}, "a")
        page.await_(lambda: page.count(panel, "finished") == 1, "a finished unit")
        assert page.count(panel, "pending") == 1 and page.count(panel, "available") == 2
        bar = page.one("svg.bar", within=panel)
        assert page.run("return arguments[0].querySelector('.finished').getAttribute('width')",
                        bar) == "25%"
        assert bar.accessible_name == "25% done"
        page.await_(lambda: "left" in panel.text, "the time that is left")
        assert page.run("return window.stillHere")

    def test_a_spec_that_comes_and_one_that_goes(self, page, rpc):
        spec(rpc, "old")
        page.open()
        page.spec("old")
        spec(rpc, "new")
        page.spec("new")
        rpc.call("del_work_spec", "old")
        page.await_(lambda: not page.all("[data-spec=old]"), "the spec to go")

    def test_pause_and_resume(self, page, rpc, rest):
        spec(rpc)
        add(rpc, "a")
        heartbeat(rpc)
        page.open()
        panel = page.spec("s")
        page.one(".badge", "gives work", panel)
        page.button("Pause s", panel).click()
        page.one(".badge", "paused", panel)
        page.one(".reasons .blocks", "it is paused", panel)
        assert rest.get("/namespace/-/work_spec/s/meta")["paused"] is True
        page.button("Resume s", panel).click()
        page.one(".badge", "gives work", panel)
        assert take(rpc) == ["a"]

    def test_why_there_is_no_work(self, page, rpc):
        spec(rpc, "first", priority=2)
        add(rpc, "u", to="first")
        spec(rpc)
        add(rpc, "u")
        page.open()
        page.one(".reasons .blocks", "first has priority 2 against 0", page.spec("s"))

    def test_weight_and_priority(self, page, rpc, rest):
        spec(rpc)
        page.open()
        page.link("s", page.spec("s")).click()
        page.shows("Work spec s")
        weight = page.one("input[name=weight]")
        page.await_(lambda: weight.get_attribute("value") == "20", "the weight")
        weight.clear()
        weight.send_keys("7")
        priority = page.one("input[name=priority]")
        priority.clear()
        priority.send_keys("-3", Keys.ENTER)
        page.one("#notice", "weight 7, priority -3")
        meta = rest.get("/namespace/-/work_spec/s/meta")
        assert (meta["weight"], meta["priority"]) == (7, -3)

    def test_what_is_being_typed_stays(self, page, rpc, rest):
        spec(rpc)
        page.open()
        page.link("s", page.spec("s")).click()
        weight = page.one("input[name=weight]")
        page.await_(lambda: weight.get_attribute("value") == "20", "the weight")
        weight.send_keys("5")
        rest.put("/namespace/-/work_spec/s/meta", {"weight": 9, "priority": 8})
        page.await_(lambda: page.one("input[name=priority]").get_attribute("value") == "8",
                    "the new priority")
        assert weight.get_attribute("value") == "205"

    def test_namespaces(self, page, rpc, rest):
        spec(rpc)
        add(rpc, "u")
        rest.set_spec("elsewhere", space="other place")
        page.open()
        page.spec("s")
        chooser = page.one("#namespace")
        assert chooser.accessible_name == "Namespace"
        Select(chooser).select_by_visible_text("other place")
        page.spec("elsewhere")
        assert not page.all("[data-spec=s]")
        page.driver.refresh()
        page.spec("elsewhere")

    def test_nothing_yet(self, page):
        page.open()
        page.shows("There is no work spec here yet.")


class TestLive:
    def test_a_daemon_that_goes_and_comes_back(self, driver, tmp_path):
        """Nobody has to reload."""
        file = f"sqlite:{tmp_path / 'work.db'}"
        with Daemon("--http", "127.0.0.1:0", "--backend", file) as daemon:
            host, port = daemon.http_address
            page = Page(driver, f"http://{host}:{port}")
            page.open()
            page.one("#connection", "live")
        page.one("#trouble", "Trying again in")
        page.one("#connection", "not up to date")
        with Daemon("--http", f"{host}:{port}", "--backend", file):
            page.button("Try now").click()
            page.one("#connection", "live")
            page.await_(lambda: not page.one("#main").text == "" and
                        not page.all("#trouble:not([hidden])"), "the trouble to be over")
            driver.get("about:blank")
        driver.get_log("browser")

    def test_a_page_that_nobody_looks_at_asks_nothing(self, page, rpc):
        """The page's timers are the test's."""
        spec(rpc)
        script = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
          window.timers = new Map();
          window.setTimeout = (run) => { timers.set(timers.size + 1, run); return timers.size; };
          window.clearTimeout = (id) => timers.delete(id);
          window.hiddenNow = false;
          Object.defineProperty(document, "hidden", { get: () => window.hiddenNow });
          window.setHidden = (hidden) => {
            window.hiddenNow = hidden;
            document.dispatchEvent(new Event("visibilitychange"));
          };
        """})
        try:
            page.open()
            page.await_(lambda: page.run("return timers.size") == 1, "the next poll to be due")
            page.run("setHidden(true)")
            assert page.run("return timers.size") == 0
            asked = page.run("return performance.getEntriesByType('resource').length")
            page.run("setHidden(false)")
            page.await_(lambda: page.run("return timers.size") == 1, "the next poll to be due")
            assert page.run("return performance.getEntriesByType('resource').length") > asked
        finally:
            page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
