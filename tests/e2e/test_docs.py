# SPDX-License-Identifier: MIT
"""The commands that the pages for users show are run as they stand."""

import os
import re
import shlex
import subprocess

import pytest

from client import Client
from daemon import BIN_DIR, ROOT, Daemon, clean_environment
from helpers import AVAILABLE, FINISHED, add, counts, spec

DOCS = ROOT / "docs"


def commands_in(page):
    """The indented lines of a page, as one script."""
    return "".join(re.findall(r"^    (.*\n)", (DOCS / page).read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", ["coordinate.md", "coordbench.md", "concepts.md", "work-specs.md",
                                  "scheduling.md", "protocol.md"])
def test_commands_work(plain_daemon, tmp_path, page):
    env = clean_environment({"COORDINATE_ADDRESS": plain_daemon.address_text,
                             "PATH": f"{BIN_DIR}:{os.environ['PATH']}"})
    done = subprocess.run(["bash", "-euxo", "pipefail", "-c", commands_in(page)], env=env,
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_commands_of_rest(tmp_path):
    with Daemon("--http", "127.0.0.1:0", "--manual-clock") as daemon:
        env = clean_environment({"COORD": "http://%s:%d" % daemon.http_address})
        done = subprocess.run(["bash", "-euxo", "pipefail", "-c", commands_in("rest.md")], env=env,
                              cwd=tmp_path, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for shown in ('"status": "finished"', "\n404\n", "ErrNoSuchWorkUnit", '{"Deleted":1}',
                  '"gives_work": false', '{"Retried":0}', '"looked_at":0', '"live": false',
                  'work_spec="size",status="finished"} 3', '{"results":[{"ok":true},{"ok":true}]}'):
        assert shown in said, (shown, said)


def test_commands_of_moving(plain_daemon, tmp_path):
    with Daemon("--backend", f"sqlite:{tmp_path}/new.db") as new:
        script = commands_in("moving.md").replace("127.0.0.1:5942", new.address_text)
        assert new.address_text in script
        env = clean_environment({"COORDINATE_ADDRESS": plain_daemon.address_text,
                                 "PATH": f"{BIN_DIR}:{os.environ['PATH']}"})
        with Client(plain_daemon.address) as client:
            spec(client)
            add(client, "a", "b")
        done = subprocess.run(["bash", "-euxo", "pipefail", "-c", script], env=env, cwd=tmp_path,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        with Client(new.address) as client:
            assert counts(client) == {AVAILABLE: 2}


def test_quick_start(plain_daemon, tmp_path):
    shown = re.findall(r"^    (.*)", (ROOT / "README.md").read_text(), re.MULTILINE)
    begin = shown.index("coordinated &")  # which is running here already, at another address
    env = clean_environment({"COORDINATE_ADDRESS": plain_daemon.address_text,
                             "PATH": f"{BIN_DIR}:{os.environ['PATH']}"})
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(shown[begin + 1:])], env=env,
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with Client(plain_daemon.address) as client:
        assert set(counts(client, "size")) == {FINISHED}


def daemons_shown():
    """The flags of each daemon that a page shows; those on PostgreSQL are in test_postgres.py."""
    for page in ("coordinated.md", "dashboard.md"):
        for flags in re.findall(r"^coordinated(| .*)$", commands_in(page), re.MULTILINE):
            if "postgres:" not in flags and " ready: " not in flags:
                yield flags


@pytest.mark.parametrize("flags", daemons_shown())
def test_daemons_start_as_shown(tmp_path, flags):
    with Daemon("--http", "127.0.0.1:0") as other:
        (tmp_path / "settings.yaml").write_text("log-level: debug\n")
        there = {"http://queue:5980/": "http://%s:%d/" % other.http_address,
                 "/etc/coordinated.yaml": tmp_path / "settings.yaml",
                 "0.0.0.0:5980": "127.0.0.1:0"}
        with Daemon(*[there.get(flag, flag) for flag in shlex.split(flags, comments=True)],
                    cwd=tmp_path):
            pass


def test_every_command_is_shown():
    shown = commands_in("coordinate.md") + commands_in("sqlite.md")
    for command in re.findall(r"^  ([\w-]+) ", subprocess.run(
            [BIN_DIR / "coordinate", "--help"], capture_output=True, text=True,
            check=True).stdout.partition("Subcommands:")[2], re.MULTILINE):
        assert re.search(rf"coordinate {command}\b", shown), command


def test_pages_that_the_programs_name_exist():
    for source in (ROOT / "src").rglob("*.[ch]*"):
        for page in re.findall(r"\bdocs/[\w-]+\.md", source.read_text()):
            assert (ROOT / page).exists(), f"{source}: {page}"
