# SPDX-License-Identifier: MIT
"""The daemon on PostgreSQL as its operator meets it."""

import re
import subprocess
import urllib.request

import pytest

from client import Client
from daemon import ROOT, Daemon, eventually, run
from helpers import FINISHED, add, take, update
from postgres_cluster import Cluster, binaries


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as made:
        yield made


@pytest.fixture
def conninfo(cluster, request):
    """Of a schema of the test's own."""
    schema = request.node.name
    cluster.sql(f"CREATE SCHEMA {schema}")
    yield cluster.conninfo(f"options='-c search_path={schema}'")
    cluster.sql(f"DROP SCHEMA {schema} CASCADE")


def test_state_survives(conninfo):
    with Daemon("--backend", f"postgres:{conninfo}") as daemon, Client(daemon.address) as client:
        assert "backend=postgres" in daemon.text("stderr")
        client.good("set_work_spec", {"name": "s"})
        client.good("add_work_units", "s", [("u", {"n": 1})])
    with Daemon("--backend", f"postgres:{conninfo}") as daemon, Client(daemon.address) as client:
        assert client.good("get_work", "w", {}) == ("s", b"u", {b"n": 1})


def test_the_environment_says_where(cluster):
    env = {"PGHOST": cluster.folder, "PGUSER": "coord", "PGDATABASE": "postgres",
           "PGOPTIONS": "-c search_path=pg_temp"}
    done = run("coordinated", "--backend", "postgres:", "--migrate", env=env)
    assert done.returncode == 0, done.stderr
    assert "made the tables" in done.stderr


def test_migrating_is_a_step_of_its_own(cluster, conninfo, request):
    backend = ("--backend", f"postgres:{conninfo}")
    refused = run("coordinated", *backend, "--no-migrate")
    assert refused.returncode == 1
    assert "run coordinated --migrate" in refused.stderr
    assert run("coordinated", *backend, "--migrate").returncode == 0
    with Daemon(*backend, "--no-migrate"):
        pass
    cluster.sql(f"UPDATE {request.node.name}.coordinate_version SET version = version + 1")
    newer = run("coordinated", *backend)
    assert newer.returncode == 1
    assert "use the newer program" in newer.stderr


def test_both_wishes_at_once_are_refused(conninfo):
    done = run("coordinated", "--backend", f"postgres:{conninfo}", "--migrate", "--no-migrate")
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_a_file_is_always_brought_up_to_date(tmp_path):
    done = run("coordinated", "--backend", f"sqlite:{tmp_path}/work.db", "--no-migrate")
    assert done.returncode == 1
    assert "--no-migrate is for the postgres backend" in done.stderr


def test_daemons_may_start_at_the_same_time(conninfo):
    daemons = [Daemon("--backend", f"postgres:{conninfo}") for _ in range(3)]
    assert [daemon.stop() for daemon in daemons] == [0, 0, 0]


def test_a_server_that_is_away_is_told_without_the_password():
    done = run("coordinated", "--backend", "postgres://u:hidden@127.0.0.1:1/db")
    assert done.returncode == 1
    assert "127.0.0.1" in done.stderr and "hidden" not in done.stderr


def sql_of_page(heading):
    """The indented lines of a section of docs/postgres.md, without those for the shell."""
    section = (ROOT / "docs/postgres.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^    (.*)", section, re.MULTILINE)
    return "\n".join(line for line in lines if not line.startswith("coordinated "))


def test_what_the_page_tells_the_operator(cluster):
    create_role, create_database, *grants = sql_of_page("Setting it up").splitlines()
    cluster.sql(create_role)
    cluster.sql(create_database)
    owner = f"postgres:host={cluster.folder} user=coordinate dbname=coordinate"
    assert run("coordinated", "--backend", owner, "--migrate").returncode == 0
    cluster.sql("\n".join(grants), database="coordinate")
    backend = owner.replace("user=coordinate", "user=daemon")
    with Daemon("--backend", backend, "--no-migrate") as daemon, \
            Client(daemon.address) as client:
        client.good("set_work_spec", {"name": "s"})
        client.good("add_work_units", "s", [("u", {}), ("v", {})])
        client.good("get_work", "w", {})
        shown = "\n".join(cluster.sql(sql_of_page("Looking into it"), database="coordinate"))
    assert "|s|0|20|f|1|0|1|0|0" in shown  # work_spec_list
    assert "w|s|u|" in shown               # attempt_list
    assert "|idle" in shown                # the daemon's connections


def metrics(daemon):
    with urllib.request.urlopen("http://%s:%d/metrics" % daemon.http_address) as answer:
        return answer.read().decode()


def test_what_one_daemon_adds_wakes_those_who_wait_at_another(conninfo):
    with Daemon("--backend", f"postgres:{conninfo}") as first, \
            Daemon("--backend", f"postgres:{conninfo}", "--http", "127.0.0.1:0") as second, \
            Client(first.address) as adder, Client(second.address) as waiter:
        adder.good("set_work_spec", {"name": "s"})
        waiter.post("get_work", "w", {"wait_seconds": 60})
        eventually(lambda: "coordinate_waiting_requests 1" in metrics(second), "it waits")
        adder.good("add_work_units", "s", [("u", {})])
        assert waiter.receive()[b"result"][0][1] == b"u"


def open_snapshot(conninfo):
    """A session that keeps an old snapshot until its standard input is closed."""
    psql = subprocess.Popen([str(binaries() / "psql"), "-X", "-q", "-A", "-t", "-d", conninfo],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    psql.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 'open';\n")
    psql.stdin.flush()
    assert psql.stdout.readline() == "open\n"
    return psql


def work_through(conninfo, spec, units, at_once, **definition):
    """Does so many units, in requests for some at once."""
    with Daemon("--backend", f"postgres:{conninfo}") as daemon, Client(daemon.address) as client:
        client.good("set_work_spec", {"name": spec, **definition})
        add(client, *(f"{i:06}" for i in range(units)), to=spec)
        for _ in range(units // at_once):
            for name in take(client, at_once):
                update(client, {"status": FINISHED, "worker_id": "w"}, name, spec)


def index_rows_read(cluster, schema, *tables):
    """As far as the sessions that have ended tell."""
    named = ", ".join(f"'{table}'" for table in tables)
    return int(cluster.sql("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes "
                           f"WHERE schemaname = '{schema}' AND relname IN ({named})")[0])


def test_an_old_snapshot_costs_no_walks_over_what_is_dead(cluster, conninfo, request):
    schema = request.node.name
    many, few = 2_000, 20
    work_through(conninfo, "before", 1, 1)  # makes the tables
    with open_snapshot(conninfo) as snapshot:
        work_through(conninfo, "many", many, 100)
        # The statistics say that next to nothing is available or open.
        cluster.sql(f"VACUUM ANALYZE {schema}.available, {schema}.open_attempts")
        before = index_rows_read(cluster, schema, "available", "open_attempts")
        work_through(conninfo, "few", few, 1)
        after = index_rows_read(cluster, schema, "available", "open_attempts")
        snapshot.stdin.close()
    # What comes next by the clock is looked for now and then, but not for each unit.
    assert after - before < many * few // 4


def test_retention_walks_only_once_over_what_it_removed(cluster, conninfo, request):
    many, at_once = 2_000, 50
    work_through(conninfo, "before", 1, 1)  # makes the tables
    with open_snapshot(conninfo) as snapshot:
        work_through(conninfo, "many", many, at_once, limit_completed_count=1)
        snapshot.stdin.close()
    # From the front each time it would be many * many / at_once / 2, besides what is needed.
    assert index_rows_read(cluster, request.node.name, "ended_attempts") < 8 * many


def test_rows_of_a_deleted_spec_go_step_by_step(cluster, conninfo, request):
    with Daemon("--backend", f"postgres:{conninfo}") as daemon, Client(daemon.address) as client:
        client.good("set_work_spec", {"name": "s"})
        add(client, *(f"{i:06}" for i in range(12_000)), to="s")
        for name in take(client, 100):
            update(client, {"status": FINISHED, "worker_id": "w"}, name, "s")
        take(client, 100)
        client.good("del_work_spec", "s")
        rows = " UNION ALL ".join(
            f"SELECT count(*) FROM {request.node.name}.{table}" for table in
            ("work_units", "available", "open_attempts", "ended_attempts", "counts"))
        eventually(lambda: set(cluster.sql(rows)) == {"0"}, "empty tables")


def test_without_a_third_connection_the_daemon_goes_on(cluster, conninfo, request):
    cluster.sql("CREATE ROLE limited LOGIN CONNECTION LIMIT 2;"
                f"GRANT ALL ON SCHEMA {request.node.name} TO limited")
    try:
        with Daemon("--backend", f"postgres:{conninfo} user=limited") as daemon:
            done = run("coordbench", "cycle", "--address", daemon.address_text,
                       "--connections", "800", "--units", "20000", "--seconds", "2")
            assert done.returncode == 0, done.stderr
            told = re.findall(r"no third connection .*", daemon.text("stderr"))
        assert len(told) == 1 and "too many connections" in told[0], told
    finally:
        cluster.sql("DROP OWNED BY limited; DROP ROLE limited")
