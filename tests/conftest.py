# SPDX-License-Identifier: MIT
"""Fixtures that all Python tests share."""

import signal

import pytest

from client import Client
from daemon import BIN_DIR, Daemon
from rest import Rest


def pytest_addoption(parser):
    parser.addoption("--io-threads", action="append", choices=["1", "2"],
                     help="run only with this many I/O threads (default: with 1 and with 2)")


def pytest_sessionstart(session):
    # A shell has its background jobs ignore this signal, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not session.config.option.collectonly and not (BIN_DIR / "coordinated").exists():
        pytest.exit(f"there is no {BIN_DIR}/coordinated: build it, or set COORD_BIN_DIR", 4)


def pytest_generate_tests(metafunc):
    if "io_threads" in metafunc.fixturenames:
        counts = metafunc.config.getoption("--io-threads") or ["1", "2"]
        metafunc.parametrize("io_threads", counts, ids=[f"io{count}" for count in counts])


@pytest.fixture
def start(io_threads):
    """Starts daemons with the flags given; each must end well when the test is over."""
    daemons = []

    def start_daemon(*flags, **options):
        daemons.append(Daemon("--io-threads", io_threads, *flags, **options))
        return daemons[-1]

    yield start_daemon
    codes = [daemon.stop() for daemon in daemons]
    assert not any(codes), "\n".join(daemon.text("stderr") for daemon in daemons)


@pytest.fixture
def daemon(start):
    return start()


@pytest.fixture
def connect(daemon):
    """Opens clients of the test's daemon."""
    clients = []

    def connect_client(**options):
        clients.append(Client(daemon.address, **options))
        return clients[-1]

    yield connect_client
    for client in clients:
        client.close()


@pytest.fixture
def client(connect):
    """A client that speaks as the original does."""
    return connect()


@pytest.fixture(params=["bytes", "text"])
def any_client(request, connect):
    """A client that sends its strings as bytes, and one that sends them as text."""
    return connect(strings=request.param)


@pytest.fixture
def rest_daemon(start):
    """A daemon that listens for HTTP as well."""
    return start("--http", "127.0.0.1:0")


@pytest.fixture
def rest(rest_daemon):
    """A client of that daemon which checks every answer against the description."""
    with Rest(rest_daemon.http_address) as rest:
        rest.describe()
        yield rest


@pytest.fixture
def rpc(rest_daemon):
    """A CBOR-RPC client of the same daemon. It works in the namespace with the empty name."""
    with Client(rest_daemon.address) as rpc:
        yield rpc


@pytest.fixture
def clocked(start):
    """A client of a daemon whose time stands still."""
    daemon = start("--http", "127.0.0.1:0", "--manual-clock")
    with Rest(daemon.http_address) as rest:
        rest.describe()
        yield rest
