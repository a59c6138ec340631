# SPDX-License-Identifier: MIT
"""Fixtures: daemons on every backend, clients of them, workers in a folder of their own."""

import os
import pathlib
import signal
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT / "tests" / "python")]

from coordinate import TaskMaster  # noqa: E402
from daemon import BIN_DIR, Daemon  # noqa: E402
from postgres_cluster import Cluster  # noqa: E402
from running_worker import RunningWorker  # noqa: E402

BACKENDS = ("memory", "sqlite", "postgres")


def pytest_sessionstart(session):
    # A shell has its background jobs ignore this signal, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not session.config.option.collectonly and not (BIN_DIR / "coordinated").exists():
        pytest.exit(f"there is no {BIN_DIR}/coordinated: build it, or set COORD_BIN_DIR", 4)


@pytest.fixture(scope="session")
def postgres_cluster():
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_backend(postgres_cluster):
    """Tables of the test's own."""
    postgres_cluster.sql("CREATE SCHEMA test")
    yield "postgres:" + postgres_cluster.conninfo("options='-c search_path=test'")
    postgres_cluster.sql("DROP SCHEMA test CASCADE")


@pytest.fixture(params=BACKENDS)
def any_daemon(request, tmp_path):
    """A daemon on each backend in turn."""
    if request.param == "postgres":
        backend = request.getfixturevalue("postgres_backend")
    else:
        backend = {"memory": "memory", "sqlite": f"sqlite:{tmp_path}/work.db"}[request.param]
    with Daemon("--backend", backend) as daemon:
        yield daemon


@pytest.fixture
def daemon():
    """A daemon on memory: for what does not depend on the backend."""
    with Daemon() as daemon:
        yield daemon


@pytest.fixture
def task_master(daemon):
    with TaskMaster({"address": daemon.address_text}) as task_master:
        yield task_master


@pytest.fixture
def any_task_master(any_daemon):
    with TaskMaster({"address": any_daemon.address_text}) as task_master:
        yield task_master


@pytest.fixture
def start_worker(tmp_path):
    """Starts workers, whose run functions are the modules in tests/specs; none outlives the test."""
    started = []

    def start(address, config=None, *flags, **fork_worker):
        worker = RunningWorker(tmp_path, address, config or {}, fork_worker, flags)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("COORDINATE_"):
            monkeypatch.delenv(name)
