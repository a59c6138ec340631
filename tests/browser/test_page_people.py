# SPDX-License-Identifier: MIT
"""What people need who use the keyboard or listen, and what nobody may do to them."""

from selenium.webdriver.common.keys import Keys

from daemon import Daemon
from helpers import FAILED, add, heartbeat, spec, take, update
from scenes import counts, fail


NASTY = "<img src=x onerror=window.pwned=1>\"'&{{7*7}}"


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
