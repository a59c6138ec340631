# SPDX-License-Identifier: MIT
"""Workers that wait for work for as long as their configuration lets them."""

from daemon import eventually


def test_an_idle_worker_drains(daemon, task_master, start_worker):
    worker = start_worker(daemon.address_text, poll_interval=3600)
    eventually(lambda: len(task_master.workers()) == 3, "a parent and two children")
    assert worker.stop() == 0, worker.log
