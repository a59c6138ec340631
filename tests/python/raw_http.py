# SPDX-License-Identifier: MIT
"""HTTP as bytes, for what a well-behaved library cannot send."""

import socket

DEADLINE_SECONDS = 60.0


class Closed(Exception):
    """The server closed the connection in an orderly way."""


class RawHttp:
    """One connection."""

    def __init__(self, address, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE_SECONDS)
        self.socket.connect(address)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise Closed(self.buffer)
        self.buffer += data

    def line(self):
        while b"\r\n" not in self.buffer:
            self._more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def exactly(self, size):
        while len(self.buffer) < size:
            self._more()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def to_the_end(self):
        try:
            while True:
                self._more()
        except Closed:
            data, self.buffer = self.buffer, b""
            return data

    def head(self):
        """The status and the header fields, names in lower case."""
        status = int(self.line().split()[1])
        fields = {}
        while line := self.line():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return status, fields

    def answer(self, to_head=False):
        """One whole response: status, fields, body."""
        status, fields = self.head()
        if fields.get("transfer-encoding") == "chunked":
            return status, fields, b"".join(self.chunks())
        size = 0 if to_head or status == 204 else int(fields["content-length"])
        return status, fields, self.exactly(size)

    def chunks(self):
        while size := int(self.line(), 16):
            yield self.exactly(size)
            assert self.exactly(2) == b"\r\n"
        assert self.line() == ""

    def ask(self, data, **options):
        self.send(data)
        return self.answer(**options)

    def is_closed(self):
        """Waits until the server has closed the connection, and nothing else has come."""
        try:
            return self.to_the_end() == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
