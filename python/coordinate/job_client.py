# SPDX-License-Identifier: MIT
"""Where programs for the original import the client from."""

from .constants import MAX_LEASE_SECONDS, MIN_LEASE_SECONDS
from .task_master import TaskMaster
from .work_unit import WorkUnit

__all__ = ["MAX_LEASE_SECONDS", "MIN_LEASE_SECONDS", "TaskMaster", "WorkUnit"]
