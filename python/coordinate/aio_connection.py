# SPDX-License-Identifier: MIT
"""Connections to the daemon for asyncio."""

from __future__ import annotations

import asyncio
import random
import socket
from typing import Any, Optional

from .addresses import Addresses
from .codec import FrameReader
from .config import Address, ClientSettings
from .exceptions import ConnectionLost
from .request import Envelopes, Request

_RECEIVE_BYTES = 1 << 18


class Connection:
    """A pair of streams. Not for several tasks at once. After an error it must be aborted."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        timeout: Optional[float],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout = timeout
        self._frames = FrameReader()
        self._envelopes = Envelopes()
        #: True while a request has been sent whole and not been answered.
        self.owes_answer = False

    @classmethod
    async def open(cls, address: Address, timeout: Optional[float]) -> Connection:
        """Raises OSError."""
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(*address), timeout)
        except asyncio.TimeoutError:
            raise ConnectionLost(f"{address[0]}:{address[1]} did not accept") from None
        underlying = writer.get_extra_info("socket")
        underlying.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return cls(reader, writer, timeout)

    def abort(self) -> None:
        """Closes at once."""
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            pass  # it is closed, if in another way

    def is_stale(self) -> bool:
        """True if the daemon has closed the connection since it was last used, or is about to."""
        return self._envelopes.refused or self._reader.at_eof() or self._writer.is_closing()

    async def call(self, request: Request) -> Any:
        """The result. Raises OSError, ConnectionLost, ProtocolError, RpcError."""
        message = self._envelopes.wrap(request)
        # The transport may send at once, and does not tell how far it came.
        self.owes_answer = True
        self._writer.write(message)
        timeout = None if self._timeout is None else self._timeout + request.wait
        try:
            item = await asyncio.wait_for(self._receive(), timeout)
        except asyncio.TimeoutError:
            raise ConnectionLost(f"no answer for {timeout} seconds") from None
        self.owes_answer = False
        return self._envelopes.unwrap(item)

    async def _receive(self) -> bytes:
        await self._writer.drain()
        while True:
            data = await self._reader.read(_RECEIVE_BYTES)
            if not data:
                raise ConnectionLost("the daemon closed the connection")
            item = self._frames.feed(data)
            if item is not None:
                return item


class Pool:
    """The connections of one client that are not in use."""

    def __init__(self, settings: ClientSettings, rng: random.Random) -> None:
        self._settings = settings
        self._addresses = Addresses(settings.addresses, rng)
        self._idle: list[Connection] = []

    def take(self) -> Optional[Connection]:
        """An open connection, if there is one."""
        return self._idle.pop() if self._idle else None

    async def open(self) -> Connection:
        """A new connection, to the first address that accepts it. Raises the last OSError."""
        refused: Optional[OSError] = None
        for address in self._addresses.round():
            try:
                return await Connection.open(address, self._settings.answer_timeout)
            except OSError as error:
                refused = error
        assert refused is not None, "there is at least one address"
        raise refused

    def give(self, connection: Connection) -> None:
        self._idle.append(connection)

    async def close(self) -> None:
        """Closes what is not in use."""
        while self._idle:
            await self._idle.pop().close()
