# SPDX-License-Identifier: MIT
"""Nothing that was answered is lost when the daemon is killed. COORD_SEED and COORD_KILLS choose
which run; threads and the system's scheduler make each one different in detail."""

import os

from harness import CrashRun
from postgres_cluster import Cluster


def survives_kills(backend, fail_points, kills):
    seed = os.environ.get("COORD_SEED", "1")
    kills = int(os.environ.get("COORD_KILLS", kills))
    run = CrashRun(["--backend", backend], fail_points, seed)
    wrong = run.run(kills)
    assert wrong == [], f"to repeat: COORD_SEED={seed} COORD_KILLS={kills}"
    print(f"{kills} kills, by place {run.killed_at}; {run.finished} units finished")
    assert run.finished > kills


def test_sqlite_survives_kills(tmp_path):
    survives_kills(f"sqlite:{tmp_path}/work.db",
                   ["sqlite.written", "sqlite.committed", "sqlite.answered"], kills=200)


def test_postgres_survives_kills():
    with Cluster() as cluster:
        survives_kills(f"postgres:{cluster.conninfo()}",
                       ["postgres.written", "postgres.committed", "postgres.answered"], kills=50)
