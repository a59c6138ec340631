# SPDX-License-Identifier: MIT
"""The pages for operators are true."""

import re

import pages
from daemon import ROOT
from machine import Service


def test_the_commands_of_operating(machine):
    with Service(machine, "coordinated"):
        pages.follow("operating.md", machine)


def test_the_messages_of_troubleshooting_are_those_of_the_programs():
    """A quotation with a blank in it, in the first column, that is no command."""
    page = (ROOT / "docs/troubleshooting.md").read_text()
    quoted = {words for column in re.findall(r"^\|([^|]*)\|", page, re.MULTILINE)
              for words in re.findall(r"`([^`]* [^`]*)`", column)
              if not words.startswith("coordinate ")}
    sources = "\n".join(path.read_text(errors="replace") for folder in ("src", "python/coordinate")
                        for path in (ROOT / folder).rglob("*") if path.is_file())
    assert len(quoted) > 5
    assert [words for words in quoted if words not in sources] == []
