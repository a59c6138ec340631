# SPDX-License-Identifier: MIT
"""Work for a machine, and what can be seen of it there."""

import json

WORDS_PY = """
def count(unit):
    unit.data["words"] = len(unit.data["text"].split())
"""
FLOW = """
work_specs:
  count: {min_gb: 0.1, module: words, run_function: count}
work_units:
  count: {one: {text: to be or not to be}, two: {text: that is}}
"""
WORDS_OF_UNITS = {"one": 6, "two": 2}


def add_work(machine):
    """Adds the units; workers find their function in /srv."""
    machine.path("/srv/words.py").write_text(WORDS_PY)
    machine.path("/srv/flow.yaml").write_text(FLOW)
    machine.run("coordinate", "load", "/srv/flow.yaml")


def words_of_units(machine):
    """Maps the names of the units to what the worker found, None where it has not been."""
    lines = machine.run("coordinate", "work-units", "count", "--json", "--details").splitlines()
    return {unit["key"]: unit["data"].get("words") for unit in map(json.loads, lines)}


def ours(machine):
    """All files and folders of the machine that are called after the project."""
    listed = machine.run("find", "/etc", "/home", "/lib", "/opt", "/root", "/usr", "/var", "-xdev",
                         "-path", "/var/cache/apt", "-prune", "-o", "-iname", "*coordinate*", "-print")
    return set(listed.split())
