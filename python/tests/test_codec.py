# SPDX-License-Identifier: MIT
import uuid

import cbor2
import pytest

from coordinate import ProgrammerError, ProtocolError, as_text
from coordinate.codec import FrameReader, decode, encode, frame

VALUES = [
    None,
    True,
    0,
    -1,
    1 << 63,
    1 << 80,
    1.5,
    "text",
    "\u00fc",
    b"bytes",
    b"\xff",
    [],
    {},
    (),
    [1, (2, [3, (4,)])],
    {"k": (1, 2)},
    {b"k": "v"},
    {(1, "a"): 1},
    {1: {2: (3,)}},
    uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"),
    cbor2.CBORTag(4000, ["x", (1,)]),
    cbor2.CBORTag(24, b"\x01"),
]


def kinds(value):
    """`value` with its kinds, since 1 == True and "a" != b"a" alone do not tell them all apart."""
    if isinstance(value, dict):
        return dict, [(kinds(key), kinds(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [kinds(item) for item in value]
    if isinstance(value, cbor2.CBORTag):
        return value.tag, kinds(value.value)
    return type(value), value


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_keep_their_kind(value):
    assert kinds(decode(encode(value))) == kinds(value)


def test_tuples_have_the_tag_of_the_original():
    assert encode((1, 2)) == bytes.fromhex("d88082 0102".replace(" ", ""))


@pytest.mark.parametrize("value", [object(), {"k": [object()]}, "\ud800"], ids=repr)
def test_what_cannot_be_sent(value):
    with pytest.raises(ProgrammerError, match="cannot be sent"):
        encode(value)


@pytest.mark.parametrize("data", [b"", b"\x82\x01", b"\x62\xff\xff"], ids=repr)
def test_what_is_not_cbor(data):
    with pytest.raises(ProtocolError):
        decode(data)


@pytest.mark.parametrize("length", [0, 1, 23, 24, 255, 256, 65535, 65536, 200_000])
class TestFrames:
    def test_as_cbor2_makes_them(self, length):
        item = bytes(length)
        assert frame(item) == cbor2.dumps(cbor2.CBORTag(24, item))

    def test_in_one_piece(self, length):
        item = b"x" * length
        assert FrameReader().feed(frame(item)) == item

    def test_in_pieces(self, length):
        item = b"x" * length
        message = frame(item)
        for size in (1, 2, 5, 1000) if length < 1000 else (1000, 65536):
            reader = FrameReader()
            pieces = [message[n : n + size] for n in range(0, len(message), size)]
            assert all(reader.feed(piece) is None for piece in pieces[:-1])
            assert reader.feed(pieces[-1]) == item
            assert reader.feed(message) == item, "it is ready for the next one"


@pytest.mark.parametrize(
    "data",
    [
        b"\xd8\x19\x40",
        b"\x40\x40\x40",
        b"\xd8\x18\x60",
        b"\xd8\x18\x5f",
        b"HTTP/1.1 400",
        frame(b"a") + b"more",
        b"\xd8\x18\x5b\x7f" + bytes(7),
    ],
    ids=repr,
)
def test_what_is_no_frame(data):
    with pytest.raises(ProtocolError):
        FrameReader().feed(data)


def test_as_text():
    assert as_text({b"k": [b"v", (b"\xff", "t")], 1: None}) == {"k": ["v", (b"\xff", "t")], 1: None}
