# SPDX-License-Identifier: MIT
"""docs/tutorial.md is followed word for word by a new user of a fresh machine."""

import shutil

import pages

USER = "alice"
HOME = f"/home/{USER}"


def add_user(machine):
    """Makes a user who may become root, as whoever installs a Debian of his own is."""
    machine.run("useradd", "--create-home", "--shell", "/bin/bash", USER)
    machine.path(f"/etc/sudoers.d/{USER}").write_text(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")


def test_every_step(packages, laptop, new_machine):
    machine = new_machine(laptop)
    add_user(machine)
    names = [deb.name for deb in packages.glob("*.deb")]
    for name in names:
        shutil.copy(packages / name, machine.path(HOME))
    # What the first step fetches is fetched before: the page is followed without a network.
    machine.run("apt-get", "update", "-q", online=True, deadline=120)
    machine.install("--download-only", *(f"./{name}" for name in names), folder=HOME, online=True)

    pages.follow("tutorial.md", machine, user=USER, folder=HOME)
