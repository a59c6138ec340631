# SPDX-License-Identifier: MIT
"""A CBOR-RPC client that puts on the wire what the original Python 2 client would.

A Python 2 program knows two kinds of string: `str`, which CBOR carries as a byte string, and
`unicode`, which it carries as text. Here `str` literals stand for Python 2's `str` and go out as
byte strings; Text("...") stands for `unicode`. With strings="text" all strings go out as text, as
a Python 3 or Go client sends them. Byte literals are always byte strings. Tuples are tag 128.
"""

import socket
import struct

import cbor2

TAG_ENCODED = 24
TAG_TUPLE = 128
DEADLINE_SECONDS = 60.0


class Text(str):
    """A string that goes out as CBOR text, whoever sends it."""


class RpcError(Exception):
    """The server answered with `error`."""


class ConnectionClosed(Exception):
    """The server closed the connection in an orderly way, before a whole message had come."""


def wire(value, strings="bytes"):
    """What cbor2 must be given so that `value` goes out as the original client sends it."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, str):
        return value.encode() if strings == "bytes" else value
    if isinstance(value, tuple):
        return cbor2.CBORTag(TAG_TUPLE, [wire(item, strings) for item in value])
    if isinstance(value, list):
        return [wire(item, strings) for item in value]
    if isinstance(value, dict):
        return {wire(key, strings): wire(item, strings) for key, item in value.items()}
    return value


def _untag(_decoder, tag):
    if tag.tag == TAG_TUPLE:
        return tuple(tag.value)
    return tag


def decode(data):
    """One CBOR item, tuples as tuples, other tags that Python has no type for as CBORTag."""
    return cbor2.loads(data, tag_hook=_untag)


def frame(encoded):
    """The message that carries one encoded item."""
    return cbor2.dumps(cbor2.CBORTag(TAG_ENCODED, encoded))


def folded(value):
    """`value` with byte strings that are UTF-8 made text: how strings outside user data compare."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, (list, tuple)):
        return type(value)(folded(item) for item in value)
    if isinstance(value, dict):
        return {folded(key): folded(item) for key, item in value.items()}
    return value


def same(left, right):
    """True if both are equal and of the same kinds all the way down, as user data must be."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        # Keys that are equal but of different kinds (1 and 1.0 and True) must not match.
        kinds = {(type(key), key): item for key, item in left.items()}
        return len(left) == len(right) and all(
            (type(key), key) in kinds and same(kinds[type(key), key], item)
            for key, item in right.items())
    if isinstance(left, float):
        return struct.pack(">d", left) == struct.pack(">d", right)
    if isinstance(left, cbor2.CBORTag):
        return left.tag == right.tag and same(left.value, right.value)
    return left == right


class Connection:
    """A socket and the framing; knows nothing of requests."""

    def __init__(self, address, timeout=DEADLINE_SECONDS, receive_buffer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def read_exactly(self, count):
        pieces = []
        while count:
            piece = self.socket.recv(min(count, 1 << 20))
            if not piece:
                raise ConnectionClosed()
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def read_message(self):
        """The bytes of the item that the next message carries. Insists on one tag 24 around it."""
        assert self.read_exactly(2) == b"\xd8\x18"
        head = self.read_exactly(1)[0]
        assert head >> 5 == 2, "tag 24 must be around a byte string"
        length = head & 31
        if length >= 24:
            assert length <= 27, "the byte string must be of definite length"
            length = int.from_bytes(self.read_exactly(1 << (length - 24)), "big")
        return self.read_exactly(length)

    def is_closed(self):
        """Waits for the server to close; False if it says something first. A reset counts."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


class Client(Connection):
    """Speaks as the original client: increasing ids, params as a plain list."""

    def __init__(self, address, strings="bytes", **options):
        super().__init__(address, **options)
        self.strings = strings
        self.last_id = 0

    def wire(self, value):
        """`value` as it will come back if it is stored: strings of the kind that is sent."""
        return decode(cbor2.dumps(wire(value, self.strings)))

    def request(self, method, params):
        """A request map with the next id."""
        self.last_id += 1
        return {"params": params, "id": self.last_id, "method": method}

    def send_value(self, value):
        self.send(frame(cbor2.dumps(wire(value, self.strings))))

    def post(self, method, *params):
        """Sends a request without waiting for its answer; returns its id."""
        self.send_value(self.request(method, list(params)))
        return self.last_id

    def receive(self):
        """The next message's decoded answer, or list of answers."""
        return decode(self.read_message())

    def result_of(self, answer, expected_id):
        """The result in an answer map, of which the form is checked. Raises RpcError."""
        assert answer[b"id"] == expected_id
        assert set(answer) in ({b"id", b"result"}, {b"id", b"error"})
        if b"error" in answer:
            error = folded(answer[b"error"])
            assert isinstance(error["message"], str)
            raise RpcError(error["message"])
        return answer[b"result"]

    def call(self, method, *params):
        """One method, parameters by position. Raises RpcError where the server answers an error."""
        expected_id = self.post(method, *params)
        return self.result_of(self.receive(), expected_id)

    def call_named(self, method, params):
        """One method with `params` as they are: a map, or anything else."""
        request = self.request(method, params)
        self.send_value(request)
        return self.result_of(self.receive(), request["id"])

    def pair(self, method, *params):
        """One method whose result is a pair: its two items."""
        result = self.call(method, *params)
        assert isinstance(result, (list, tuple)) and len(result) == 2, result
        value, message = result
        assert message is None or isinstance(message, (bytes, str)), message
        return value, message if message is None else folded(message)

    def good(self, method, *params):
        """The first item of a pair that carries no message."""
        value, message = self.pair(method, *params)
        assert message is None, message
        return value
