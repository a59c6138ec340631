# SPDX-License-Identifier: MIT
"""HTTP byte by byte, for what no well-behaved client sends."""

import http.client
import socket


class RawHttp:
    """A socket, and the responses that come from it."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=60)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def request(self, method, target, *fields, body=b"", version="HTTP/1.1"):
        head = [f"{method} {target} {version}", "Host: test", *fields]
        if body and not any(field.lower().startswith(("content-length", "transfer-encoding"))
                            for field in fields):
            head.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def line(self):
        """One line of what comes."""
        return self.file.readline()

    def response(self, method="GET"):
        """The next response, read."""
        response = http.client.HTTPResponse(_Borrowed(self.file), method=method)
        response.begin()
        response.body = response.read()
        return response

    def at_end(self):
        """True if the peer sends no more."""
        return self.file.read(1) == b""

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class _Borrowed:
    """What HTTPResponse takes for a socket; its file outlives the response."""

    def __init__(self, file):
        self.file = file

    def makefile(self, _mode):
        return _Unclosed(self.file)


class _Unclosed:
    def __init__(self, file):
        self.file = file

    def __getattr__(self, name):
        return getattr(self.file, name)

    def close(self):
        pass

    def flush(self):
        pass
