# SPDX-License-Identifier: MIT
"""Client and worker of the Coordinate job queue.

    from coordinate import TaskMaster

    with TaskMaster({"address": "127.0.0.1:5932"}) as task_master:
        task_master.set_work_spec({"name": "words", "min_gb": 0})
        task_master.add_work_units("words", {"/etc/services": {}})

`coordinate.aio` has the same for asyncio, `coordinate.workers` the worker.
"""

from .calls.updates import Update
from .codec import as_text
from .config import get_global_config, load_config, overlay_config, set_global_config
from .exceptions import (
    AnswerLost,
    ConnectionLost,
    CoordinateException,
    Failure,
    LostLease,
    NoSuchWorkSpec,
    NoSuchWorkSpecError,
    NoSuchWorkUnit,
    NoSuchWorkUnitError,
    NotOffered,
    ProgrammerError,
    ProtocolError,
    RpcError,
)
from .task_master import TaskMaster
from .version import VERSION as __version__
from .work_unit import WorkUnit

#: The section of a configuration that is ours.
config_name = "coordinate"

__all__ = [
    "AnswerLost",
    "ConnectionLost",
    "CoordinateException",
    "Failure",
    "LostLease",
    "NoSuchWorkSpec",
    "NoSuchWorkSpecError",
    "NoSuchWorkUnit",
    "NoSuchWorkUnitError",
    "NotOffered",
    "ProgrammerError",
    "ProtocolError",
    "RpcError",
    "TaskMaster",
    "Update",
    "WorkUnit",
    "__version__",
    "as_text",
    "config_name",
    "get_global_config",
    "load_config",
    "overlay_config",
    "set_global_config",
]
