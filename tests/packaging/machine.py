# SPDX-License-Identifier: MIT
"""Runs a Debian system that stands in a folder as a machine of its own."""

import os
import pathlib
import shutil
import subprocess

from daemon import DEADLINE_SECONDS, Process, eventually

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What such a machine runs: systemd, or, as in a container, nothing but what it is told to.
SYSTEMD = ("systemd", ["--boot"])
NOTHING = ("sh", ["--", "sh", "-c", "sleep infinity & wait"])


def children(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []  # it has just ended


class Machine:
    """A systemd-nspawn container. Its processes, mounts and network belong to its namespaces, and those
    to one of processes that ends with this test: whatever happens, nothing is left of it. Nobody outside sees what listens in it, and it sees
    nothing of the network but where a command is said to be `online`. One can run at a time."""

    def __init__(self, system, downloads, runs, keep=False):
        """Runs the system in the folder `system`. What changes on it is gone with the machine, unless
        it shall be kept. Packages that apt fetches are kept in the folder `downloads`."""
        downloads.mkdir(exist_ok=True)
        first_name, arguments = runs
        self._first = None
        self._nspawn = Process(
            shutil.which("setpriv"), "--pdeathsig", "KILL", "--",
            "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--", "systemd-nspawn",
            f"--directory={system}", f"--volatile={'no' if keep else 'overlay'}",
            f"--bind={downloads}:/var/cache/apt/archives", "--register=no",
            *([] if os.path.exists("/run/systemd/system") else ["--keep-unit"]),
            "--private-network", "--resolv-conf=off", "--timezone=off", "--link-journal=no",
            "--console=pipe", *arguments)
        try:
            self._first = eventually(lambda: self._first_process(first_name), "the machine to begin")
            for name in ("hosts", "resolv.conf"):
                shutil.copy(f"/etc/{name}", self.path(f"/etc/{name}"))
            if runs == SYSTEMD:
                eventually(lambda: self.attempt("systemctl", "is-system-running").returncode == 0,
                           "systemd to have started all")
        except BaseException:
            self.stop()
            raise

    def _first_process(self, name):
        """The id of its first process, once that is what it shall be and in its own namespaces."""
        assert self._nspawn.process.poll() is None, \
            f"systemd-nspawn does not work here: {self._nspawn.text('stderr')}"
        for nspawn in children(self._nspawn.process.pid):
            for pid in children(nspawn):
                try:
                    if (pathlib.Path(f"/proc/{pid}/comm").read_text() == f"{name}\n"
                            and not os.path.samefile(f"/proc/{pid}/root", "/")):
                        return pid
                except OSError:
                    pass  # it has just ended
        return None

    def stop(self):
        """Switches it off."""
        self._nspawn.kill()
        if self._first:
            eventually(lambda: not os.path.exists(f"/proc/{self._first}"), "the machine to end")

    def path(self, name):
        """A file of the machine, given by its absolute name there, as it is seen from outside."""
        return pathlib.Path(f"/proc/{self._first}/root") / name.lstrip("/")

    def command(self, *command, user="root", folder="/", online=False, env=()):
        """The command line that runs a command on the machine."""
        home = "/root" if user == "root" else f"/home/{user}"
        return ["nsenter", f"--target={self._first}", "--root", "--mount", "--uts", "--ipc", "--pid",
                *([] if online else ["--net"]), "runuser", "-u", user, "--",
                "env", "-i", f"--chdir={folder}", f"PATH={PATH}", f"HOME={home}", f"USER={user}",
                "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *env, *map(str, command)]

    def attempt(self, *command, deadline=DEADLINE_SECONDS, **how):
        """Runs a command; returns subprocess.CompletedProcess, with both outputs in `stdout`."""
        return subprocess.run(self.command(*command, **how), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=deadline, check=False)

    def run(self, *command, **how):
        """Runs a command that must succeed; returns what it said."""
        done = self.attempt(*command, **how)
        assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def install(self, *packages, **how):
        return self.run("apt-get", "install", "-q", "-y", *packages, deadline=300, **how)

    def start(self, *command, **how):
        return Running(self, command, how)

    def service(self, name):
        """A property of the service, as `systemctl show` calls it."""
        return self.run("systemctl", "show", "--value", "-p", name, "coordinated").strip()


class Running(Process):
    """A command that runs on a machine."""

    def __init__(self, machine, command, how):
        tell_pid = ("sh", "-c", 'echo "pid $$"; exec "$@"', "sh")
        program, *arguments = machine.command(*tell_pid, *command, **how)
        super().__init__(shutil.which(program), *arguments)
        self.machine = machine
        self.pid = int(self.wait_for_line(r"^pid (\d+)$", "stdout")[1])

    def signal(self, number):
        self.machine.run("sh", "-c", f"kill -{int(number)} {self.pid}")

    def kill(self):
        if self.process.poll() is None:
            self.signal(9)
        self.wait()
