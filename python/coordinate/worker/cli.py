# SPDX-License-Identifier: MIT
"""The commands: `coordinate-worker`, and `coordinate-worker run_one` for debugging."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from typing import Any, Callable, Optional

from ..config import load_config, set_global_config
from ..exceptions import CoordinateException, ProgrammerError
from ..task_master import TaskMaster
from ..version import VERSION
from . import logs
from .parent import Parent
from .settings import LOG_FORMATS, LOG_LEVELS, WorkerSettings
from .single import SingleWorker

logger = logging.getLogger("coordinate.worker")

EXIT_NO_WORK = 2
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3

_RUN_ONE_NAMES = ("run_one", "run-one")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-c", "--config", metavar="FILE", help="YAML file with a `coordinate:` section"
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="the daemon's address, instead of the file's (default: COORDINATE_ADDRESS)",
    )
    parser.add_argument(
        "-W",
        "--work-spec",
        "--from-work-spec",
        dest="work_specs",
        metavar="NAME",
        action="append",
        help="take units of this work spec only; may be repeated",
    )
    parser.add_argument("--log-format", choices=LOG_FORMATS, help="(default: text)")
    parser.add_argument("--log-level", choices=LOG_LEVELS, help="(default: info)")
    parser.add_argument("--logpath", metavar="FILE", help="log there, not to standard error")


def worker_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="coordinate-worker",
        description="Runs the functions that work specs name, in several processes.",
        epilog="SIGTERM and SIGINT: finish what runs, take nothing more; the second one kills what "
        "runs. SIGHUP: read the configuration again. "
        "`coordinate-worker run_one` runs one unit in this process.",
    )
    parser.add_argument("--version", action="version", version=f"coordinate-worker {VERSION}")
    _add_common(parser)
    parser.add_argument(
        "-n", "--num-workers", metavar="N", type=int, help="children (default: one for each core)"
    )
    parser.add_argument("--pidfile", metavar="FILE", help="write the process id there")
    parser.add_argument(
        "--foreground", action="store_true", help="makes no difference: it always does"
    )
    return parser


def run_one_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="coordinate-worker run_one",
        description="Runs one work unit in this process, or several; exit code 2: there was none.",
    )
    _add_common(parser)
    parser.add_argument("--limit-seconds", type=float, metavar="N", help="go on for N seconds")
    parser.add_argument("--limit-count", type=int, metavar="N", help="go on for N times")
    parser.add_argument("--max-jobs", type=int, metavar="N", help="take N units at a time")
    return parser


def loader(options: argparse.Namespace) -> Callable[[], dict[str, Any]]:
    """Returns a function that reads the file and lays the options over it."""

    def load() -> dict[str, Any]:
        config = load_config(options.config) if options.config else {}
        section = dict(config.get("coordinate") or {})
        fork_worker = section.get("fork_worker") or {}
        if not isinstance(fork_worker, dict):
            raise ProgrammerError("`fork_worker` is not a map")
        address = options.address
        if not address and not options.config:
            address = os.environ.get("COORDINATE_ADDRESS", "127.0.0.1")
        if address:
            section["address"] = address
        if options.work_specs:
            section["work_spec_names"] = options.work_specs
        names = ("num_workers", "log_format", "log_level")
        given = {name: getattr(options, name, None) for name in names}
        section["fork_worker"] = {
            **fork_worker,
            **{name: value for name, value in given.items() if value is not None},
        }
        config["coordinate"] = section
        return config

    return load


def work(arguments: Sequence[str]) -> int:
    """`coordinate-worker`; returns the exit code."""
    options = worker_parser().parse_args(arguments)
    load = loader(options)
    settings = WorkerSettings.read(load()["coordinate"])
    logs.set_up(settings.log_format, settings.log_level, options.logpath)
    parent = Parent(load, options.logpath)
    if options.pidfile:
        with open(options.pidfile, "w", encoding="ascii") as pidfile:
            pidfile.write(f"{os.getpid()}\n")
    try:
        return parent.run()
    finally:
        if options.pidfile:
            os.unlink(options.pidfile)


def run_one(arguments: Sequence[str], clock: Callable[[], float] = time.monotonic) -> int:
    """`coordinate-worker run_one`; returns the exit code."""
    options = run_one_parser().parse_args(arguments)
    config = loader(options)()
    section = config["coordinate"]
    settings = WorkerSettings.read(section)
    logs.set_up(settings.log_format, settings.log_level, options.logpath)
    set_global_config(config)
    sys.path.insert(0, "")
    with TaskMaster(section) as task_master:
        worker = SingleWorker(section, task_master, max_jobs=options.max_jobs)
        worker.register()
        try:
            found = _run_several(worker, options, clock)
        finally:
            worker.unregister()
    return 0 if found else EXIT_NO_WORK


def _run_several(
    worker: SingleWorker, options: argparse.Namespace, clock: Callable[[], float]
) -> bool:
    """Runs units as the limits say. Returns whether there was work the last time."""
    begun, count = clock(), 0
    while worker.run():
        count += 1
        if options.limit_seconds is None and options.limit_count is None:
            return True
        if options.limit_seconds is not None and clock() - begun >= options.limit_seconds:
            return True
        if options.limit_count is not None and count >= options.limit_count:
            return True
    return False


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The entry point. Returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in _RUN_ONE_NAMES:
            return run_one(given[1:])
        return work(given)
    except (ProgrammerError, OSError) as error:
        code = EXIT_UNREACHABLE if isinstance(error, ConnectionError) else EXIT_USAGE
        print(f"coordinate-worker: {error}", file=sys.stderr)
        return code
    except CoordinateException as error:
        print(f"coordinate-worker: {error}", file=sys.stderr)
        return EXIT_UNREACHABLE
