# SPDX-License-Identifier: MIT
"""Children are killed at random while they work through many units: every unit is finished, and none
is run twice unless its lease ran out in between."""

import os
import random
import signal

import pytest

from daemon import eventually

UNITS = 20_000
CHILDREN = 4
LEASE_SECONDS = 1.5
# A child is killed each time so many more units are finished.
UNITS_PER_KILL = 500
SEED = int(os.environ.get("COORD_SEED", "1"))


def kill_at_random(worker, rng):
    children = worker.children()
    if children:
        try:
            os.kill(rng.choice(children), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True
    return False


def runs_by_key(path):
    """When each unit was run, by what the run function wrote."""
    runs = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            key, moment, _ = line.split()
            runs.setdefault(key, []).append(float(moment))
    return runs


def check_attempts(attempts, runs):
    """Of one unit: one attempt at a time, the last one finished it, and one in which the function
    ran before ended when its lease did."""
    assert [attempt["status"] for attempt in attempts[:-1]] == ["expired"] * (len(attempts) - 1)
    assert attempts[-1]["status"] == "finished"
    for earlier, later in zip(attempts, attempts[1:]):
        assert earlier["end"] <= later["start"]
        if any(earlier["start"] <= run < later["start"] for run in runs):
            assert earlier["end"] - earlier["start"] >= LEASE_SECONDS - 0.001


@pytest.mark.parametrize("fetch", [1, 20])
def test_every_unit_is_finished(any_daemon, any_task_master, start_worker, tmp_path, fetch):
    print(f"COORD_SEED={SEED}")
    tm, rng = any_task_master, random.Random(SEED)
    log = tmp_path / "runs"
    tm.set_work_spec(
        {"name": "s", "min_gb": 0, "module": "run_functions", "run_function": "record"}
    )
    for first in range(0, UNITS, 5000):
        tm.add_work_units(
            "s", [("%05d" % n, {"log": str(log)}) for n in range(first, first + 5000)]
        )
    worker = start_worker(
        any_daemon.address_text,
        {"default_lifetime": LEASE_SECONDS, "worker_job_fetch": fetch},
        num_workers=CHILDREN,
    )
    kills = 0

    def finished():
        nonlocal kills
        count = tm.num_finished("s")
        if count < UNITS and count >= UNITS_PER_KILL * (kills + 1):
            kills += kill_at_random(worker, rng)
        return count == UNITS

    eventually(finished, f"{UNITS} units to be finished", deadline=120)
    assert worker.stop() == 0, worker.log
    runs = runs_by_key(log)
    assert len(runs) == UNITS and kills >= 20
    again = 0
    for n in range(UNITS):
        key = "%05d" % n
        attempts = tm.get_work_unit_attempts("s", key)
        check_attempts(attempts, runs[key])
        again += len(attempts) > 1
    assert again, "some units must have been taken from children that were killed"
    print(
        f"{kills} kills, {again} units taken again,",
        f"{sum(len(times) > 1 for times in runs.values())} run again",
    )
