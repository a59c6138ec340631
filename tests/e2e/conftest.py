# SPDX-License-Identifier: MIT
"""Fixtures of the tests of both programs as processes."""

import pytest

from client import Client
from cli import Cli
from daemon import Daemon


@pytest.fixture
def plain_daemon():
    """A daemon that is not part of a matrix: these tests are about the command line."""
    with Daemon() as daemon:
        yield daemon


@pytest.fixture
def rpc(plain_daemon):
    """The original client, to set things up and to look at what the command line did."""
    with Client(plain_daemon.address) as client:
        yield client


@pytest.fixture
def cli(plain_daemon, tmp_path):
    """Runs `coordinate` against the daemon, in an empty folder."""
    return Cli(plain_daemon.address_text, tmp_path)
