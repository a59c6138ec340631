# SPDX-License-Identifier: MIT
"""Messages between the parent and a child, over a socket that keeps them apart.

A child tells its parent, so that this knows what is under way when the child has died:

    ("taken", [(spec, key, deadline), ...])   units in hand that have not been begun
    ("begun", spec, key, deadline)            the unit that runs now
    ("lease", deadline)                       the function has renewed its lease
    ("ended",)                                nothing runs now
    ("idle",)                                 nothing is in hand
    ("leaving", why)                          it ends, having given back what it had

The parent tells a child:

    ("drain",)                                take nothing more, end what runs, leave
    ("leases", deadline)                      all leases in hand have been renewed

Deadlines are of the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import socket
from typing import Any, Optional

from .. import codec

MESSAGE_BYTES = 1 << 16
# Of units in a "taken" message, so that the longest keys and names fit.
TAKEN_MAX = 24


class Channel:
    """One end. Not for several threads at once."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end

    @classmethod
    def pair(cls) -> tuple[Channel, Channel]:
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(one), cls(other)

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def send(self, *message: Any) -> bool:
        """False if the other end is gone."""
        try:
            self.socket.send(codec.encode_tagged(message))
        except OSError:
            return False
        return True

    def receive(self) -> Optional[list[Any]]:
        """The next message, without waiting; None if there is none now. Raises EOFError if the other
        end is gone."""
        try:
            data = self.socket.recv(MESSAGE_BYTES, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            raise EOFError
        message: list[Any] = codec.decode(data)
        return message
