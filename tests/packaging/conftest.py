# SPDX-License-Identifier: MIT
"""Fixtures: the packages that packaging/build has made, systems with and without them, and machines
that run them."""

import itertools
import os
import pathlib
import shutil
import subprocess

import pytest

from daemon import ROOT
from debian_system import clean_system, kept
from machine import NOTHING, SYSTEMD, Machine

PACKAGES = pathlib.Path(os.environ.get("COORD_PACKAGES_DIR", ROOT / "build/packages")).resolve()
CACHE = ROOT / "build/debian-system"
DOWNLOADS = CACHE / "downloads"


@pytest.fixture(scope="session")
def packages():
    """The folder of the packages."""
    assert list(PACKAGES.glob("*.deb")), f"there are no packages in {PACKAGES}: run make package"
    return PACKAGES


@pytest.fixture(scope="session")
def new_folder(tmp_path_factory):
    """Names folders for systems; none outlives the session."""
    numbers = itertools.count()
    folder = tmp_path_factory.mktemp("systems")
    yield lambda: folder / f"system{next(numbers)}"
    shutil.rmtree(folder)


def change(system, folder, steps):
    """Makes `folder` of a copy of a system, on which `steps(machine)` has been done."""
    subprocess.run(["cp", "-a", "--reflink=auto", system, folder], check=True)
    machine = Machine(folder, DOWNLOADS, NOTHING, keep=True)
    try:
        steps(machine)
    finally:
        machine.stop()
    return folder


@pytest.fixture(scope="session")
def minimal():
    """The folder of a clean system without an init, as images for containers are."""
    return clean_system(CACHE)


@pytest.fixture(scope="session")
def laptop(minimal):
    """The folder of a clean system with systemd."""
    def add_systemd(machine):
        machine.run("apt-get", "update", "-q", online=True, deadline=120)
        machine.install("--no-install-recommends", "systemd", "systemd-sysv", online=True)

    return kept(CACHE / f"{minimal.name}-systemd",
                lambda folder: change(minimal, folder, add_systemd))


@pytest.fixture(scope="session")
def image(packages, minimal, new_folder):
    """The folder of a minimal system on which the script of the Dockerfile has installed the
    packages."""
    def set_up(machine):
        folder = machine.path("/srv/packages")
        shutil.copytree(packages, folder)
        shutil.copy(ROOT / "packaging/image-setup", folder)
        machine.run("/srv/packages/image-setup", "/srv/packages", online=True, deadline=300)
        shutil.rmtree(folder)

    return change(minimal, new_folder(), set_up)


@pytest.fixture
def new_machine():
    """Starts a machine that runs a system; it ends with the test."""
    machines = []

    def start(system, runs=SYSTEMD):
        assert not machines
        machines.append(Machine(system, DOWNLOADS, runs))
        return machines[0]

    yield start
    for machine in machines:
        machine.stop()


@pytest.fixture(scope="session")
def installed(packages, laptop, new_folder):
    """The folder of a laptop on which the packages have been installed."""
    def install(machine):
        shutil.copytree(packages, machine.path("/srv/packages"))
        machine.run("apt-get", "update", "-q", online=True, deadline=120)
        machine.install("--no-install-recommends",
                        *(f"/srv/packages/{deb.name}" for name in ("coordinate", "python3-coordinate")
                          for deb in packages.glob(f"{name}_*.deb")), online=True)
        shutil.rmtree(machine.path("/srv/packages"))

    return change(laptop, new_folder(), install)


@pytest.fixture
def machine(installed, new_machine):
    """A laptop with the packages, on which the service has started."""
    return new_machine(installed)
