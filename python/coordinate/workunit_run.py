# SPDX-License-Identifier: MIT
"""Runs the function that a work spec names: `run_function` of `module`, with `run_params`."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable

from .codec import as_text
from .exceptions import LostLease, ProgrammerError

if TYPE_CHECKING:
    from .work_unit import UnitState, WorkUnit

logger = logging.getLogger("coordinate")


def find_function(work_spec: Mapping[str, Any]) -> Callable[..., Any]:
    """The function that a work spec names. Raises ProgrammerError if it names none, ImportError and
    AttributeError if there is none of that name."""
    names = {}
    for key in ("module", "run_function"):
        value = as_text(work_spec.get(key))
        if not isinstance(value, str):
            raise ProgrammerError(f"work spec {work_spec.get('name')!r} names no `{key}`")
        names[key] = value
    module = importlib.import_module(names["module"])
    function: Callable[..., Any] = getattr(module, names["run_function"])
    return function


def call_function(work_unit: UnitState, work_spec: Mapping[str, Any]) -> Any:
    """Calls the function with the unit, and with `run_params`: a list is further arguments, a map
    is arguments by name."""
    function = find_function(work_spec)
    params = work_spec.get("run_params")
    if isinstance(params, Mapping):
        return function(work_unit, **{as_text(name): value for name, value in params.items()})
    if isinstance(params, Sequence) and not isinstance(params, (str, bytes)):
        return function(work_unit, *params)
    return function(work_unit)


def run(work_unit: WorkUnit, work_spec: Mapping[str, Any]) -> Any:
    """Calls the function and finishes the unit. What the function raises goes to the caller, and
    the unit is left as it is."""
    name, key = work_unit.work_spec_name, work_unit.key
    logger.info("running work unit %r %r", name, key)
    try:
        result = call_function(work_unit, work_spec)
        work_unit.finish()
    except LostLease:
        logger.warning("work unit %r %r: the lease was lost", name, key)
        raise
    except Exception:
        logger.exception("work unit %r %r failed", name, key)
        raise
    logger.info("finished work unit %r %r", name, key)
    return result
