# SPDX-License-Identifier: MIT
"""Runs the programs under test as processes."""

import os
import pathlib
import re
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN_DIR = pathlib.Path(os.environ.get("COORD_BIN_DIR", ROOT / "build/dev/bin")).resolve()
DEADLINE_SECONDS = 60.0

READY = re.compile(r"coordinated (\S+) ready: .*?cborrpc=(\S+):(\d+) http=(?:none|(\S+):(\d+))")


def eventually(condition, what, deadline=DEADLINE_SECONDS):
    """Polls until `condition()` is true and returns its value; fails after the deadline."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {deadline} s for {what}"
        threading.Event().wait(0.005)


def clean_environment(extra=None):
    """The environment without any variable that configures our programs, and with `extra`. Daemons
    do not listen for HTTP unless a flag says so: its port is a fixed one."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("COORDINATED_", "COORDINATE_", "NOTIFY_SOCKET"))}
    environment["COORDINATED_HTTP"] = "none"
    environment.update(extra or {})
    return environment


class Process:
    """A program that runs, of which standard output and error are collected line by line."""

    def __init__(self, program, *arguments, env=None, stdin=None, cwd=None):
        self.process = subprocess.Popen(
            [str(BIN_DIR / program), *map(str, arguments)], env=clean_environment(env), cwd=cwd,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.lines = {"stdout": [], "stderr": []}
        self.changed = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=(name,), daemon=True)
                        for name in self.lines]
        for reader in self.readers:
            reader.start()
        if stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()

    def _read(self, name):
        stream = getattr(self.process, name)
        for line in stream:
            with self.changed:
                self.lines[name].append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait_for_line(self, pattern, stream="stderr", deadline=DEADLINE_SECONDS):
        """The match of the first line of a stream that matches; fails if the program ends first."""
        pattern = re.compile(pattern)
        reader = self.readers[list(self.lines).index(stream)]

        def find():
            return next((m for m in map(pattern.search, self.lines[stream]) if m), None)

        with self.changed:
            self.changed.wait_for(lambda: find() or not reader.is_alive(), deadline)
            found = find()
        if not found:  # the last lines may have come as the reader ended
            reader.join(1)
            found = find()
        assert found, f"no line matches {pattern.pattern!r}:\n{self.text(stream)}"
        return found

    def text(self, stream):
        with self.changed:
            return "\n".join(self.lines[stream])

    def wait(self, deadline=DEADLINE_SECONDS):
        """Waits for the end; returns the exit code."""
        code = self.process.wait(deadline)
        for reader in self.readers:
            reader.join(deadline)
        return code

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.wait()


class Daemon(Process):
    """A coordinated on a free port of the loopback interface."""

    def __init__(self, *flags, env=None, address="127.0.0.1:0", cwd=None):
        listen = ("--cborrpc", address) if address else ()
        super().__init__("coordinated", *listen, *flags, env=env, cwd=cwd)
        try:
            ready = self.wait_for_line(READY)
        except AssertionError:
            self.kill()
            raise
        self.version = ready[1]
        self.address = (ready[2], int(ready[3]))
        self.http_address = (ready[4], int(ready[5])) if ready[4] else None

    @property
    def address_text(self):
        return f"{self.address[0]}:{self.address[1]}"

    def stop(self):
        """Ends it as systemd would; returns the exit code."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        code = self.stop()
        if kind is None:
            assert code == 0, f"exit code {code}:\n{self.text('stderr')}"

    def open_files(self):
        """How many descriptors it holds: tells when it has let a connection go."""
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])


def run(program, *arguments, env=None, stdin=None, cwd=None, deadline=DEADLINE_SECONDS):
    """Runs a program to its end; returns subprocess.CompletedProcess with text output."""
    return subprocess.run(
        [str(BIN_DIR / program), *map(str, arguments)], env=clean_environment(env), cwd=cwd,
        input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True,
        text=True, errors="replace", timeout=deadline, check=False)
