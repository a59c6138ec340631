# SPDX-License-Identifier: MIT
"""Configurations: YAML files with a `coordinate:` section, and the settings that clients read of it.

    coordinate:
      addresses: ['queue-1:5932', 'queue-2:5932']   # or `address`, or `registry_addresses`
      default_lifetime: 900      # seconds of a lease that is asked for without a time
      retries: 5                 # how often a request is tried again
      base_retry_seconds: 0.5    # the first pause between tries; each next one is twice as long
      answer_timeout: 300        # seconds after which an answer counts as lost; null: never
      strict: false              # failure values become exceptions
      strings_as_text: false     # byte strings that are UTF-8 come in as text

Keys that nobody knows here are left alone: `namespace` and `app_name` are the original's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional, Union

import yaml

from .constants import DEFAULT_PORT
from .exceptions import ProgrammerError

Address = tuple[str, int]
Config = Mapping[str, Any]

_global_config: dict[str, Any] = {}


def load_config(path: str) -> dict[str, Any]:
    """The map in a YAML file. Raises ProgrammerError for one that holds none, and OSError."""
    try:
        with open(path, encoding="utf-8") as source:
            loaded = yaml.safe_load(source)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ProgrammerError(f"{path}: {error}") from error
    if not isinstance(loaded, dict):
        raise ProgrammerError(f"{path}: not a map")
    section = loaded.get("coordinate")
    if section is not None and not isinstance(section, dict):
        raise ProgrammerError(f"{path}: `coordinate` is not a map")
    return loaded


def set_global_config(config: Config) -> None:
    """Makes `config` what `get_global_config` returns. The worker does so before it runs work."""
    global _global_config
    _global_config = dict(config)


def get_global_config(*path: str) -> Any:
    """The configuration of this process, or the part of it under `path`. Raises KeyError."""
    value: Any = _global_config
    for name in path:
        value = value[name]
    return value


def overlay_config(base: Config, over: Config) -> dict[str, Any]:
    """A new map: `base` with `over` laid over it, map by map. A null in `over` takes a key away."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = overlay_config(result[key], value)
        else:
            result[key] = value
    return result


def parse_address(value: Union[str, tuple[str, int], list[Any]]) -> Address:
    """`host:port`, `[v6]:port`, `host`, or a pair. Raises ProgrammerError."""
    if isinstance(value, (tuple, list)):
        host, port = value if len(value) == 2 else ("", None)
    elif isinstance(value, str):
        host, colon, port = value.rpartition(":")
        if not colon or (host and ":" in host and not host.endswith("]")):
            host, port = value, DEFAULT_PORT
    else:
        host, port = "", None
    try:
        number = int(port)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = 0
    if not isinstance(host, str) or not host or not 0 < number < 65536:
        raise ProgrammerError(f"{value!r} is no address: it must be 'host:port' or (host, port)")
    return host.strip("[]"), number


def addresses_of(config: Config) -> list[Address]:
    """The daemon's addresses. Raises ProgrammerError where there are none."""
    single = config.get("address")
    if single:
        return [parse_address(single)]
    several = config.get("addresses") or config.get("registry_addresses")
    if not several:
        raise ProgrammerError("the configuration has neither `address` nor `addresses`")
    if isinstance(several, str):
        several = [several]
    return [parse_address(address) for address in several]


def number_of(config: Config, name: str, default: Optional[float]) -> Optional[float]:
    """A number that is not negative, or null. Raises ProgrammerError."""
    value = config.get(name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
        raise ProgrammerError(f"`{name}` must be a number, 0 or more, and is {value!r}")
    return value


def positive_of(config: Config, name: str, default: float) -> float:
    """A number above 0; absent or null means the default. Raises ProgrammerError."""
    value = number_of(config, name, default)
    if value is None:
        return default
    if value == 0:
        raise ProgrammerError(f"`{name}` must be above 0")
    return value


@dataclass(frozen=True)
class ClientSettings:
    """What a client reads of the `coordinate:` section; times in seconds."""

    addresses: tuple[Address, ...]
    default_lifetime: float = 900
    retries: int = 5
    base_retry_seconds: float = 0.5
    answer_timeout: Optional[float] = 300
    strict: bool = False
    strings_as_text: bool = False

    @classmethod
    def read(cls, config: Config) -> ClientSettings:
        """Raises ProgrammerError."""
        return cls(
            addresses=tuple(addresses_of(config)),
            default_lifetime=positive_of(config, "default_lifetime", cls.default_lifetime),
            retries=int(number_of(config, "retries", cls.retries) or 0),
            base_retry_seconds=number_of(config, "base_retry_seconds", cls.base_retry_seconds) or 0,
            answer_timeout=number_of(config, "answer_timeout", cls.answer_timeout) or None,
            strict=bool(config.get("strict", cls.strict)),
            strings_as_text=bool(config.get("strings_as_text", cls.strings_as_text)),
        )
