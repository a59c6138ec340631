# SPDX-License-Identifier: MIT
"""A coordinate-worker as a process."""

import os
import pathlib
import signal
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE_SECONDS = 60


def package_environment():
    """The environment in which the package and the specs of the tests are found."""
    return {**os.environ, "PYTHONPATH": f"{HERE.parent}:{HERE / 'specs'}"}


class RunningWorker:
    """Runs in `folder`, with a configuration there; what it logs is in `worker.log`."""

    def __init__(self, folder, address, config, fork_worker, flags=()):
        self.folder = folder
        self.config_path = folder / "worker.yaml"
        self.log_path = folder / "worker.log"
        self.configure(address, config, fork_worker)
        with open(self.log_path, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "coordinate.worker", "-c", str(self.config_path), *flags],
                cwd=folder,
                env=package_environment(),
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    def configure(self, address, config, fork_worker):
        """Writes the configuration, as one of the original would look."""
        section = {
            "addresses": [address],
            "namespace": "test",
            "app_name": "test",
            "worker": "fork_worker",
            **config,
            "fork_worker": {
                "num_workers": 2,
                "poll_interval": 0.2,
                "heartbeat_interval": 0.5,
                **fork_worker,
            },
        }
        self.config_path.write_text(yaml.safe_dump({"coordinate": section, "application": 5}))

    @property
    def log(self):
        return self.log_path.read_text(encoding="utf-8")

    def children(self):
        """The process ids of its children."""
        pid = self.process.pid
        path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        return [int(child) for child in path.read_text(encoding="ascii").split()]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for the end; returns the exit code."""
        return self.process.wait(DEADLINE_SECONDS)

    def stop(self):
        """Drains it; returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """Ends it if it runs, as a test that failed needs; its children end by themselves."""
        if self.process.poll() is None:
            children = self.children()
            self.process.kill()
            self.process.wait()
            for child in children:
                try:
                    os.killpg(child, signal.SIGKILL)
                except ProcessLookupError:
                    pass
