# SPDX-License-Identifier: MIT
"""The wheel and the source distribution, in an environment of their own, without an index."""

import subprocess

import pytest

from client import Client, folded
from daemon import Daemon, clean_environment
from helpers import add, spec, units

WORDS = """
def count(unit):
    unit.data["words"] = len(unit.data["text"].split())
"""
PROGRAM = """
from coordinate import TaskMaster
status: int = TaskMaster({"address": "x:1"}).status("s")
"""


@pytest.fixture(scope="module", params=["*.whl", "*.tar.gz"])
def environment(request, packages, tmp_path_factory):
    """The `bin` of an environment that has the package, and of the machine cbor2 and PyYAML."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--system-site-packages", folder], check=True)
    [dist] = packages.glob(request.param)
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-index",
                    "--no-build-isolation", "--disable-pip-version-check", dist],
                   cwd=folder, check=True)
    return folder / "bin"


def test_the_worker_runs(environment, tmp_path):
    (tmp_path / "words.py").write_text(WORDS)
    with Daemon() as daemon, Client(daemon.address, strings="text") as client:
        spec(client, "count", min_gb=0.1, module="words", run_function="count")
        add(client, ("one", {"text": "to be or not to be"}), to="count")
        done = subprocess.run([environment / "coordinate-worker", "run_one", "--address",
                               daemon.address_text], cwd=tmp_path, env=clean_environment(),
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert folded(units(client, "count"))["one"]["words"] == 6


def test_programs_see_its_types(environment, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(["mypy", "--strict", "--python-executable", environment / "python",
                           "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert 'expression has type "Dict[str, int]"' in done.stdout, done.stdout + done.stderr
