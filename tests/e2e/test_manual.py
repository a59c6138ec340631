# SPDX-License-Identifier: MIT
"""Manual pages and completion, which the build makes from what the programs say to --help."""

import os
import re
import subprocess

import pytest

from daemon import BIN_DIR, run
from helpers import add, spec
from terminal import Terminal

SHARE = BIN_DIR.parent / "share"
PAGES = {"coordinate": 1, "coordbench": 1, "coordinated": 8}


def help_of(*command):
    done = run(*command, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands_of(program):
    _, _, listed = help_of(program).partition("\nSubcommands:\n")
    return re.findall(r"^  (\S+)", listed.partition("\n\n")[0], re.MULTILINE)


def shown(program):
    """Formats the page as `man` does; fails on any warning."""
    page = SHARE / "man" / f"man{PAGES[program]}" / f"{program}.{PAGES[program]}"
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=200n", page],
                          capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("program", PAGES)
class TestPages:
    def test_man_has_no_warnings(self, program):
        page = SHARE / "man" / f"man{PAGES[program]}" / f"{program}.{PAGES[program]}"
        done = subprocess.run(["man", "--warnings", "-l", page], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "MANPAGER": "cat"},
                              check=True)
        assert done.stderr == "" and program in done.stdout

    def test_has_every_command_and_option(self, program):
        page = shown(program)
        for command in ["", *commands_of(program)]:
            text = help_of(program, *command.split())
            assert not command or re.search(rf"^ +{command}\b", page, re.MULTILINE), command
            for option in re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE):
                assert re.search(rf"^ +(-\w, )?(--[\w-]+, )?{option}\b", page,
                                 re.MULTILINE), (command, option)

    def test_begins_as_pages_do(self, program):
        headings = re.findall(r"^[A-Z][A-Z ]+$", shown(program), re.MULTILINE)
        assert headings[:4] == ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS"]
        assert headings[-1] == "SEE ALSO"
        assert re.search(rf"^ +{program} - [a-z]", shown(program), re.MULTILINE)


def test_examples_can_be_pasted():
    """Nothing in them has been turned into typography, which a shell does not know."""
    page = shown("coordinate")
    assert "work-units wordcount --json --limit 0 | jq -r 'select(.status == \"failed\").key'" in page
    assert "until coordinate ping >/dev/null 2>&1; do sleep 1; done" in page


@pytest.fixture
def shell(plain_daemon, tmp_path):
    """An interactive bash that has loaded the completion of all three."""
    env = {"PATH": f"{BIN_DIR}:{os.environ['PATH']}", "PS1": "ready> ",
           "COORDINATE_ADDRESS": plain_daemon.address_text}
    with Terminal("bash", "--norc", "--noprofile", "-i", env=env, cwd=tmp_path,
                  columns=200) as bash:
        bash.wait_for("ready> ")
        for program in PAGES:
            bash.type(f". {SHARE}/bash-completion/completions/{program} && echo lo''aded\n")
            bash.wait_for("loaded\r\nready> ")
        yield bash


class TestCompletion:
    """What the shell makes of a line and a tabulator."""

    @pytest.mark.parametrize("typed, completed", [
        ("coordinate summ", "ary "), ("coordinate work-unit s --js", "on "),
        ("coordinate --addr", "ess "), ("coordinate summary --wat", "ch "),
        ("coordinate load --format=jsonl --on", "ly-new "), ("coordinate addwork s --fo", "rmat "),
        ("coordinate load --format nu", "l "), ("coordinate load --format=nu", "l "),
        ("coordinate work-units s --status fin", "ished "),
        ("coordinate work-units s -s del", "ayed "), ("coordinate flow fl", "ow.yaml "),
        ("coordinate -c fl", "ow.yaml "), ("coordinate work --spec s -- mapfi", "le "),
        ("coordinate work --spec s -- cat fl", "ow.yaml "),
        ("coordinate explain spec-of", "-this-test "), ("coordinate wait other spec-of", "-this-test "),
        ("coordinate work --spec spec-of", "-this-test "), ("coordbench cyc", "le "),
        ("coordbench mixed --veri", "fy "), ("coordbench ping --method get", "_summary "),
        ("coordinated --log-lev", "el "), ("coordinated --log-level deb", "ug "),
        ("coordinated --settings fl", "ow.yaml ")])
    def test_completes(self, shell, rpc, tmp_path, typed, completed):
        spec(rpc, "spec-of-this-test")
        add(rpc, "u", to="spec-of-this-test")
        (tmp_path / "flow.yaml").write_text("")
        shell.type(typed + "\t")
        shell.wait_for(re.escape(typed + completed))


def test_install(tmp_path):
    """Programs, pages and completion, where packages put them, and the C++ library."""
    build = BIN_DIR.parent
    done = subprocess.run(["cmake", "--install", build, "--prefix", tmp_path], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    installed = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    library = r"^include/coordinate/|/libcoordinate\.a$|/cmake/Coordinate/|/examples/cpp/"
    assert any(re.search(library, path) for path in installed)
    assert {path for path in installed if not re.search(library, path)} == {path for program, section in PAGES.items() for path in (
        f"bin/{program}", f"share/man/man{section}/{program}.{section}",
        f"share/bash-completion/completions/{program}")}
