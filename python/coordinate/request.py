# SPDX-License-Identifier: MIT
"""Requests, and what becomes of one whose connection breaks. Nothing here does I/O.

Each method of the clients is written once, as a generator of *steps*: it yields a Request, is sent
the result, and returns what the caller gets. The blocking client and the asyncio one differ only in
how they take the steps.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Generator
from typing import Any, TypeVar

from . import codec
from .config import ClientSettings
from .exceptions import AnswerLost, ConnectionLost, ProtocolError, RpcError

T = TypeVar("T")

_PAUSE_SECONDS_MAX = 60.0


class Request:
    """One call. `plain`: there are no tuples in `params`, or their tags are there already, so that
    they need not be looked for. `again`: doing it twice is the same as once, so it may be sent again when an answer
    was lost. `needs`: extensions without which it would mean something else; they are looked for
    anew on each connection that it is sent again on. `wait`: seconds that the answer may be held
    back."""

    __slots__ = ("method", "params", "again", "needs", "wait", "plain", "maybe_done")

    def __init__(
        self,
        method: str,
        params: tuple[Any, ...] = (),
        again: bool = True,
        needs: tuple[str, ...] = (),
        wait: float = 0,
        plain: bool = False,
    ) -> None:
        self.method = method
        self.params = params
        self.again = again
        self.needs = needs
        self.wait = wait
        self.plain = plain
        #: True once it was sent whole and its answer was lost: the daemon may have done it.
        self.maybe_done = False


Steps = Generator[Request, Any, T]


class Envelopes:
    """Wraps requests and unwraps answers on one connection."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._waiting = 0
        #: True once the daemon has refused a message unread: it closes the connection then.
        self.refused = False

    def wrap(self, request: Request) -> bytes:
        """The message to send. Raises ProgrammerError if it cannot be encoded."""
        self._waiting = next(self._ids)
        params = request.params if request.plain else codec.tuples_tagged(list(request.params))
        message = {"id": self._waiting, "method": request.method, "params": params}
        return codec.frame(codec.encode_tagged(message))

    def unwrap(self, item: bytes) -> Any:
        """The result in the answer. Raises RpcError for an `error`, and ProtocolError."""
        answer = codec.decode(item)
        if not isinstance(answer, dict):
            raise ProtocolError("the answer is no map")
        error = codec.as_text(answer.get(b"error", answer.get("error")))
        # A message that is too long or too deep for the daemon is refused unread.
        self.refused = error is not None and answer.get(b"id", answer.get("id")) is None
        if not self.refused and answer.get(b"id", answer.get("id")) != self._waiting:
            raise ProtocolError("the answer is to another request")
        if b"result" in answer:
            return answer[b"result"]
        if "result" in answer:
            return answer["result"]
        message = error.get("message") if isinstance(error, dict) else None
        raise RpcError(str(message or error))


class Tries:
    """The tries of one request that went wrong: how long to pause before the next one, if any."""

    def __init__(self, settings: ClientSettings, request: Request, rng: random.Random) -> None:
        self._settings = settings
        self._request = request
        self._rng = rng
        self._failures = 0

    def pause_after(self, error: Exception, maybe_done: bool) -> float:
        """Seconds to wait before trying again. `maybe_done`: all of the request was sent. Raises
        AnswerLost or ConnectionLost when it must not be tried again."""
        method = self._request.method
        if maybe_done and not self._request.again:
            raise AnswerLost(f"{method}: no answer came, and it may have been done: {error}")
        self._failures += 1
        if self._failures > self._settings.retries:
            raise ConnectionLost(f"{method}: {error}")
        doublings = min(self._failures - 1, 20)
        longest = min(self._settings.base_retry_seconds * 2.0**doublings, _PAUSE_SECONDS_MAX)
        # Clients that lost the same daemon do not come back all at once.
        return self._rng.uniform(longest / 2, longest)


def read_extensions(result: Any) -> frozenset[str]:
    """The names that `server_info` lists."""
    names = codec.as_text(result.get("extensions")) if isinstance(result, dict) else None
    return frozenset(name for name in names or () if isinstance(name, str))


def offers_all(request: Request, extensions: frozenset[str]) -> bool:
    """Whether the daemon offers what the request needs."""
    return extensions.issuperset(request.needs)
