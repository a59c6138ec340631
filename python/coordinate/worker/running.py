# SPDX-License-Identifier: MIT
"""Runs one unit and tells what to report of it."""

from __future__ import annotations

import logging
from typing import Optional

from ..calls.updates import Update
from ..constants import FAILED, FINISHED
from ..exceptions import LostLease, ProgrammerError
from ..work_unit import WorkUnit
from ..workunit_run import call_function

logger = logging.getLogger("coordinate.worker")


def run_unit(unit: WorkUnit) -> Optional[Update]:
    """Calls the unit's function. Returns the update that ends the unit, or None if the function has
    ended it itself or the lease was lost. Whatever the function raises fails the unit."""
    name, key = unit.work_spec_name, unit.key
    logger.debug("running work unit %r %r", name, key)
    try:
        call_function(unit, unit.spec)
        return None if unit.ended is not None else unit.change(status=FINISHED)
    except LostLease:
        logger.warning("work unit %r %r: the lease was lost", name, key)
        return None
    except (Exception, SystemExit) as error:
        logger.warning("work unit %r %r failed", name, key, exc_info=True)
        return _failed(unit, error)


def _failed(unit: WorkUnit, error: BaseException) -> Optional[Update]:
    if unit.ended is not None:
        return None
    try:
        unit.note_failure(error)
        return unit.change(status=FAILED)
    except (ProgrammerError, TypeError):  # the function left data that cannot be sent
        unit.restore()
        unit.note_failure(error)
        return unit.change(status=FAILED)
