# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the REST interface."""

import pytest

from client import Client
from rest_client import Rest

HTTP = ("--http", "127.0.0.1:0")


@pytest.fixture
def start_rest(start):
    """Starts daemons with the REST interface."""
    return lambda *flags: start(*HTTP, *flags)


@pytest.fixture
def daemon(start_rest):
    return start_rest("--manual-clock")


@pytest.fixture
def connect_rest(daemon):
    """Opens clients of the test's daemon."""
    clients = []

    def connect(form="json"):
        clients.append(Rest(daemon.http_address, form))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def rest(connect_rest):
    return connect_rest()


@pytest.fixture(params=["json", "cbor"])
def any_rest(request, connect_rest):
    """A client that speaks JSON, and one that speaks CBOR."""
    return connect_rest(request.param)


@pytest.fixture
def rpc(daemon):
    """The original CBOR-RPC client, at the same daemon."""
    with Client(daemon.address) as client:
        yield client


class Time:
    """The daemon's clock."""

    def __init__(self, rest):
        self.rest = rest
        self.seconds = 0

    def advance(self, seconds):
        self.seconds += seconds
        self.rest.put("/clock", {"now": self.text()})

    def text(self, ahead=0):
        whole = self.seconds + ahead
        hours, rest = divmod(whole, 3600)
        days, hours = divmod(hours, 24)
        return (f"1970-01-{1 + int(days):02d}T{int(hours):02d}:{int(rest // 60):02d}:"
                f"{rest % 60:09.6f}Z")


@pytest.fixture
def time(rest):
    return Time(rest)
