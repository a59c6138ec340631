# SPDX-License-Identifier: MIT
"""What the benchmark scripts share: servers of their own, coordbench runs, the machine's name."""

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
READY_SECONDS = 20


def parser(description):
    """Returns an argument parser with the flags that every script has."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--bin", default=os.path.join(ROOT, "build", "bench", "bin"),
                      help="where coordinated, coordbench and the others are (default: %(default)s)")
    made.add_argument("--daemon-args", default="", metavar="ARGS",
                      help="more flags for coordinated, separated by spaces")
    made.add_argument("--json", metavar="FILE", help="write everything measured there, as JSON")
    made.add_argument("--quick", action="store_true",
                      help="a smoke run: shows that all works, its figures mean little")
    return made


class Server:
    """A process that listens on a free port of 127.0.0.1, until stop() or the end of `with`."""

    def __init__(self, command, ready=None, port=None):
        """`ready`: a pattern, whose group is the address, in what the process prints; without it,
        the process is ready as soon as `port` accepts connections. More groups: more addresses."""
        self.command = command
        pipe = subprocess.PIPE if ready else subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=pipe,
                                        stderr=subprocess.STDOUT if ready else subprocess.DEVNULL)
        self.addresses = self._read_ready(ready) if ready else (self._connect(port),)
        self.address = self.addresses[0]

    def _read_ready(self, ready):
        seen = []
        for line in self.process.stdout:
            text = line.decode("utf-8", "replace")
            seen.append(text)
            found = re.search(ready, text)
            if found:
                return found.groups()
        raise RuntimeError("%s did not start: %s" % (self.command[0], "".join(seen)))

    def _connect(self, port):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return "127.0.0.1:%d" % port
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("%s did not start" % self.command[0])

    def rss(self):
        """Resident bytes of the process."""
        with open("/proc/%d/status" % self.process.pid, encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError("%s has gone" % self.command[0])

    def cpu_seconds(self):
        """Processor time of the process and of those that it has started, to a hundredth."""
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as children:
            return sum(_cpu_seconds(process) for process in (pid, *children.read().split()))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def _cpu_seconds(pid):
    with open("/proc/%s/stat" % pid, encoding="utf-8") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_daemon(options, *flags):
    """Its addresses: that of CBOR-RPC and that of HTTP, "none" without such a flag."""
    command = [os.path.join(options.bin, "coordinated"), "--cborrpc", "127.0.0.1:0",
               "--http", "none", *flags]
    return Server(command + options.daemon_args.split(), ready=r"ready:.*cborrpc=(\S+) http=(\S+)")


def run_json(command):
    """Runs a program that prints one JSON object; raises RuntimeError where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.decode("utf-8", "replace")))
    return json.loads(done.stdout)


def coordbench_command(options, address, subcommand, *flags):
    return [os.path.join(options.bin, "coordbench"), subcommand, "--address", address, "--json",
            *[str(flag) for flag in flags]]


def coordbench(options, address, subcommand, *flags):
    return run_json(coordbench_command(options, address, subcommand, *flags))


def peerbench(options, kind, address, connections, *flags):
    return run_json([os.path.join(options.bin, "peerbench"), kind, "--address", address, "--json",
                     "--connections", str(connections), "--seconds", str(options.seconds),
                     *[str(flag) for flag in flags]])


def _first_line(command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
    except OSError:
        return "not installed"
    return done.stdout.decode("utf-8", "replace").split("\n")[0].strip()


def machine(options):
    """Describes where and with what it was measured."""
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    compiler, build = "unknown", "unknown"
    cache = os.path.join(os.path.dirname(os.path.abspath(options.bin)), "CMakeCache.txt")
    if os.path.exists(cache):
        with open(cache, encoding="utf-8") as entries:
            for line in entries:
                if line.startswith("CMAKE_CXX_COMPILER:"):
                    compiler = _first_line([line.split("=", 1)[1].strip(), "--version"])
                elif line.startswith("CMAKE_BUILD_TYPE:"):
                    build = line.split("=", 1)[1].strip()
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": os.uname().release,
        "compiler": compiler,
        "build": build,
        "daemon": _first_line([os.path.join(options.bin, "coordinated"), "--version"]),
        "load_before": os.getloadavg()[0],
    }


def print_machine(described):
    for name, value in described.items():
        print("%-12s %s" % (name, value))
    print()


def verdict(value, bar, at_least=True):
    met = value >= bar if at_least else value <= bar
    return "met" if met else "NOT MET"


def write_json(options, measured):
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(measured, out, indent=1)
            out.write("\n")


def main(run):
    """Calls `run`; an error ends the script with status 1 and its message."""
    name = os.path.basename(sys.argv[0])
    try:
        run()
    except FileNotFoundError as error:
        sys.exit("%s: there is no %s; `cmake --preset bench && cmake --build --preset bench` builds "
                 "the programs (--bin: they are elsewhere), `scripts/install-deps bench` installs "
                 "the others" % (name, error.filename))
    except (RuntimeError, OSError) as error:
        sys.exit("%s: %s" % (name, error))
