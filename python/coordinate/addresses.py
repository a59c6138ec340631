# SPDX-License-Identifier: MIT
"""The choice among several addresses of the daemon."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from .config import Address


class Addresses:
    """Which address to use: a random one at first, then the same until it fails, then the next."""

    def __init__(self, addresses: Sequence[Address], rng: random.Random) -> None:
        self._addresses = tuple(addresses)
        self._current = rng.randrange(len(self._addresses))

    def round(self) -> Iterator[Address]:
        """Each address once, from the current one on; whoever stops at one keeps it."""
        for _ in self._addresses:
            yield self._addresses[self._current]
            self._current = (self._current + 1) % len(self._addresses)
