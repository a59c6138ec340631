# SPDX-License-Identifier: MIT
"""Turns steps into methods of the two clients."""

from __future__ import annotations

import functools
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from .request import Steps

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec

    P = ParamSpec("P")

S = TypeVar("S")
T = TypeVar("T")


def blocking(steps: Callable[Concatenate[S, P], Steps[T]]) -> Callable[Concatenate[Any, P], T]:
    """A method that takes the steps with the client's `run`."""

    @functools.wraps(steps)
    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        result: T = self.run(steps(self, *args, **kwargs))
        return result

    return method


def awaiting(
    steps: Callable[Concatenate[S, P], Steps[T]]
) -> Callable[Concatenate[Any, P], Awaitable[T]]:
    """A coroutine method that takes the steps with the client's `run`."""

    @functools.wraps(steps)
    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        result: T = await self.run(steps(self, *args, **kwargs))
        return result

    return method
