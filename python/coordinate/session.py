# SPDX-License-Identifier: MIT
"""What both clients share: settings, what the daemon offers, and how failures are told."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from typing import Any, Optional

from . import codec, constants
from .config import ClientSettings, Config, addresses_of
from .exceptions import ProgrammerError, RpcError, failure
from .request import Request, Steps, read_extensions

logger = logging.getLogger("coordinate")


class Session:
    """The state of a client that steps may use. Subclasses take the steps."""

    RUN = constants.RUN
    IDLE = constants.IDLE
    TERMINATE = constants.TERMINATE
    AVAILABLE = constants.AVAILABLE
    BLOCKED = constants.BLOCKED
    PENDING = constants.PENDING
    FINISHED = constants.FINISHED
    FAILED = constants.FAILED

    def __init__(self, config: Config) -> None:
        """`config` is the `coordinate` section. Raises ProgrammerError."""
        #: The configuration as it was given.
        self.config = config
        self.settings = ClientSettings.read(config)
        #: Seconds of the leases that are asked for without a time.
        self.default_lifetime = self.settings.default_lifetime
        #: The worker that this client speaks for, where there is one.
        self.worker_id: Optional[str] = None
        self._extensions: Optional[frozenset[str]] = None
        self._rng = random.Random()

    def __repr__(self) -> str:
        shown = ", ".join(f"{host}:{port}" for host, port in addresses_of(self.config))
        return f"{type(self).__name__}({shown})"

    def offers(self, extension: str) -> Steps[bool]:
        """Whether the daemon lists the extension; it is asked once a connection."""
        return extension in (yield from self.extensions())

    def extensions(self) -> Steps[frozenset[str]]:
        known = self._extensions
        if known is None:
            try:
                known = read_extensions((yield Request("server_info")))
            except RpcError:  # the original server has no such method
                known = frozenset()
            self._extensions = known
        return known

    def shown(self, value: Any) -> Any:
        """A value of the caller's as it is to come in."""
        return codec.as_text(value) if self.settings.strings_as_text else value

    def first_of(self, method: str, pair: Any) -> Any:
        """The first item of a pair. Its message, if there is one, is raised if the client is strict
        and the first item is a failure value, and logged otherwise."""
        value, message = pair
        if message:
            text = str(codec.as_text(message))
            if self.settings.strict and not value:
                raise failure(text)
            logger.debug("%s: %s", method, text)
        return value

    def good_of(self, pair: Any) -> Any:
        """The first item of a pair; where there is a message, it is raised."""
        value, message = pair
        if message:
            raise failure(str(codec.as_text(message)))
        return value

    @classmethod
    def validate_work_spec(cls, work_spec: Mapping[Any, Any]) -> None:
        """Raises ProgrammerError for a definition that lacks `name` or a number as `min_gb`."""
        if "name" not in work_spec and b"name" not in work_spec:
            raise ProgrammerError(f"the work spec has no `name`: {work_spec!r}")
        min_gb = work_spec.get("min_gb", work_spec.get(b"min_gb"))
        if isinstance(min_gb, bool) or not isinstance(min_gb, (int, float)):
            raise ProgrammerError(f"`min_gb` of a work spec must be a number, and is {min_gb!r}")

    def set_mode(self, mode: str) -> None:
        """Does nothing, as in the original, where it was a remnant."""

    def get_mode(self) -> str:
        """Always RUN, as in the original."""
        return constants.RUN
