# SPDX-License-Identifier: MIT
"""Running the command line in tests."""

import json

from daemon import Process, run

OK, NEGATIVE, USAGE, UNREACHABLE, REFUSED, OUTPUT, TIMEOUT = 0, 1, 2, 3, 4, 5, 124


class Cli:
    """Runs `coordinate` with the address of a daemon in its environment."""

    def __init__(self, address, folder):
        self.env = {"COORDINATE_ADDRESS": address}
        self.folder = folder

    def run(self, *arguments, code=OK, stdin=None, env=None):
        """Runs it to its end; returns what it printed. Checks the exit code."""
        done = run("coordinate", *arguments, env={**self.env, **(env or {})}, stdin=stdin,
                   cwd=self.folder)
        assert done.returncode == code, f"exit code {done.returncode}:\n{done.stdout}{done.stderr}"
        return done

    def __call__(self, *arguments, **options):
        """Standard output of a run that says nothing else."""
        done = self.run(*arguments, **options)
        assert done.stderr == "", done.stderr
        return done.stdout

    def json(self, *arguments, **options):
        return json.loads(self(*arguments, **options))

    def fails(self, code, *arguments, **options):
        """Runs what must fail; returns the one line that it says on standard error."""
        done = self.run(*arguments, code=code, **options)
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("coordinate: "), done.stderr
        return lines[0]

    def start(self, *arguments):
        """Starts it and lets it run."""
        return Process("coordinate", *arguments, env=self.env, cwd=self.folder)
