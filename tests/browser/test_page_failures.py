# SPDX-License-Identifier: MIT
"""Failures: causes, pages, searches, retries; and the attempts of one unit."""

import pytest
from selenium.webdriver.common.keys import Keys

from helpers import FAILED, add, spec, take, update
from scenes import counts, fail


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
