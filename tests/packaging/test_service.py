# SPDX-License-Identifier: MIT
"""The packages on a machine with systemd: installed, used, upgraded, removed, purged."""

import shutil
import subprocess

import pytest

from daemon import eventually
from work import WORDS_OF_UNITS, add_work, ours, words_of_units

SETTINGS = "/etc/coordinate/coordinated.yaml"
STORE = "/var/lib/coordinate/work.db"
PACKAGES = ("coordinate", "python3-coordinate")


def is_active(machine):
    return machine.service("ActiveState") == "active"


def copy_of(packages, machine, change=lambda tree: None):
    """Puts the packages, after `change(tree)` of each, on the machine; returns their names there."""
    names = []
    for deb in packages.glob("*coordinate_*.deb"):
        tree = machine.path("/srv/tree")
        subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
        change(tree)
        names.append(f"/srv/{deb.name}")
        subprocess.run(["dpkg-deb", "-b", "-Znone", tree, machine.path(names[-1])], check=True,
                       stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
    return names


def higher_version(tree):
    control = tree / "DEBIAN/control"
    text = control.read_text()
    assert "-1\n" in text
    control.write_text(text.replace("-1\n", "-2\n"))


def test_installing_it_starts_it(packages, machine):
    """Here by installing it again after a purge, as all that it needs is there already."""
    machine.run("apt-get", "purge", "-q", "-y", *PACKAGES)
    machine.run("rm", "-r", "/var/lib/coordinate")
    machine.run("deluser", "--system", "coordinate")
    assert not ours(machine)

    machine.install(*copy_of(packages, machine))

    assert is_active(machine)
    assert machine.run("systemctl", "is-enabled", "coordinated") == "enabled\n"
    name, _, number, *_, home, shell = machine.run("getent", "passwd", "coordinate").strip().split(":")
    assert (name, home, shell) == ("coordinate", "/var/lib/coordinate", "/usr/sbin/nologin")
    assert 100 <= int(number) < 1000
    assert machine.run("stat", "-c", "%U:%G %a", "/var/lib/coordinate") == "coordinate:coordinate 750\n"


def test_the_unit_is_valid_and_confined(machine):
    assert machine.run("systemd-analyze", "verify", "--man=no", "coordinated.service") == ""
    machine.run("systemd-analyze", "security", "--threshold=20", "coordinated.service")
    pid = machine.service("MainPID")
    assert machine.run("stat", "-c", "%U", f"/proc/{pid}") == "coordinate\n"
    status = machine.run("cat", f"/proc/{pid}/status")
    assert "NoNewPrivs:\t1\n" in status and "CapEff:\t0000000000000000\n" in status


def test_a_worker_works_for_it(machine):
    add_work(machine)
    worker = machine.start("coordinate-worker", "-n", "1", folder="/srv")
    machine.run("coordinate", "wait", "count", "--timeout", "30")
    assert words_of_units(machine) == WORDS_OF_UNITS
    worker.signal(15)
    assert worker.wait() == 0, worker.text("stderr")
    assert machine.run("stat", "-c", "%U %a", STORE) == "coordinate 640\n"


def test_it_is_started_again_when_it_dies(machine):
    add_work(machine)
    first = machine.service("MainPID")
    machine.run("systemctl", "kill", "-s", "KILL", "coordinated")
    eventually(lambda: is_active(machine) and machine.service("MainPID") != first, "a new daemon")
    assert set(words_of_units(machine)) == set(WORDS_OF_UNITS)


def test_wrong_settings_are_not_tried_again(machine):
    with machine.path(SETTINGS).open("a") as settings:
        settings.write("colour: red\n")
    assert machine.attempt("systemctl", "restart", "coordinated").returncode != 0
    assert machine.service("ActiveState") == "failed" and machine.service("NRestarts") == "0"
    assert "unknown setting 'colour'" in machine.run("journalctl", "-u", "coordinated")


@pytest.mark.parametrize("enabled", [True, False])
def test_an_upgrade_keeps_work_and_settings(machine, packages, enabled):
    add_work(machine)
    with machine.path(SETTINGS).open("a") as settings:
        settings.write("limit-completed-count: 7\n")
    changed = machine.path(SETTINGS).read_text()
    first = machine.service("MainPID")
    if not enabled:
        machine.run("systemctl", "disable", "--now", "coordinated")

    machine.install(*copy_of(packages, machine, higher_version))

    versions = machine.run("dpkg-query", "-W", "-f", "${Version}\n", *PACKAGES).split()
    assert all(version.endswith("-2") for version in versions)
    assert machine.path(SETTINGS).read_text() == changed
    assert is_active(machine) == enabled
    if not enabled:
        machine.run("systemctl", "start", "coordinated")
    assert machine.service("MainPID") != first
    assert set(words_of_units(machine)) == set(WORDS_OF_UNITS)


def test_the_library_comes_and_goes(packages, machine):
    (deb,) = packages.glob("libcoordinate-dev_*.deb")
    shutil.copy(deb, machine.path("/srv"))
    machine.run("apt-get", "update", "-q", online=True, deadline=120)
    machine.install("--no-install-recommends", f"/srv/{deb.name}", online=True)
    machine.run("test", "-e", "/usr/include/coordinate/client.h")
    machine.run("apt-get", "purge", "-q", "-y", "libcoordinate-dev")
    assert not machine.path("/usr/include/coordinate").exists()


def test_what_is_left_when_it_is_gone(machine):
    add_work(machine)

    machine.run("apt-get", "remove", "-q", "-y", *PACKAGES)
    assert not is_active(machine)
    left = ours(machine)
    assert {SETTINGS, "/var/lib/coordinate"} <= left
    assert not [path for path in left if path.startswith(("/usr", "/lib"))]

    machine.run("apt-get", "purge", "-q", "-y", "coordinate")
    assert ours(machine) == {"/var/lib/coordinate"}
    assert machine.path(STORE).exists()
