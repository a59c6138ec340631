# SPDX-License-Identifier: MIT
"""docs/grafana/coordinate.json names what /metrics has."""

import json
import re

import pytest

from daemon import ROOT
from helpers import spec as rpc_spec

DASHBOARD = json.loads((ROOT / "docs/grafana/coordinate.json").read_text(encoding="utf-8"))


def expressions(part):
    """Every query in the dashboard."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from expressions(value)
    elif isinstance(part, list):
        for item in part:
            yield from expressions(item)


def names_in(expression):
    return re.findall(r"\b((?:coordinate|process)_\w+)", expression)


@pytest.fixture
def families(rest, rpc):
    """The names of samples of a daemon that has done a little of everything, with their labels."""
    rpc_spec(rpc)
    rest.add(rest.set_spec(), "u")
    rest.post(rest.take(rest.worker())[0]["finish_url"], {})
    found = {}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", rest.ask("GET", "/metrics").body.decode(),
                                   re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r"(\w+)=\"", labels))
    return found


def test_each_name_is_a_metric(families):
    used = {name for expression in expressions(DASHBOARD["panels"]) for name in names_in(expression)}
    assert len(used) > 10
    assert used <= set(families), used - set(families)


def test_each_label_is_one_of_its_metric(families):
    for expression in expressions(DASHBOARD["panels"]):
        known = set().union(*(families[name] for name in names_in(expression))) | {"instance", "job"}
        used = set(re.findall(r"(\w+)(?:=~?|![=~])\"", expression))
        for group in re.findall(r"\bby \(([^)]*)\)", expression):
            used |= {label.strip() for label in group.split(",")}
        assert used <= known, expression


def test_it_can_be_imported():
    assert DASHBOARD["title"] and DASHBOARD["uid"] == "coordinate" and DASHBOARD["id"] is None
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(ids)) == len(ids)
    cells = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    for cell in cells:
        assert cell["x"] + cell["w"] <= 24
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    for panel in DASHBOARD["panels"]:
        assert panel["title"] and panel["datasource"]["uid"] == "${datasource}"
    for used in re.findall(r"\$(\w+)", " ".join(expressions(DASHBOARD["panels"]))):
        assert used in variables or used == "__rate_interval", used
