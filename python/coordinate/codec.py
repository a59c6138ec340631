# SPDX-License-Identifier: MIT
"""CBOR as the protocol has it, and the frames around it.

A message is one CBOR item in a byte string with tag 24. Text goes out as text and bytes as bytes;
tuples are tag 128, UUIDs tag 37. What comes in keeps its kind: a byte string is never turned into
text here. Tags that Python has no type for are `cbor2.CBORTag`, and go out as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

import cbor2

from .exceptions import ProgrammerError, ProtocolError

TAG_TUPLE = 128
_FRAME = b"\xd8\x18"
_MESSAGE_BYTES_MAX = 1 << 31
# Of one unit's data: what a daemon takes as it comes, 64 MiB a message, less what is around them.
DATA_BYTES_MAX = (64 << 20) - (64 << 10)
_SCALARS = frozenset({str, bytes, int, float, bool, type(None)})


def tuples_tagged(value: Any) -> Any:
    """`value` with its tuples as tag 128; scalars and unknown kinds as they are."""
    kind = type(value)
    if kind in _SCALARS:
        return value
    if kind is dict:
        return {
            key
            if type(key) in _SCALARS
            else _tagged_key(key): (item if type(item) in _SCALARS else tuples_tagged(item))
            for key, item in value.items()
        }
    if kind is list:
        return [item if type(item) in _SCALARS else tuples_tagged(item) for item in value]
    if isinstance(value, tuple):
        return cbor2.CBORTag(TAG_TUPLE, [tuples_tagged(item) for item in value])
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, tuples_tagged(value.value))
    if isinstance(value, Mapping):
        return tuples_tagged(dict(value))
    if isinstance(value, list):
        return tuples_tagged(list(value))
    return value


def _tagged_key(key: Any) -> Any:
    """Keys of maps must stay hashable: a tuple's items stand in a tuple, which is an array too."""
    if isinstance(key, tuple):
        return cbor2.CBORTag(TAG_TUPLE, tuple(_tagged_key(item) for item in key))
    return key


def encode_tagged(value: Any) -> bytes:
    """One CBOR item of a value whose tuples are tagged; a bare tuple goes out as a list. Raises
    ProgrammerError for what CBOR has no form for."""
    try:
        encoded: bytes = cbor2.dumps(value)
    except (cbor2.CBOREncodeError, UnicodeEncodeError, RecursionError) as error:
        raise ProgrammerError(f"this cannot be sent: {error}") from error
    return encoded


def encode(value: Any) -> bytes:
    """One CBOR item. Raises ProgrammerError for what CBOR has no form for."""
    return encode_tagged(tuples_tagged(value))


def _untag(_decoder: Any, tag: Any) -> Any:
    if tag.tag == TAG_TUPLE and isinstance(tag.value, (list, tuple)):
        return tuple(tag.value)
    return tag


def decode(encoded: bytes) -> Any:
    """The value of one CBOR item. Raises ProtocolError."""
    try:
        return cbor2.loads(encoded, tag_hook=_untag)
    except (cbor2.CBORError, ValueError, TypeError, RecursionError) as error:
        raise ProtocolError(f"not CBOR: {error}") from error


def frame(encoded: bytes) -> bytes:
    """The message that carries one encoded item."""
    length = len(encoded)
    if length < 24:
        head = bytes((0x40 + length,))
    elif length < 1 << 8:
        head = bytes((0x58, length))
    elif length < 1 << 16:
        head = b"\x59" + length.to_bytes(2, "big")
    elif length < 1 << 32:
        head = b"\x5a" + length.to_bytes(4, "big")
    else:
        raise ProgrammerError(f"a message of {length} bytes is too long")
    return _FRAME + head + encoded


def _measure(data: bytes) -> Optional[tuple[int, int]]:
    """Where the item of the message at the front of `data` begins and ends; None until enough of it
    is there to tell."""
    if len(data) < 3:
        return None
    length = data[2] - 0x40
    if data[:2] != _FRAME or not 0 <= length <= 27:
        raise ProtocolError("not a message of this protocol")
    begin = 3
    if length >= 24:
        begin = 3 + (1 << (length - 24))
        if len(data) < begin:
            return None
        length = int.from_bytes(data[3:begin], "big")
    if length > _MESSAGE_BYTES_MAX:
        raise ProtocolError(f"a message of {length} bytes")
    return begin, begin + length


class FrameReader:
    """Cuts what a connection receives into messages. Wants one message at a time: bytes that follow
    it are an error, since an answer is never sent without a request."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._end: Optional[int] = None

    def feed(self, data: bytes) -> Optional[bytes]:
        """Takes what was received; returns the item in the message once it is complete."""
        if not self._buffer:
            bounds = _measure(data)
            if bounds is not None and bounds[1] == len(data):
                return data[bounds[0] :]
        self._buffer += data
        if self._end is not None and len(self._buffer) < self._end:
            return None
        bounds = _measure(bytes(self._buffer[:12]))
        if bounds is None:
            return None
        begin, self._end = bounds
        if len(self._buffer) < self._end:
            return None
        if len(self._buffer) > self._end:
            raise ProtocolError("bytes after the answer")
        item = bytes(self._buffer[begin:])
        self._buffer.clear()
        self._end = None
        return item


def as_text(value: Any) -> Any:
    """`value` with each byte string that is UTF-8 made text, all the way down."""
    kind = type(value)
    if kind is bytes:
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if kind is dict:
        return {as_text(key): as_text(item) for key, item in value.items()}
    if kind is list:
        return [as_text(item) for item in value]
    if kind is tuple:
        return tuple(as_text(item) for item in value)
    return value
