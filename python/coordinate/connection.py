# SPDX-License-Identifier: MIT
"""Blocking connections to the daemon."""

from __future__ import annotations

import os
import random
import select
import socket
import struct
from typing import Any, Optional

from .addresses import Addresses
from .codec import FrameReader
from .config import Address, ClientSettings
from .exceptions import ConnectionLost
from .request import Envelopes, Request

# More would have each buffer mapped anew by the allocator.
_RECEIVE_BYTES = 1 << 15


class Connection:
    """One socket. Not for several threads at once. After an error it must be closed."""

    def __init__(self, address: Address, timeout: Optional[float]) -> None:
        """Connects. Raises OSError."""
        self._timeout = timeout
        self._socket = socket.create_connection(address, timeout)
        self._socket.settimeout(None)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._allowed: Optional[float] = None
        self._frames = FrameReader()
        self._envelopes = Envelopes()
        #: True while a request has been sent whole and not been answered.
        self.owes_answer = False

    def close(self) -> None:
        self._socket.close()

    def is_stale(self) -> bool:
        """True if the daemon has closed the connection since it was last used, or is about to."""
        if self._envelopes.refused:
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def call(self, request: Request) -> Any:
        """The result. Raises OSError, ConnectionLost, ProtocolError, RpcError."""
        message = self._envelopes.wrap(request)
        self._allow(request.wait)
        try:
            self._socket.sendall(message)
        except (BrokenPipeError, ConnectionResetError):
            # A daemon that refuses a message says so before it has read all of it.
            self._envelopes.unwrap(self._receive_item())
            raise
        self.owes_answer = True
        item = self._receive_item()
        self.owes_answer = False
        return self._envelopes.unwrap(item)

    def _receive_item(self) -> bytes:
        item = None
        while item is None:
            data = self._receive()
            if not data:
                raise ConnectionLost("the daemon closed the connection")
            item = self._frames.feed(data)
        return item

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            raise ConnectionLost(f"no answer for {self._allowed} seconds") from None

    def _allow(self, wait: float) -> None:
        """Sets how long the daemon may be silent, for an answer that it may hold back for `wait`
        seconds. The kernel keeps that time: Python's own would cost a system call each time."""
        allowed = None if self._timeout is None else self._timeout + wait
        if allowed != self._allowed:
            whole = int(allowed or 0)
            interval = struct.pack("@ll", whole, int(((allowed or 0) - whole) * 1e6))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, interval)
            self._allowed = allowed


class Pool:
    """The connections of one client that are not in use. A thread that calls takes one, or opens one,
    and gives it back, so that threads never wait for each other."""

    def __init__(self, settings: ClientSettings, rng: random.Random) -> None:
        self._settings = settings
        self._addresses = Addresses(settings.addresses, rng)
        self._idle: list[Connection] = []
        self._process = os.getpid()

    def take(self) -> Optional[Connection]:
        """An open connection, if there is one. One made before a fork belongs to the parent."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self.close()
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def open(self) -> Connection:
        """A new connection, to the first address that accepts it. Raises the last OSError."""
        refused: Optional[OSError] = None
        for address in self._addresses.round():
            try:
                return Connection(address, self._settings.answer_timeout)
            except OSError as error:
                refused = error
        assert refused is not None, "there is at least one address"
        raise refused

    def give(self, connection: Connection) -> None:
        self._idle.append(connection)

    def close(self) -> None:
        """Closes what is not in use."""
        while self._idle:
            self._idle.pop().close()
