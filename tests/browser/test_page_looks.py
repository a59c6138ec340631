# SPDX-License-Identifier: MIT
"""The dashboard on a phone and on a desk. The pictures are for people to look at."""

import urllib.parse

import pytest

from helpers import FAILED, FINISHED, add, heartbeat, spec, take, update
from page import Page

LONG = "nightly-" + "very-long-name-" * 6 + "report"
ERRORS = ["requests.exceptions.ConnectionError: HTTPSConnectionPool(host='archive', port=443): Max "
          "retries exceeded with url: /" + "long/path/" * 8, "ValueError: no such page"]
SPEC = "/namespace/-/work_spec/extract.pages"
# By name: the route, and what is there when it is complete.
VIEWS = {"specs": ("", ".panel.spec .reasons li"), "workers": ("#workers", ".worker"),
         "spec": ("#spec?" + urllib.parse.urlencode({"url": SPEC}), ".groups tbody tr"),
         "unit": ("#unit?" + urllib.parse.urlencode({"url": f"{SPEC}/work_unit/page-0000"}),
                  ".attempts rect")}
# What reaches beyond the right edge of the screen and cannot be scrolled to.
TOO_WIDE = """
  const [width] = arguments;  // a phone's window grows with what is in it
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")].filter((element) =>
    element.getBoundingClientRect().right > width && !element.closest(".scroll, pre"))
    .map((element) => element.tagName + "." + element.className);
"""


@pytest.fixture(autouse=True)
def busy(rpc):
    """Specs of every kind, with units in every status."""
    spec(rpc, "extract.pages", min_gb=1, then="index")
    spec(rpc, "index", disabled=True)
    spec(rpc, LONG, max_running=1)
    add(rpc, *[f"page-{number:04}" for number in range(400)], to="extract.pages")
    add(rpc, ("late", {}, {"delay": 6000}), "now", "next", to=LONG)
    add(rpc, "i1", "i2", to="index")
    heartbeat(rpc, "host-1")
    heartbeat(rpc, "host-1.child-1", "RUN", parent="host-1")
    heartbeat(rpc, "host-2", "IDLE")
    take(rpc, 300, worker="host-1.child-1", work_spec_names=["extract.pages"])
    take(rpc, 1, worker="host-2", work_spec_names=[LONG])
    for number in range(250):
        ends = {"status": FINISHED, "worker_id": "host-1.child-1"}
        if number % 10 == 0:
            ends |= {"status": FAILED, "data": {"traceback": (
                "Traceback (most recent call last):\n  File \"worker.py\", line 12, in run\n"
                f"    fetch(page)\n{ERRORS[number // 10 % 2]}")}}
        assert update(rpc, ends, f"page-{number:04}", "extract.pages") == (True, None)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("device, size", [("desktop", Page.DESKTOP), ("phone", Page.PHONE)])
def test_nothing_is_wider_than_the_screen(page, device, size, dark):
    page.set_size(*size)
    page.set_dark(dark)
    for name, (route, sign) in VIEWS.items():
        page.open(route)
        page.one(sign)
        if name == "spec":
            page.one(".failures summary").click()
        page.await_(lambda: page.run(TOO_WIDE, size[0]) == [],
                    f"{name} to fit: {page.run(TOO_WIDE, size[0])}")
        page.keep_screenshot(f"{name}-{device}-{'dark' if dark else 'light'}")
    page.set_dark(False)
