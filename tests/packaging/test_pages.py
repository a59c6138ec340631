# SPDX-License-Identifier: MIT
"""The pages for operators are true."""

import re

import pages
from daemon import ROOT


def test_the_commands_of_operating(machine):
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


def test_no_script_is_unused():
    """Each is called by something: the Makefile, the build, another script."""
    folders = ("scripts", "packaging")
    scripts = [path for folder in folders for path in (ROOT / folder).iterdir()
               if path.stat().st_mode & 0o111 or path.is_dir()]
    callers = [ROOT / "Makefile", *(ROOT / "cmake").iterdir(), ROOT / "packaging/Dockerfile",
               *(path for path in scripts if path.is_file())]
    for script in scripts:
        text = "".join(path.read_text() for path in callers if path != script)
        assert re.search(rf"(scripts|packaging)\S*/{script.name}\b", text), script
