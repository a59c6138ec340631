# SPDX-License-Identifier: MIT
"""What docs/python.md shows is run as it stands, in its order."""

import os
import re
import subprocess
import sys

from conftest import ROOT
from running_worker import package_environment

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (\S+\.(?:py|yaml))\n")


def test_snippets(daemon, tmp_path, monkeypatch):
    page = (ROOT / "docs/python.md").read_text().replace("127.0.0.1:5932", daemon.address_text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    worker = programs / "coordinate-worker"
    worker.write_text(f'#!/bin/sh\nexec {sys.executable} -m coordinate.worker "$@"\n')
    worker.chmod(0o755)
    environment = {**package_environment(), "PATH": f"{programs}:{os.environ['PATH']}"}
    names = {"__name__": "snippets"}
    counts = {"file": 0, "python": 0, "sh": 0}
    for language, text in BLOCK.findall(page):
        named = FILE.match(text)
        if named:
            (tmp_path / named[1]).write_text(text)
            language = "file"
        elif language == "python":
            exec(compile(text, f"docs/python.md: {text.splitlines()[0]}", "exec"), names)
        else:
            assert language == "sh", f"what is {language}?"
            done = subprocess.run(
                ["bash", "-euxo", "pipefail", "-c", text],
                env=environment,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        counts[language] += 1
    assert min(counts.values()) > 0, counts
