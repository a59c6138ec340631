# SPDX-License-Identifier: MIT
"""The image for containers: what its script installs, and what the Dockerfile has run there."""

import json
import re

import pytest

from daemon import ROOT
from machine import NOTHING
from work import WORDS_OF_UNITS, add_work, ours, words_of_units

DOCKERFILE = (ROOT / "packaging/Dockerfile").read_text()


def instruction(name):
    return re.search(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)[1]


@pytest.fixture
def container(image, new_machine):
    return new_machine(image, NOTHING)


def test_the_image_is_made_by_the_script():
    assert instruction("RUN").startswith("/tmp/packages/image-setup /tmp/packages ")
    assert instruction("COPY") == "build/packages/*.deb packaging/image-setup /tmp/packages/"
    offered = (ROOT / ".dockerignore").read_text().splitlines()
    assert offered == ["*", "!build/packages/*.deb", "!packaging/image-setup"]


def test_the_daemon_and_a_worker_run_in_it(container):
    daemon = container.start(*json.loads(instruction("CMD")), user=instruction("USER"),
                             folder=instruction("WORKDIR"), env=instruction("ENV").split())
    daemon.wait_for_line(r"ready: cborrpc=0\.0\.0\.0:5932 http=0\.0\.0\.0:5980 backend=sqlite")
    add_work(container)
    container.run("coordinate-worker", "run_one", "--limit-count", "2", folder="/srv")
    assert words_of_units(container) == WORDS_OF_UNITS
    daemon.signal(15)
    assert daemon.wait() == 0, daemon.text("stderr")
    assert container.path("/var/lib/coordinate/work.db").exists()


def test_python_sees_the_package(container):
    said = container.run("python3", "-c",
                         "import importlib.metadata as m, coordinate, pathlib;"
                         "print(m.version('coordinate') == coordinate.__version__,"
                         "(pathlib.Path(coordinate.__file__).parent / 'py.typed').exists())")
    assert said == "True True\n"


def test_completion_is_there(container):
    assert "_coordinate" in container.run(
        "bash", "-ec", "source /usr/share/bash-completion/completions/coordinate; complete -p coordinate")


def test_what_never_worked_leaves_nothing(container):
    container.run("apt-get", "purge", "-q", "-y", "coordinate", "python3-coordinate")
    assert ours(container) == set()
