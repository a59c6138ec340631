# SPDX-License-Identifier: MIT
"""Runs a program on a terminal of its own."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from daemon import DEADLINE_SECONDS, clean_environment

CONTROL_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A program that runs on a pseudo terminal, and all that it has written there."""

    def __init__(self, *arguments, env=None, cwd=None, columns=80, rows=24):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments], stdin=slave, stdout=slave, stderr=slave,
            env={**clean_environment(env), "TERM": "xterm"}, cwd=cwd, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.raw = ""

    @property
    def text(self):
        """What it wrote, without colours and the like."""
        return CONTROL_SEQUENCE.sub("", self.raw)

    def _read(self, end):
        """Reads some more; False at the end."""
        assert select.select([self.master], [], [], max(0, end - time.monotonic()))[0], self.raw
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # the other side is closed
            return False
        self.raw += piece.decode(errors="replace")
        return bool(piece)

    def wait_for(self, pattern, deadline=DEADLINE_SECONDS):
        """The match of what it writes; fails after the deadline, or where the program ends."""
        end = time.monotonic() + deadline
        while not (found := re.search(pattern, self.text)):
            assert self._read(end), f"no {pattern!r} in:\n{self.text}"
        return found

    def type(self, text):
        """Types something; what is written from here on is looked at by wait_for()."""
        self.raw = ""
        os.write(self.master, text.encode())

    def wait(self, deadline=DEADLINE_SECONDS):
        """Waits for the end; returns the exit code."""
        end = time.monotonic() + deadline
        while self._read(end):
            pass
        return self.process.wait(deadline)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
