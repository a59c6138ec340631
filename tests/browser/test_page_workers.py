# SPDX-License-Identifier: MIT
"""The tree of workers."""

from helpers import add, heartbeat, spec, take


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
