# SPDX-License-Identifier: MIT
"""The C++ library as another project uses it: installed, found, linked, run."""

import re
import shutil
import subprocess

import pytest

from client import Client
from daemon import BIN_DIR, ROOT, Daemon, clean_environment, eventually
from helpers import FAILED, FINISHED, counts

BUILD = BIN_DIR.parent
SANITIZED = re.search(r"^COORD_SANITIZE:\w+=.", (BUILD / "CMakeCache.txt").read_text(),
                      re.MULTILINE)

pytestmark = pytest.mark.skipif(bool(SANITIZED),
                                reason="the library is instrumented, its users are not")


def call(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          check=False, env=clean_environment(), **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    call("cmake", "--install", BUILD, "--prefix", folder, "--component", "development")
    return folder


def build(prefix, source, folder):
    call("cmake", "-S", source, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix}",
         "-DCMAKE_CXX_FLAGS=-O0 -Wall -Wextra -Werror")
    call("cmake", "--build", folder)


@pytest.fixture
def daemon():
    with Daemon("--http", "127.0.0.1:0") as running:
        yield running


def url(daemon):
    return "http://%s:%d/" % daemon.http_address


def test_only_the_library_is_installed(prefix):
    files = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert {"include/coordinate/client.h", "include/coordinate/task_runner.h"} <= files
    allowed = (r"^include/coordinate/|libcoordinate\.a$|/cmake/Coordinate/|/examples/cpp/"
               r"|^share/doc/libcoordinate-dev/")
    assert [file for file in files if not re.search(allowed, file)] == []


def test_headers_need_nothing_else(prefix, tmp_path):
    """Each compiles alone, and takes in no header but its neighbours and the standard library's."""
    for header in sorted((prefix / "include/coordinate").iterdir()):
        source = tmp_path / "alone.cc"
        source.write_text(f"#include <coordinate/{header.name}>\n")
        call("c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
             f"-I{prefix}/include", source)
        for name in re.findall(r"#include (\S+)", header.read_text()):
            assert re.fullmatch(r'"coordinate/\w+\.h"|<\w+>', name), (header, name)


def test_the_example(prefix, daemon, tmp_path):
    build(prefix, prefix / "share/doc/coordinate/examples/cpp", tmp_path)
    program = tmp_path / "text_worker"
    texts = []
    for number in range(1, 6):
        texts.append(tmp_path / f"text {number}")
        texts[-1].write_text("line\n" * number)
    call(program, url(daemon), *texts, tmp_path / "missing")
    worker = subprocess.Popen([program, url(daemon)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    try:
        with Client(daemon.address) as client:
            eventually(lambda: counts(client, "total") == {FINISHED: 5}, "the totals")
            assert counts(client, "lines") == {FINISHED: 5, FAILED: 1}
        worker.terminate()
        said, complaints = worker.communicate(timeout=60)
    finally:
        worker.kill()
    assert worker.returncode == 0
    assert sorted(said.splitlines()) == [f"{text} {n}" for n, text in enumerate(texts, 1)]
    assert complaints == "text_worker: 10 units finished\n"


def test_what_the_guide_shows(prefix, daemon, tmp_path):
    """The blocks of docs/cpp.md are, one behind the other, a program."""
    page = (ROOT / "docs/cpp.md").read_text()
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(ROOT / "examples/cpp/CMakeLists.txt", source)
    blocks = re.findall(r"```cpp\n(.*?)```", page, re.DOTALL)
    (source / "text_worker.cc").write_text("\n".join(blocks))
    build(prefix, source, tmp_path / "build")
    assert call(tmp_path / "build/text_worker", url(daemon)) == "1 finished\n"
