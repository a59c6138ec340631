# SPDX-License-Identifier: MIT
"""The packages on a machine: installed, used, upgraded, removed, purged."""

import json
import subprocess

import pytest

from machine import Service

STORE = "/var/lib/coordinate/work.db"
SETTINGS = "/etc/coordinate/coordinated.yaml"
UNIT = "/lib/systemd/system/coordinated.service"
ENABLED = "/etc/systemd/system/multi-user.target.wants/coordinated.service"

WORDS = """
def count(unit):
    unit.data["words"] = len(unit.data["text"].split())
"""


def add_work(machine):
    machine.path("/srv/words.py").write_text(WORDS)
    machine.path("/srv/flow.yaml").write_text(
        "work_specs:\n  count: {min_gb: 0.1, module: words, run_function: count}\n"
        "work_units:\n  count: {one: {text: to be or not to be}, two: {text: that is}}\n")
    machine.run("coordinate", "load", "/srv/flow.yaml")


def units(machine):
    """Maps the names of the units to their data."""
    lines = machine.run("coordinate", "work-units", "count", "--json", "--details").splitlines()
    return {unit["name"]: unit["data"] for unit in map(json.loads, lines)}


def higher_version(packages, folder):
    """Makes packages of the same contents and a higher version in a folder."""
    folder.mkdir()
    for deb in packages.glob("*coordinate_*.deb"):
        tree = folder / "tree"
        subprocess.run(["dpkg-deb", "-R", deb, tree], check=True)
        control = tree / "DEBIAN/control"
        lines = control.read_text().splitlines(keepends=True)
        control.write_text("".join(line.replace("-1\n", "-2\n") if line.startswith("Version: ")
                                   else line for line in lines))
        subprocess.run(["dpkg-deb", "-b", "-Znone", tree, folder / deb.name], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["rm", "-r", tree], check=True)


def ours(machine):
    """All files and folders of the machine that are called after the project."""
    listed = machine.run("find", "/", "-xdev", "-path", "/proc", "-prune", "-o", "-path",
                         "/var/cache/apt", "-prune", "-o", "-iname", "*coord*", "-print")
    return set(listed.split())


def test_the_service_is_enabled_and_has_a_user(machine):
    assert machine.path(ENABLED).is_symlink()
    name, _, number, *_, home, shell = machine.run("getent", "passwd", "coordinate").strip().split(":")
    assert (name, home, shell) == ("coordinate", "/var/lib/coordinate", "/usr/sbin/nologin")
    assert 100 <= int(number) < 1000
    assert machine.run("stat", "-c", "%U:%G %a", "/var/lib/coordinate") == "coordinate:coordinate 750\n"


def test_the_unit_is_valid_and_confined(machine):
    """systemd runs it on this machine, which has no systemd, as if it were its own."""
    for check in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(["systemd-analyze", *check, f"--root={machine.root}",
                               "coordinated.service"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_manual_and_the_completion_are_there(machine):
    completes = ("complete", "-p", "coordinate")
    assert "_coordinate" in machine.run(
        "bash", "-ec", "source /usr/share/bash-completion/completions/coordinate; " + " ".join(completes))
    assert machine.path("/usr/share/man/man8/coordinated.8.gz").stat().st_size > 1000


def test_a_worker_works_for_the_service(machine):
    with Service(machine, "coordinated") as service:
        assert "backend=sqlite" in service.text("stderr")
        add_work(machine)
        worker = machine.start("coordinate-worker", "-n", "1", folder="/srv")
        machine.run("coordinate", "wait", "count", "--timeout", "30")
        assert {name: data["words"] for name, data in units(machine).items()} == {"one": 6, "two": 2}
        worker.signal(15)
        assert worker.wait() == 0, worker.text("stderr")
    assert machine.run("stat", "-c", "%U %a", STORE) == "coordinate 640\n"


def test_python_sees_the_package(machine):
    said = machine.run("python3", "-c",
                       "import importlib.metadata as m, coordinate, pathlib;"
                       "print(m.version('coordinate') == coordinate.__version__,"
                       "(pathlib.Path(coordinate.__file__).parent / 'py.typed').exists())")
    assert said == "True True\n"
    assert machine.run("coordinate-worker", "--version").startswith("coordinate-worker ")


def test_an_upgrade_keeps_work_and_settings(machine, packages, tmp_path):
    with Service(machine, "coordinated"):
        add_work(machine)
    with machine.path(SETTINGS).open("a") as settings:
        settings.write("limit-completed-count: 7\n")
    changed = machine.path(SETTINGS).read_text()
    machine.path(ENABLED).unlink()  # as `systemctl disable` does
    higher_version(packages, tmp_path / "new")
    subprocess.run(["cp", "-r", tmp_path / "new", machine.path("/srv/new")], check=True)
    debs = [f"/srv/new/{deb.name}" for deb in (tmp_path / "new").iterdir()]

    machine.run("apt-get", "install", "-q", "-y", *debs)

    installed = machine.run("dpkg-query", "-W", "-f", "${Version}\n", "coordinate", "python3-coordinate")
    assert [version.endswith("-2") for version in installed.split()] == [True, True]
    assert machine.path(SETTINGS).read_text() == changed
    assert not machine.path(ENABLED).is_symlink()
    with Service(machine, "coordinated"):
        assert set(units(machine)) == {"one", "two"}


@pytest.mark.parametrize("has_work", [True, False])
def test_what_is_left_when_it_is_gone(machine, has_work):
    if has_work:
        with Service(machine, "coordinated"):
            add_work(machine)
        machine.run("rm", "-r", "/srv")
    packages = ("coordinate", "python3-coordinate")

    machine.run("apt-get", "remove", "-q", "-y", *packages)
    removed = ours(machine)
    for path in (SETTINGS, "/var/lib/coordinate"):
        assert path in removed
    assert not {path for path in removed if path.startswith("/usr") or path == UNIT}

    machine.run("apt-get", "purge", "-q", "-y", *packages)
    kept = {"/var/lib/coordinate"} if has_work else set()
    assert ours(machine) == kept
    assert machine.path(STORE).exists() == has_work
