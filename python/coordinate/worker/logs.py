# SPDX-License-Identifier: MIT
"""Logs of the worker: a line of text, or a JSON object, for each record."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any, Optional

_TEXT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    """`time`, `level`, `logger`, `process`, `message`, `traceback`, and what a call gave as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        for name, value in vars(record).items():
            if name not in _USUAL:
                line[name] = value
        return json.dumps(line, default=repr)


def set_up(log_format: str, level: str, path: Optional[str] = None) -> None:
    """Makes all logs of this process go to standard error, or to a file."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if path:
        handler = logging.FileHandler(path)
    json_wanted = log_format == "json"
    handler.setFormatter(JsonFormatter() if json_wanted else logging.Formatter(_TEXT))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
