# SPDX-License-Identifier: MIT
"""Several daemons on one database, while daemons are killed, the database crashes, or a standby takes
its place. COORD_SEED chooses a run; threads and the system's scheduler make each one different in
detail."""

import os
import threading

import pytest

from cutter import Cutter, socket_of
from fleet import Fleet
from flow import Flow
from postgres_cluster import Cluster

SEED = os.environ.get("COORD_SEED", "1")


@pytest.fixture
def cluster():
    with Cluster() as made:
        yield made


def run(cluster, conninfo, units, workers, disturb):
    fleet = Fleet(3, "--backend", f"postgres:{conninfo}", "--log-level", "info")
    flow = Flow(cluster, fleet, SEED, units, workers)
    wrong = flow.run(disturb)
    assert wrong == [], "\n".join([f"to repeat: COORD_SEED={SEED}", *wrong])
    print(flow.report())
    return fleet


def pause(chance, longest):
    threading.Event().wait(chance.uniform(0.2, 1) * longest)


def test_daemons_are_killed(cluster):
    def disturb(fleet, chance):
        pause(chance, 3)
        fleet.kill_and_restart(chance.randrange(len(fleet.daemons)))

    fleet = run(cluster, cluster.conninfo(), units=100_000, workers=300, disturb=disturb)
    assert fleet.kills > 0
    assert fleet.stop() == []


def test_connections_are_cut_in_the_middle(cluster):
    cutter = Cutter(socket_of(cluster))

    def disturb(_fleet, chance):
        pause(chance, 0.2)
        cutter.cut_next(chance.randrange(1, 4))

    fleet = run(cluster, f"host=127.0.0.1 port={cutter.port} user=coord dbname=postgres",
                units=20_000, workers=100, disturb=disturb)
    assert cutter.cuts > 10
    fleet.stop()
    cutter.close()


def test_the_database_crashes(cluster):
    crashes = 0

    def disturb(_fleet, chance):
        nonlocal crashes
        pause(chance, 2)
        if crashes < 3:
            crashes += 1
            cluster.stop("immediate")
            cluster.start()

    fleet = run(cluster, cluster.conninfo(), units=20_000, workers=100, disturb=disturb)
    assert crashes > 0
    # Each daemon says once that it is away, and once that it is back.
    for daemon in fleet.daemons:
        away = [line for line in daemon.lines["stderr"] if "storage unavailable" in line]
        back = [line for line in daemon.lines["stderr"] if "available again" in line]
        assert 0 < len(away) <= crashes and len(away) == len(back), daemon.text("stderr")
    fleet.stop()


def test_a_standby_takes_over(cluster):
    with Cluster(primary=cluster) as standby:
        # From now on what is answered is on both.
        cluster.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        cluster.sql("SELECT pg_reload_conf()")
        conninfo = (f"host={cluster.folder},{standby.folder} user=coord dbname=postgres "
                    "target_session_attrs=read-write")
        promoted = False

        def disturb(_fleet, chance):
            nonlocal promoted
            pause(chance, 3)
            if not promoted:
                promoted = True
                cluster.stop("immediate")
                standby.promote()

        fleet = run(standby, conninfo, units=20_000, workers=100, disturb=disturb)
        assert promoted
        fleet.stop()
