# SPDX-License-Identifier: MIT
"""Every exception that this package raises on purpose.

The names that end in Error, CoordinateException and ProgrammerError are those of the original.
"""

from __future__ import annotations


class CoordinateException(Exception):
    """The base of all others here."""


class ProgrammerError(CoordinateException, ValueError):
    """The caller's mistake: an argument, a configuration or a work spec that cannot be right."""


class Failure(CoordinateException):
    """The daemon answered a failure value with a message."""


class LostLease(Failure):
    """The work unit is not this worker's any more: its lease ran out, or somebody took it back."""


class NoSuchWorkSpec(Failure):
    """There is no work spec of that name."""


class NoSuchWorkUnit(Failure):
    """There is no work unit of that key."""


class RpcError(CoordinateException):
    """The daemon answered `error`: it does not know the method, or not with these arguments."""


class NotOffered(CoordinateException):
    """What was asked for needs an extension that this daemon does not list in `server_info`."""


class ConnectionLost(CoordinateException, ConnectionError):
    """The daemon could not be reached, or went away, and trying again did not help."""


class AnswerLost(ConnectionLost):
    """The request was sent and no answer came; it was not sent again, since the daemon may have
    done it already and doing it twice is not the same as once."""


class ProtocolError(CoordinateException):
    """What came over the connection is no answer."""


NoSuchWorkSpecError = NoSuchWorkSpec
NoSuchWorkUnitError = NoSuchWorkUnit


def failure(message: str) -> Failure:
    """The exception that says what the daemon's `message` says."""
    if message.startswith("no such work spec"):
        return NoSuchWorkSpec(message)
    if message.startswith("no such work unit"):
        return NoSuchWorkUnit(message)
    if message == "lost lease":
        return LostLease(message)
    return Failure(message)
