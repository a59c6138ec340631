# SPDX-License-Identifier: MIT
"""Fixtures: the packages that packaging/build has made, and machines that have them."""

import itertools
import os
import pathlib
import shutil

import pytest

from daemon import ROOT
from debian_system import clean_system
from machine import Machine

PACKAGES = pathlib.Path(os.environ.get("COORD_PACKAGES_DIR", ROOT / "build/packages")).resolve()
CACHE = ROOT / "build/debian-system"


@pytest.fixture(scope="session")
def packages():
    """The folder of the packages."""
    assert list(PACKAGES.glob("*.deb")), f"there are no packages in {PACKAGES}: run make package"
    return PACKAGES


@pytest.fixture(scope="session")
def new_machine(tmp_path_factory):
    """Makes machines of a system's folder; none outlives the session."""
    numbers = itertools.count()
    machines = []

    def make(system):
        root = tmp_path_factory.mktemp("machines") / f"machine{next(numbers)}"
        machines.append(Machine(system, root, CACHE / "downloads"))
        return machines[-1]

    yield make
    for machine in machines:
        machine.close()


@pytest.fixture(scope="session")
def system():
    """The folder of a clean system."""
    return clean_system(CACHE)


@pytest.fixture(scope="session")
def prepared(packages, system, new_machine):
    """The folder of a system on which the script of the image has installed the packages."""
    machine = new_machine(system)
    folder = machine.path("/tmp/packages")
    shutil.copytree(packages, folder)
    shutil.copy(ROOT / "packaging/image-setup", folder)
    machine.run("/tmp/packages/image-setup", "/tmp/packages", online=True, deadline=300)
    shutil.rmtree(folder)
    return machine.root


@pytest.fixture
def machine(prepared, new_machine):
    """A machine with the packages, as they are when they have just been installed."""
    return new_machine(prepared)
