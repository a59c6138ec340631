# SPDX-License-Identifier: MIT
"""Starts and ends the processes of children."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

from .channel import Channel
from .child import ChildOrder

_PACKAGE_FOLDER = str(Path(__file__).resolve().parents[2])
_PROGRAM = """
import sys
sys.path.append({folder!r})
from coordinate.worker.child import main
main({descriptor})
"""


class ChildProcess:
    """A child: a fresh interpreter in a process group of its own, so that what the run functions
    start ends with it, and a terminal's signals do not reach it."""

    def __init__(self, order: ChildOrder) -> None:
        self.channel, theirs = Channel.pair()
        program = _PROGRAM.format(folder=_PACKAGE_FOLDER, descriptor=theirs.fileno())
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        # An order may be longer than a pipe holds, and the child takes its time to start.
        threading.Thread(target=self._give, args=(pickle.dumps(order),), daemon=True).start()

    def _give(self, order: bytes) -> None:
        assert self._process.stdin is not None, "it is a pipe"
        try:
            with self._process.stdin as pipe:
                pipe.write(order)
        except OSError:
            pass  # the child has died, which the parent finds out

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended(self) -> bool:
        """Whether it has ended. The first time it has, what it left running is killed."""
        if self._process.poll() is None:
            return False
        self._signal_group(signal.SIGKILL)
        return True

    def kill(self) -> None:
        """Ends it at once, with all that it has started."""
        if self._process.returncode is None:
            self._signal_group(signal.SIGKILL)

    def wait(self) -> None:
        self._process.wait()

    def how_it_ended(self) -> str:
        code = self._process.returncode
        if code is not None and code < 0:
            return f"signal {-code}"
        return f"exit code {code}"

    def _signal_group(self, number: int) -> None:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass
