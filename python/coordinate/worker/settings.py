# SPDX-License-Identifier: MIT
"""What the worker reads of the `coordinate:` section.

    coordinate:
      default_lifetime: 900       # seconds of a lease
      worker_job_fetch: 1         # units taken at a time
      work_spec_names: [words]    # null: any
      worker: fork_worker
      fork_worker:
        num_workers: 4            # else num_workers_per_core (1) for each core
        poll_interval: 1          # seconds for which the daemon holds back "no work"
        spawn_interval: 0.01      # seconds between the starts of two children
        heartbeat_interval: 15
        child_lifetime: null      # seconds after which a child is replaced, between two units
        child_units: null         # units after which it is replaced
        child_memory_mb: null     # resident memory beyond which it is replaced, between two units
        max_unit_seconds: null    # as long as a unit may run in all: its lease is renewed until then
        stop_jobs_early: 15       # kill a child this long before its lease runs out
        log_format: text          # or json
        log_level: info

Times are seconds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..config import Config, number_of, positive_of
from ..constants import MAX_LEASE_SECONDS
from ..exceptions import ProgrammerError

LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class WorkerSettings:
    """See the module. None means no limit."""

    num_workers: int
    lease: float = 900
    fetch: int = 1
    work_spec_names: Optional[tuple[str, ...]] = None
    poll_interval: float = 1
    spawn_interval: float = 0.01
    heartbeat_interval: float = 15
    child_lifetime: Optional[float] = None
    child_units: Optional[float] = None
    child_memory_mb: Optional[float] = None
    max_unit_seconds: Optional[float] = None
    stop_jobs_early: float = 15
    log_format: str = "text"
    log_level: str = "info"

    @property
    def early(self) -> float:
        """How long before its lease runs out a child is killed: a third of the lease at most, so
        that short leases leave time to work."""
        return min(self.stop_jobs_early, self.lease / 3)

    @property
    def heartbeat_lifetime(self) -> float:
        """Seconds after which a worker that is silent counts as gone."""
        return max(60.0, 4 * self.heartbeat_interval)

    @classmethod
    def read(cls, config: Config) -> WorkerSettings:
        """Raises ProgrammerError."""
        section = config.get("fork_worker") or {}
        if not isinstance(section, Mapping):
            raise ProgrammerError("`fork_worker` is not a map")
        lease = positive_of(config, "default_lifetime", cls.lease)
        if lease > MAX_LEASE_SECONDS:
            raise ProgrammerError(f"`default_lifetime` is longer than a day: {lease}")
        return cls(
            num_workers=_num_workers(section),
            lease=lease,
            fetch=max(1, int(positive_of(config, "worker_job_fetch", 1))),
            work_spec_names=_names(config.get("work_spec_names")),
            poll_interval=positive_of(section, "poll_interval", cls.poll_interval),
            spawn_interval=number_of(section, "spawn_interval", cls.spawn_interval) or 0,
            heartbeat_interval=positive_of(section, "heartbeat_interval", cls.heartbeat_interval),
            child_lifetime=number_of(section, "child_lifetime", None) or None,
            child_units=number_of(section, "child_units", None) or None,
            child_memory_mb=number_of(section, "child_memory_mb", None) or None,
            max_unit_seconds=number_of(section, "max_unit_seconds", None) or None,
            stop_jobs_early=number_of(section, "stop_jobs_early", cls.stop_jobs_early) or 0,
            log_format=_one_of(section, "log_format", cls.log_format, LOG_FORMATS),
            log_level=_one_of(section, "log_level", cls.log_level, LOG_LEVELS),
        )


def _num_workers(section: Config) -> int:
    number = number_of(section, "num_workers", None)
    if not number:
        per_core = positive_of(section, "num_workers_per_core", 1)
        number = per_core * (os.cpu_count() or 1)
    return max(1, int(number))


def _names(value: Any) -> Optional[tuple[str, ...]]:
    if value is None:
        return None
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ProgrammerError(f"`work_spec_names` must be a list of names, and is {value!r}")
    return tuple(names)


def _one_of(section: Config, name: str, default: str, known: tuple[str, ...]) -> str:
    value = section.get(name, default)
    if value not in known:
        raise ProgrammerError(f"`{name}` must be one of {', '.join(known)}, and is {value!r}")
    return str(value)
