# SPDX-License-Identifier: MIT
"""A way to a daemon that breaks after a number of answers."""

import socket
import threading

from client import Connection, ConnectionClosed, frame


class CutConnection:
    """Listens, passes one connection on to a daemon, and cuts it after so many answers."""

    def __init__(self, address, answers):
        self.daemon = address
        self.answers = answers
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address_text(self):
        return "%s:%d" % self.listener.getsockname()

    def _serve(self):
        accepted, _ = self.listener.accept()
        # An object around a socket that is there already.
        caller = Connection.__new__(Connection)
        caller.socket = accepted
        with accepted, Connection(self.daemon) as daemon:
            try:
                for _ in range(self.answers):
                    daemon.send(frame(caller.read_message()))
                    caller.send(frame(daemon.read_message()))
            except ConnectionClosed:
                pass

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.thread.join(60)
        assert not self.thread.is_alive()
