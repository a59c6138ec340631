# SPDX-License-Identifier: MIT
"""A copy of a Debian system in which commands run as on a machine of its own."""

import re
import shutil
import subprocess

from daemon import DEADLINE_SECONDS, Process

# The first process of the machine. Processes, mounts and network belong to its namespaces, so that
# whatever happens all of them are gone when it is.
FIRST_PROCESS = """
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1/var/cache/apt/archives"
ip link set lo up
echo ready
sleep infinity &
wait
"""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    """Its folder is `root`. Nobody outside sees what listens in it, and it sees nothing of the network
    but where a command is said to be `online`."""

    def __init__(self, system, root, downloads):
        """Copies the folder `system` to `root`; packages that apt fetches are kept in `downloads`."""
        self.root = root
        downloads.mkdir(exist_ok=True)
        subprocess.run(["cp", "-a", "--reflink=auto", system, root], check=True)
        for name in ("hosts", "resolv.conf"):
            shutil.copy(f"/etc/{name}", root / "etc" / name)
        self.first = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--",
             "unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--",
             "sh", "-ec", FIRST_PROCESS, "sh", root, downloads],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = self.first.stdout.readline()
        if said != "ready\n":
            said += self.first.communicate()[0]
            raise AssertionError(f"this sandbox gives no namespaces, mounts or network: {said}")

    def close(self):
        self.first.kill()
        self.first.wait()
        self.first.stdout.close()
        shutil.rmtree(self.root)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def path(self, name):
        """A file of the machine, given by its absolute name there, as it is seen from outside."""
        return self.root / name.lstrip("/")

    def command(self, *command, user="root", folder="/", online=False):
        """The command line that runs a command on the machine."""
        namespaces = f"/proc/{self.first.pid}/ns"
        home = "/root" if user == "root" else f"/home/{user}"
        return ["nsenter", f"--mount={namespaces}/mnt", f"--pid={namespaces}/pid_for_children",
                *([] if online else [f"--net={namespaces}/net"]),
                "chroot", str(self.root), "runuser", "-u", user, "--",
                "env", "-i", f"--chdir={folder}", f"PATH={PATH}", f"HOME={home}", f"USER={user}",
                "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *map(str, command)]

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

    def start(self, *command, **how):
        return Running(self, command, how)


class Running(Process):
    """A command that runs on a machine."""

    def __init__(self, machine, command, how):
        tell_pid = ("sh", "-c", 'echo "pid $$"; exec "$@"', "sh")
        program, *arguments = machine.command(*tell_pid, *command, **how)
        super().__init__(shutil.which(program), *arguments)
        self.machine = machine
        self.pid = int(self.wait_for_line(r"^pid (\d+)$", "stdout")[1])

    def signal(self, number):
        self.machine.run("kill", f"-{int(number)}", self.pid)

    def kill(self):
        if self.process.poll() is None:
            self.signal(9)
        self.wait()


class Service(Running):
    """What systemd would run for a unit of the machine: its command as its user in its folder."""

    def __init__(self, machine, unit):
        text = machine.path(f"/lib/systemd/system/{unit}.service").read_text()
        key = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
        super().__init__(machine, key["ExecStart"].split(),
                         {"user": key["User"], "folder": key["WorkingDirectory"]})
        try:
            self.wait_for_line(rf"^{unit} \S+ ready:")
        except AssertionError:
            self.kill()
            raise

    def stop(self):
        """As systemd does; the exit code must be 0."""
        self.signal(15)
        assert self.wait() == 0, self.text("stderr")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            self.kill()
