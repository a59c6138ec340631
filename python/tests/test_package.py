# SPDX-License-Identifier: MIT
"""What holds for the package as a whole."""

import importlib
import re
import subprocess
import sys

import pytest

from conftest import ROOT
from daemon import BIN_DIR

import coordinate


def test_the_version_is_that_of_the_daemon():
    declared = re.search(
        r"project\(coordinate VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()
    )
    assert coordinate.__version__ == declared[1]


def test_all_packages_are_shipped():
    declared = re.search(
        r"^packages = (\[.*\])$", (ROOT / "python/pyproject.toml").read_text(), re.M
    )
    found = {
        path.parent.relative_to(ROOT / "python").as_posix().replace("/", ".")
        for path in (ROOT / "python/coordinate").rglob("__init__.py")
    }
    assert set(re.findall(r'"(.*?)"', declared[1])) == found


@pytest.mark.parametrize(
    "module, names",
    [
        ("coordinate", "TaskMaster CoordinateException ProgrammerError config_name"),
        ("coordinate.job_client", "TaskMaster WorkUnit"),
        ("coordinate.constants", "AVAILABLE PENDING FINISHED FAILED RUN PRI_PRIORITY RUNNABLE"),
        ("coordinate.exceptions", "LostLease NoSuchWorkSpecError NoSuchWorkUnitError"),
        ("coordinate.workers", "Worker SingleWorker LoopWorker ForkWorker run_worker"),
        ("coordinate.workunit_run", "run"),
    ],
)
def test_the_names_of_the_original(module, names):
    """Where programs for it import from."""
    imported = importlib.import_module(module)
    assert [name for name in names.split() if not hasattr(imported, name)] == []


def test_the_benchmark_runs():
    """Its figures mean nothing here: the machine is busy with other tests."""
    done = subprocess.run(
        [ROOT / "bench/pyclient", "--quick", "--bin", BIN_DIR],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"ratio \d+\.\d\d  bar 0\.80", done.stdout)) == 2


def test_importing_the_client_does_not_import_the_worker():
    program = "import sys, coordinate; sys.exit('coordinate.worker' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT / "python", check=True)
