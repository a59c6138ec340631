# SPDX-License-Identifier: MIT
"""docs/tutorial.md is followed word for word by a new user of a fresh machine."""

import re
import shutil
import subprocess

from daemon import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END_OF_STEP = "-- end of step --\n"
USER = "alice"
HOME = f"/home/{USER}"


def steps():
    """The (commands, what they print or None) of the page."""
    found = []
    for language, text in BLOCK.findall((ROOT / "docs/tutorial.md").read_text()):
        if language == "sh":
            found.append((text, None))
        else:
            assert language == "text" and found[-1][1] is None
            found[-1] = (found[-1][0], text)
    return found


def matches(shown, said):
    """Whether the page shows what was said; a line of three dots stands for any lines."""
    pattern = re.escape(shown).replace(re.escape("...\n"), "(?:.*\n)*?")
    return re.fullmatch(pattern, said) is not None


def user_of(machine):
    """Makes a user who may become root, as whoever installs a Debian of his own is."""
    machine.run("useradd", "--create-home", "--shell", "/bin/bash", USER)
    machine.path(f"/etc/sudoers.d/{USER}").write_text(f"{USER} ALL=(ALL) NOPASSWD: ALL\n")
    return {"user": USER, "folder": HOME}


def follow(machine, user, script):
    """Has the user type the script; returns subprocess.CompletedProcess."""
    machine.path(f"{HOME}/script").write_text(script)
    return subprocess.run(machine.command("bash", "-eu", f"{HOME}/script", **user),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          check=False)


def test_every_step(packages, system, new_machine):
    machine = new_machine(system)
    user = user_of(machine)
    names = [deb.name for deb in packages.glob("*.deb")]
    for name in names:
        shutil.copy(packages / name, machine.path(HOME))
    # What the first step fetches is fetched before: the daemon must listen on this machine alone.
    machine.run("apt-get", "update", "-q", online=True, deadline=120)
    machine.run("apt-get", "install", "-q", "-y", "--download-only",
                *(f"./{name}" for name in names), folder=HOME, online=True, deadline=300)

    done = follow(machine, user, "".join(f"{commands}echo '{END_OF_STEP[:-1]}'\n"
                                         for commands, _ in steps()))

    said = done.stdout.split(END_OF_STEP)
    assert done.returncode == 0, f"{said[-1]}\n{done.stderr}"
    assert len(said) == len(steps()) + 1
    for (commands, shown), printed in zip(steps(), said):
        assert shown is None or matches(shown, printed), f"{commands}\nprints:\n{printed}"
    assert any(shown for _, shown in steps())
