# SPDX-License-Identifier: MIT
"""PostgreSQL clusters of one's own: made in a folder, listening on a socket in it alone, gone at the
end. The server refuses to run as root; then it runs as the user that Debian's package has made."""

import os
import pathlib
import shutil
import subprocess
import tempfile

USER = "coord"
DATABASE = "postgres"
START_SECONDS = 60


def binaries():
    """Where the newest server's programs are."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"),
                   key=lambda path: int(path.parent.name))
    if not found:
        raise FileNotFoundError("there is no PostgreSQL server; scripts/install-deps test brings it")
    return found[-1]


class Cluster:
    """Starts as a new one, or as a standby that follows `primary`. `options` are the server's, as on
    its command line. `synced`: what is committed survives a power cut, as it should in use."""

    def __init__(self, options="", synced=False, folder=None, primary=None):
        self.folder = tempfile.mkdtemp(prefix="coord-postgres.", dir=folder)
        self.options = f"{options} -c fsync={'on' if synced else 'off'} -c max_connections=200"
        self.as_owner = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.as_owner = ["runuser", "-u", "postgres", "--"]
        try:
            if primary is None:
                self._run("initdb", "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8",
                          "--no-locale", *([] if synced else ["-N"]))
            else:
                self._run("pg_basebackup", "-D", self.data, "-h", primary.folder, "-U", USER, "-R",
                          "-X", "stream", "-c", "fast")
            self.start()
        except BaseException:
            self.remove()
            raise

    @property
    def data(self):
        return os.path.join(self.folder, "data")

    @property
    def log(self):
        return os.path.join(self.folder, "server.log")

    def conninfo(self, more="", database=DATABASE):
        """The connection string of libpq, with more of its parameters."""
        return f"host={self.folder} user={USER} dbname={database} {more}".rstrip()

    def _run(self, program, *arguments):
        done = subprocess.run([*self.as_owner, str(binaries() / program), *arguments],
                              cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}")

    def _control(self, *arguments):
        self._run("pg_ctl", "-D", self.data, "-w", "-t", str(START_SECONDS), *arguments)

    def start(self):
        # The server keeps what it prints; nobody reads a pipe of it.
        self._control("-l", self.log, "-s", "-o",
                      f"-k {self.folder} -c listen_addresses= {self.options}", "start")

    def stop(self, mode="immediate"):
        """"immediate" is as if it had crashed."""
        self._control("-m", mode, "stop")

    def promote(self):
        self._control("promote")

    def sql(self, text, database=DATABASE):
        """Runs statements; returns the rows, columns separated by |."""
        done = subprocess.run(
            [str(binaries() / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
             self.conninfo(database=database), "-c", text],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.splitlines()

    def remove(self):
        try:
            self.stop()
        except RuntimeError:
            pass  # it does not run
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()
