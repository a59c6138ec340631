# SPDX-License-Identifier: MIT
"""A server that does to its clients what a test says: answers, or breaks off."""

import socket
import threading

from coordinate.codec import FrameReader, decode, encode, frame

CLOSE = object()  # reads the request, then closes the connection without an answer


class ScriptedServer:
    """Answers each request by `script(method, params)`: a result, CLOSE, or an exception, of which
    the text becomes an `error`. Requests are kept in `requests`."""

    def __init__(self, script):
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self.requests = []
        self.connections = 0
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Refuses connections from now on, and closes all."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.close_connections()

    def close_connections(self):
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def methods(self):
        return [method for method, _ in self.requests]

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            while True:
                request = self._read(connection)
                if request is None:
                    return
                self.requests.append((request["method"], request["params"]))
                try:
                    result = self._script(request["method"], request["params"])
                    if result is CLOSE:
                        return
                    answer = {b"id": request["id"], b"result": result}
                except Exception as error:
                    answer = {b"id": request["id"], b"error": {"message": str(error)}}
                connection.sendall(frame(encode(answer)))

    @staticmethod
    def _read(connection):
        reader = FrameReader()
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return None
            if not data:
                return None
            item = reader.feed(data)
            if item is not None:
                return decode(item)
