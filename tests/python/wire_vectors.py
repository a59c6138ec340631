# SPDX-License-Identifier: MIT
"""Comparing answers as "Matching a wire vector" (spec/cbor-rpc.md) says.

Where user data stands in a result depends on the method; `view` turns a result into a form in
which everything is compared by Python's `==`: user data wrapped in User, strings outside it folded
to text, pairs as Pair, volatile numbers as VOLATILE.
"""

import dataclasses
import typing

from client import folded, same

VOLATILE = "volatile"


class User:
    """User data: equal only where the kinds are equal too."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, User) and same(self.value, other.value)

    def __repr__(self):
        return f"User({self.value!r})"


@dataclasses.dataclass
class Pair:
    """A value and a message; any two messages are equal."""

    value: typing.Any
    has_message: bool


def plain(value):
    """A value outside user data: strings as text, numbers by value, but booleans no numbers."""
    if isinstance(value, bool):
        return f"<{value}>"
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    if isinstance(value, dict):
        return {folded(key): plain(item) for key, item in value.items()}
    return folded(value)


def _unit(item):
    """A tuple of names, the last of them user data."""
    assert isinstance(item, tuple), item
    return plain(item[:-1]) + (User(item[-1]),)


def _units(items):
    return [_unit(item) for item in items] if isinstance(items, list) else _unit(items)


def _definitions(result):
    """Definitions and the name that follows."""
    definitions, following = result
    return [User(definition) for definition in definitions], plain(following)


def _record(user_keys=(), volatile_keys=()):
    """A view of a map made by the server, of which some values are user data or volatile."""
    def view_record(record):
        if record is None:
            return None
        shown = {}
        for key, value in record.items():
            key = folded(key)
            if key in user_keys:
                shown[key] = User(value)
            elif key in volatile_keys and value is not None:
                assert isinstance(value, float), value
                shown[key] = VOLATILE
            else:
                shown[key] = plain(value)
        return shown
    return view_record


def _list_of(view_item):
    return lambda items: [view_item(item) for item in items]


def _map_of(view_item):
    return lambda items: {folded(key): view_item(item) for key, item in items.items()}


def _worker_info(info):
    """User data and the age, which this project adds."""
    if info is None:
        return None
    data = dict(info)
    age = data.pop("age_seconds", data.pop(b"age_seconds", None))
    return User(data), age if age is None else VOLATILE


_status = _record(user_keys=["traceback"], volatile_keys=["expiration"])
_child_unit = _record(user_keys=["work_unit_data"], volatile_keys=["expires"])

# What stands in the first item of the pair, for methods whose results hold user data.
_IN_PAIR = {
    "get_work_units": _units,
    "get_work": _units,
    "get_work_unit_status": _list_of(_status),
    "get_child_work_units": _map_of(_list_of(_child_unit)),
    "get_worker_info": _worker_info,
    # Modes come back as they were sent.
    "list_worker_modes": _map_of(User),
    "mode_counts": User,
    "get_config": User,
}
# The whole result, for methods that do not answer with a pair.
_BARE = {"get_work_spec": User, "list_work_specs": _definitions, "clear": plain,
         "worker_stats": plain, "archive": plain}


def view(method, result):
    """The comparable form of a method's result."""
    if method in _BARE:
        return _BARE[method](result)
    assert isinstance(result, (list, tuple)) and len(result) == 2, result
    value, message = result
    if message is None and value is not None:
        value = _IN_PAIR.get(method, plain)(value)
    return Pair(plain(value) if message is not None else value, message is not None)


def view_answer(method, answer):
    """The comparable form of one answer map."""
    keys = {folded(key): value for key, value in answer.items()}
    shown = {"id": User(keys.pop("id"))}
    if "error" in keys:
        assert isinstance(folded(keys.pop("error"))["message"], str)
        shown["error"] = True
    else:
        shown["result"] = view(method, keys.pop("result"))
    assert not keys
    return shown
