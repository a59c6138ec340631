# SPDX-License-Identifier: MIT
"""The dashboard in a browser: what people see and do."""

import json

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from daemon import Daemon, eventually
from helpers import FAILED, FINISHED, add, heartbeat, spec, take, update
from page import Page

NASTY = "<img src=x onerror=window.pwned=1>\"'&{{7*7}}"


# What reaches beyond the right edge of the screen and cannot be scrolled to.
TOO_WIDE = """
  const [width] = arguments;  // a phone's window grows with what is in it
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((element) =>
    element.getBoundingClientRect().right > width && !element.closest(".scroll, pre"))
    .map((element) => element.tagName + "." + element.className);
"""


def fail(rpc, *names, name="s", traceback="Traceback\n  in f\nBoom: 1"):
    """Adds units, takes them and fails them."""
    add(rpc, *names, to=name)
    take(rpc, len(names), work_spec_names=[name])
    for key in names:
        assert update(rpc, {"status": FAILED, "data": {"traceback": traceback}, "worker_id": "w"},
                      key, name) == (True, None)


def counts(rest, name="s"):
    return rest.get(f"/namespace/-/work_spec/{name}/counts")


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


class TestFailures:
    def test_one_is_opened_and_tried_again(self, page, rpc, rest):
        spec(rpc)
        fail(rpc, "a", "b")
        page.open()
        page.link("Failures", page.spec("s")).click()
        page.one(".failures summary", "a").click()
        page.one(".failures pre", "in f")
        page.button("Retry a").click()
        page.one("#notice", "a is tried again")
        assert counts(rest) == {"available": 1, "failed": 1}
        assert page.focused().tag_name == "summary"

    def test_groups(self, page, rpc, rest):
        spec(rpc)
        fail(rpc, "a", "b", "c")
        fail(rpc, "d", traceback="x\nBang")
        page.open()
        page.link("Failures", page.spec("s")).click()
        rows = page.await_(lambda: len(page.all(".groups tbody tr")) == 2
                           and page.all(".groups tbody tr"), "two groups")
        assert [row.text.split("\n")[0].split()[:2] for row in rows] == [["3", "Boom:"], ["1", "Bang"]]
        page.button("Show the units that failed with Bang").click()
        page.await_(lambda: [item.text.split()[0] for item in page.all(".failures summary")] == ["d"],
                    "the unit of the group alone")
        page.button("Retry the units that failed with Boom: 1").click()
        page.button("Retry them", page.one("dialog")).click()
        page.one("#notice", "3 units are tried again")
        assert counts(rest) == {"available": 3, "failed": 1}

    def test_all_after_a_question(self, page, rpc, rest):
        spec(rpc)
        fail(rpc, "a", "b")
        page.open()
        page.link("Failures", page.spec("s")).click()
        page.button("Retry all failed").click()
        dialog = page.one("dialog", "all 2 failed units")
        page.press(Keys.ESCAPE)
        page.await_(lambda: not page.all("dialog"), "the question to go")
        assert counts(rest) == {"failed": 2} and dialog
        page.button("Retry all failed").click()
        page.button("Retry all", page.one("dialog")).click()
        page.one("#notice", "2 units are tried again")
        assert counts(rest) == {"available": 2}

    def test_search(self, page, rpc):
        spec(rpc)
        fail(rpc, "apple", "pear", traceback="in orchard\nBoom")
        fail(rpc, "plum", traceback="in garden\nBoom")
        page.open()
        page.link("Failures", page.spec("s")).click()
        field = page.one("#failure-search")
        assert field.accessible_name == "Search names and tracebacks"
        for text, found in (("garden", ["plum"]), ("appl", ["apple"]), ("nothing like it", [])):
            field.clear()
            field.send_keys(text, Keys.ENTER)
            page.one("section [role=status]", f"{len(found)} found among 3 looked at")
            assert [item.text.split()[0] for item in page.all(".failures summary")] == found

    def test_pages(self, page, rpc):
        spec(rpc)
        names = [f"u{number:03}" for number in range(120)]
        fail(rpc, *names)
        page.open()
        page.link("Failures", page.spec("s")).click()
        seen = []
        for size in (50, 50, 20):
            page.await_(lambda: len(page.all(".failures li")) == size and
                        page.all(".failures summary")[0].text.split()[0] not in seen,
                        f"a page of {size} units")
            seen += [item.text.split()[0] for item in page.all(".failures summary")]
            if size == 50:
                page.button("Next page").click()
        assert seen == names
        page.button("First page").click()
        page.one(".failures summary", "u000")


class TestUnit:
    def test_its_attempts(self, page, rpc, rest):
        spec(rpc)
        add(rpc, ("u", {"k": [1, "two"]}))
        take(rpc, worker="w1")
        update(rpc, {"status": 1, "worker_id": "w1"})
        take(rpc, worker="w2")
        update(rpc, {"status": FAILED, "data": {"traceback": "Boom"}, "worker_id": "w2"})
        page.open("#unit?url=%2Fnamespace%2F-%2Fwork_spec%2Fs%2Fwork_unit%2Fu")
        page.shows("Work unit u")
        rows = page.await_(lambda: page.all(".attempts tbody tr"), "the attempts")
        assert ["failed" in rows[0].text, "w2" in rows[0].text, "w1" in rows[1].text] == [True] * 3
        bars = [page.one("rect", within=row) for row in rows]
        left = [float(bar.get_attribute("x").rstrip("%")) for bar in bars]
        assert left[0] >= left[1] == 0
        page.one("summary", "Traceback", rows[0]).click()
        page.one("pre", "Boom", rows[0])
        page.button("Retry").click()
        page.one(".badge", "available")
        assert counts(rest) == {"available": 1}

    @pytest.mark.parametrize("url", ["https://evil.example/x", "//evil.example/x", "javascript:1", ""])
    def test_an_address_of_another_site_is_not_asked(self, page, rpc, url):
        spec(rpc)
        page.open("#unit?" + f"url={url}".replace(":", "%3A").replace("/", "%2F"))
        page.one("#trouble", "no URL of this daemon")


class TestWorkers:
    def test_the_tree(self, page, rpc):
        spec(rpc)
        add(rpc, "held")
        heartbeat(rpc, "parent")
        heartbeat(rpc, "child", "IDLE", parent="parent")
        take(rpc, worker="child")
        page.open()
        page.link("Workers").click()
        child = page.one("[data-worker=parent] [data-worker=child]")
        assert "live" in child.text and "IDLE" in child.text and "last seen" in child.text
        page.button("What child holds", child).click()
        page.link("held", child).click()
        page.shows("Work unit held")

    def test_parents_in_a_circle(self, page, rpc):
        for name, parent in (("a", "b"), ("b", "a"), ("c", "b"), ("d", "gone")):
            heartbeat(rpc, name, parent=parent)
        page.open("#workers")
        page.shows("4 of 5 are live")  # the one that is gone was never heard of
        for name in "abcd":
            assert len(page.all(f"[data-worker={name}]")) == 1


class TestTexts:
    def test_what_looks_like_markup_is_text(self, page, rpc):
        spec(rpc, NASTY, then=NASTY + "2")
        heartbeat(rpc, NASTY, NASTY)
        add(rpc, NASTY, to=NASTY)
        take(rpc, worker=NASTY)
        update(rpc, {"status": FAILED, "data": {"traceback": NASTY, NASTY: NASTY},
                     "worker_id": NASTY}, NASTY, NASTY)
        page.open()
        panel = page.spec(NASTY)
        page.one(".reasons li", NASTY + "2", panel)
        page.link("Failures", panel).click()
        page.one(".groups .error", NASTY)
        summary = page.one(".failures summary", NASTY)
        summary.click()
        page.one(".failures pre", NASTY)
        page.link("Attempts and data").click()
        page.one("h2", f"Work unit {NASTY}")
        page.link("Workers").click()
        page.one("[data-worker] strong", NASTY)
        assert page.run("return window.pwned") is None and not page.all("img")

    def test_names_that_are_no_text(self, page, rpc):
        spec(rpc)
        fail(rpc, b"\xff\xfe", b"")
        page.open()
        page.link("Failures", page.spec("s")).click()
        page.one(".failures summary", "(empty name)")
        page.one(".failures summary", "base64://4=").click()
        page.button("Retry base64://4=").click()
        page.one("#notice", "base64://4= is tried again")


class TestKeyboard:
    def test_all_can_be_reached(self, page, rpc, rest):
        spec(rpc)
        fail(rpc, "a")
        page.open()
        page.button("Pause s")
        page.run("document.activeElement.blur()")
        page.tab_to("Skip to the content")
        page.press(Keys.ENTER)
        page.tab_to("Pause s")
        page.press(Keys.ENTER)
        page.button("Resume s")
        assert rest.get("/namespace/-/work_spec/s/meta")["paused"] is True
        page.tab_to("Failures")
        page.press(Keys.ENTER)
        page.shows("Work spec s")
        assert page.focused().tag_name == "main"
        page.one(".failures summary")
        page.tab_to("Retry all failed")
        page.press(Keys.ENTER)
        page.one("dialog")
        assert page.focused().accessible_name == "Cancel"
        page.press(Keys.ESCAPE)

    def test_polling_does_not_take_the_focus(self, page, rpc):
        spec(rpc)
        add(rpc, "a")
        page.open()
        button = page.button("Pause s")
        page.run("arguments[0].focus()", button)
        spec(rpc, "a")  # its panel comes before the other
        add(rpc, "b")
        page.await_(lambda: page.count(page.spec("s"), "available") == 2, "the next count")
        page.spec("a")
        assert page.focused() == button

    def test_everything_has_a_name(self, page, rpc):
        spec(rpc)
        fail(rpc, "a")
        heartbeat(rpc)
        for route, sign in (("", ".panel.spec button"), ("#workers", ".worker button"),
                            ("#spec?url=%2Fnamespace%2F-%2Fwork_spec%2Fs", ".failures summary")):
            page.open(route)
            page.one(sign)
            for element in page.all("button, a, input, select, svg[role=img], table, summary"):
                if page.run("return arguments[0].checkVisibility()", element):
                    assert element.accessible_name, element.get_attribute("outerHTML")
            assert len(page.all("h1")) == len(page.all("main")) == len(page.all("h2")) == 1


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


class TestOtherSites:
    def test_a_page_of_another_origin_changes_nothing(self, page, rest, rpc, http_daemon):
        """Another port of this machine is the same site, and another origin."""
        spec(rpc)
        add(rpc, "u")
        with Daemon("--http", "127.0.0.1:0") as other:
            page.driver.get("http://%s:%d/healthz" % other.http_address)
            done = page.driver.execute_async_script("""
              const [address, done] = arguments;
              const attempts = [
                fetch(`${address}/namespace/made`, { mode: "no-cors" }),
                fetch(`${address}/namespace/-/work_spec/s/retry`, { method: "POST", mode: "no-cors" }),
                fetch(`${address}/namespace/-/work_spec/s/meta`, { method: "PUT", body: "{}" }),
                fetch(`${address}/namespace`),
              ];
              Promise.allSettled(attempts).then((all) => done(all.map(
                (one) => one.value?.type ?? "refused")));
            """, "http://%s:%d" % http_daemon.http_address)
            page.driver.get("about:blank")
        # What the page may send without being asked, it cannot read.
        assert done == ["opaque", "opaque", "refused", "refused"]
        assert [one["name"] for one in rest.get("/namespace")["namespaces"]] == [""]
        assert counts(rest) == {"available": 1}
        page.expected_in_log = ["403", "CORS", "ERR_FAILED", "favicon"]


def test_it_fits_on_a_phone_and_on_a_desk(page, rpc):
    """Nothing is wider than the screen; the pictures are for people to look at."""
    spec(rpc, "extract.pages", min_gb=1, then="index")
    spec(rpc, "index", disabled=True)
    spec(rpc, "nightly-" + "very-long-name-" * 6 + "report", max_running=1)
    add(rpc, *[f"page-{number:04}" for number in range(400)], to="extract.pages")
    add(rpc, ("late", {}, {"delay": 6000}), "now", "next", to="nightly-" + "very-long-name-" * 6 + "report")
    add(rpc, "i1", "i2", to="index")
    heartbeat(rpc, "host-1", data={"hostname": "host-1"})
    heartbeat(rpc, "host-1.child-1", "RUN", parent="host-1")
    heartbeat(rpc, "host-2", "IDLE")
    page.open()
    page.spec("extract.pages")
    take(rpc, 300, worker="host-1.child-1", work_spec_names=["extract.pages"])
    take(rpc, 1, worker="host-2", work_spec_names=["nightly-" + "very-long-name-" * 6 + "report"])
    for number in range(250):
        ends = {"status": FINISHED}
        if number % 10 == 0:
            kind = "ValueError: no such page" if number % 20 else (
                "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='archive', port=443): "
                "Max retries exceeded with url: /" + "long/path/" * 8)
            ends = {"status": FAILED, "data": {"traceback": (
                "Traceback (most recent call last):\n  File \"worker.py\", line 12, in run\n"
                f"    fetch(page)\n{kind}")}}
        update(rpc, {**ends, "worker_id": "host-1.child-1"}, f"page-{number:04}", "extract.pages")
    page.await_(lambda: page.count(page.spec("extract.pages"), "failed") == 25, "the failures")
    spec_url = json.dumps("/namespace/-/work_spec/extract.pages")
    encoded = page.run(f"return encodeURIComponent({spec_url})")
    unit = page.run(f"return encodeURIComponent({spec_url} + '/work_unit/page-0000')")
    views = {"specs": ("", ".panel.spec .reasons li"), "workers": ("#workers", ".worker"),
             "spec": (f"#spec?url={encoded}", ".failures summary"),
             "unit": (f"#unit?url={unit}", ".attempts rect")}
    for size, (width, height) in {"desktop": Page.DESKTOP, "phone": Page.PHONE}.items():
        for dark in (False, True):
            page.set_size(width, height)
            page.set_dark(dark)
            for name, (route, sign) in views.items():
                page.open(route)
                page.one(sign)
                if name == "spec":
                    page.one(".groups tbody tr")
                    page.one(".failures summary").click()
                # Whoever is too wide is named.
                page.await_(lambda: page.run(TOO_WIDE, width) == [],
                            f"{name} to fit on a {size}: {page.run(TOO_WIDE, width)}")
                page.keep_screenshot(f"{name}-{size}{'-dark' if dark else ''}")
    page.set_dark(False)
