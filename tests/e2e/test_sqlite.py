# SPDX-License-Identifier: MIT
"""The daemon with everything in one file."""

import re
import sqlite3
import time

import pytest

from client import Client
from daemon import ROOT, Daemon, Process, run
from helpers import AVAILABLE, FINISHED, PENDING, add, counts, spec, state, take, update


@pytest.fixture
def path(tmp_path):
    return tmp_path / "work.db"


@pytest.fixture
def start(path):
    """Starts a daemon on the file; the one before must have ended."""
    return lambda *flags, **options: Daemon("--backend", f"sqlite:{path}", *flags, **options)


def fill(client):
    spec(client)
    add(client, "a", "b", "c")
    assert take(client, 2, "w") == ["a", "b"]
    assert update(client, {"status": FINISHED, "worker_id": "w"}, "a")[0] is True


def look(client):
    assert counts(client) == {AVAILABLE: 1, PENDING: 1, FINISHED: 1}
    assert state(client, "a") == FINISHED and state(client, "b") == PENDING


def test_state_outlives_an_orderly_stop(start):
    with start() as daemon, Client(daemon.address) as client:
        fill(client)
    with start() as daemon, Client(daemon.address) as client:
        look(client)
        assert update(client, {"status": FINISHED, "worker_id": "w"}, "b")[0] is True


def test_state_outlives_a_kill(start):
    daemon = start()
    with Client(daemon.address) as client:
        fill(client)
    daemon.kill()
    with start() as daemon, Client(daemon.address) as client:
        look(client)


def test_says_that_it_keeps_its_state(start):
    with start() as daemon:
        daemon.stop()
        text = daemon.text("stderr")
    assert "backend=sqlite" in text
    assert "lost when the daemon stops" not in text and "dropped" not in text


def test_a_second_daemon_is_told_who_has_the_file(start, path):
    with start() as daemon:
        done = run("coordinated", "--cborrpc", "127.0.0.1:0", "--backend", f"sqlite:{path}")
    assert done.returncode == 1
    assert str(path) in done.stderr and f"pid={daemon.process.pid}" in done.stderr


@pytest.mark.parametrize("backend", ["sqlite", "sqlite:"])
def test_a_path_is_needed(backend):
    done = run("coordinated", "--cborrpc", "127.0.0.1:0", "--backend", backend)
    assert done.returncode == 1 and "sqlite:PATH" in done.stderr


def test_a_folder_that_is_not_there(tmp_path):
    done = run("coordinated", "--cborrpc", "127.0.0.1:0", "--backend",
               f"sqlite:{tmp_path}/no/such/work.db")
    assert done.returncode == 1 and f"{tmp_path}/no/such/work.db" in done.stderr


@pytest.mark.parametrize("name", ["", "text"])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path, name):
    (tmp_path / "text").write_text("precious")
    done = run("coordinated", "--cborrpc", "127.0.0.1:0", "--backend", f"sqlite:{tmp_path}/{name}")
    assert done.returncode == 1 and str(tmp_path) in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["text"]
    assert not (tmp_path.parent / f"{tmp_path.name}.lock").exists()


def test_waiting_for_work_is_served_after_the_commit(start):
    with start() as daemon, Client(daemon.address) as waiting, Client(daemon.address) as client:
        spec(client)
        waiting.post("get_work", "w", {"max_jobs": 1, "wait_seconds": 30})
        add(client, "a")
        (_, key, _), _ = waiting.result_of(waiting.receive(), waiting.last_id)
        assert key == b"a"


def test_queries_of_the_page_run_beside_the_daemon(start, path):
    page = (ROOT / "docs/sqlite.md").read_text()
    queries = [text for text in re.findall(r"(?:^    .*\n|^\n)+", page, re.MULTILINE)
               if "SELECT" in text]
    queries = [query for text in queries for query in text.split(";") if "SELECT" in query]
    assert len(queries) == 3
    with start() as daemon, Client(daemon.address) as client:
        fill(client)
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        by_status, at_work, units = [reader.execute(query).fetchall() for query in queries]
        reader.close()
        assert by_status == [("s", "finished", 1), ("s", "pending", 1)]
        [(worker, name, unit, started, expiration)] = at_work
        assert (worker, name, unit) == ("w", "s", "b")
        assert time.strftime("%Y-%m-%d") >= started[:10] and expiration > started
        assert units == [("s", 3)]


def test_commands_of_the_page_work(start, path, tmp_path):
    page = (ROOT / "docs/sqlite.md").read_text()
    commands = re.findall(r"^    (coordinate .*)", page, re.MULTILINE)
    assert len(commands) == 2
    with start() as daemon, Client(daemon.address) as client:
        fill(client)
        for command in commands:
            program, *words = command.split()
            done = Process(program, *words, cwd=tmp_path)
            assert done.wait() == 0, done.text("stderr")


class TestBackup:
    def test_is_consistent_while_work_goes_on(self, start, path, tmp_path):
        """Each batch adds two units: a copy never has one of them."""
        copies = [tmp_path / f"copy{number}.db" for number in range(5)]
        with start() as daemon, Client(daemon.address) as client:
            spec(client)
            for copy in copies:
                backup = Process("coordinate", "backup", path, copy)
                pairs = 0
                while pairs < 50 or backup.process.poll() is None:
                    add(client, f"{copy.name} {pairs} a", f"{copy.name} {pairs} b")
                    pairs += 1
                assert backup.wait() == 0, backup.text("stderr")
        for copy in copies:
            reader = sqlite3.connect(copy)
            assert reader.execute("SELECT count(*) % 2 FROM work_units").fetchone() == (0,)
            reader.close()
            assert run("coordinate", "check", copy).returncode == 0

    def test_a_daemon_starts_on_the_copy(self, start, path, tmp_path):
        with start() as daemon, Client(daemon.address) as client:
            fill(client)
            assert run("coordinate", "backup", path, tmp_path / "copy.db").returncode == 0
            add(client, "later")
        with Daemon("--backend", f"sqlite:{tmp_path}/copy.db") as daemon:
            with Client(daemon.address) as client:
                look(client)

    def test_does_not_overwrite(self, start, path, tmp_path):
        start().stop()
        (tmp_path / "copy.db").write_text("precious")
        done = run("coordinate", "backup", path, tmp_path / "copy.db")
        assert done.returncode == 2 and "copy.db" in done.stderr
        assert (tmp_path / "copy.db").read_text() == "precious"

    @pytest.mark.parametrize("content", [None, b"", b"no database" * 1000])
    def test_a_file_that_is_none(self, path, tmp_path, content):
        if content is not None:
            path.write_bytes(content)
        done = run("coordinate", "backup", path, tmp_path / "copy.db")
        assert done.returncode == 2 and str(path) in done.stderr
        assert not (tmp_path / "copy.db").exists()

    def test_leaves_nothing_but_the_copy(self, start, path, tmp_path):
        start().stop()
        assert run("coordinate", "backup", path, tmp_path / "copy.db").returncode == 0
        assert run("coordinate", "check", tmp_path / "copy.db").returncode == 0
        assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.db", "work.db"]

    def test_a_folder_that_is_not_there(self, start, path, tmp_path):
        start().stop()
        done = run("coordinate", "backup", path, tmp_path / "no" / "copy.db")
        assert done.returncode == 5 and "no/copy.db" in done.stderr


class TestCheck:
    def test_says_what_is_there(self, start, path):
        with start() as daemon, Client(daemon.address) as client:
            fill(client)
        done = run("coordinate", "check", path)
        assert done.returncode == 0
        assert done.stdout == f"{path}: ok, 3 work units and 2 attempts\n"

    def test_a_daemon_has_it_open(self, start, path):
        with start() as daemon:
            done = run("coordinate", "check", path)
        assert done.returncode == 4 and f"pid={daemon.process.pid}" in done.stderr

    def test_finds_a_damaged_page(self, start, path):
        with start() as daemon, Client(daemon.address) as client:
            spec(client)
            add(client, *[f"unit {number}" for number in range(5000)])
        with open(path, "r+b") as file:
            file.seek(path.stat().st_size // 2 // 4096 * 4096)
            file.write(b"\xa5" * 4096)
        done = run("coordinate", "check", path)
        assert done.returncode == 1 and done.stdout

    def test_finds_rows_that_make_no_sense(self, start, path):
        with start() as daemon, Client(daemon.address) as client:
            fill(client)
        writer = sqlite3.connect(path)
        writer.execute("UPDATE work_specs SET definition = x'ff'")
        writer.commit()
        writer.close()
        done = run("coordinate", "check", path)
        assert done.returncode == 1 and "work_specs" in done.stdout

    @pytest.mark.parametrize("name", ["no such.db", "", "text"])
    def test_a_file_that_is_none(self, tmp_path, name):
        (tmp_path / "text").write_text("no database" * 100)
        done = run("coordinate", "check", tmp_path / name)
        assert done.returncode == 2 and str(tmp_path / name).rstrip("/") in done.stderr
        assert [file.name for file in tmp_path.iterdir()] == ["text"]

    def test_reads_what_a_killed_daemon_left_in_the_log(self, start, path):
        daemon = start()
        with Client(daemon.address) as client:
            fill(client)
        daemon.kill()
        done = run("coordinate", "check", path)
        assert done.returncode == 0 and "3 work units and 2 attempts" in done.stdout

    def test_a_path_with_signs_that_mean_something_in_uris(self, tmp_path):
        path = tmp_path / "50%?#.db"
        with Daemon("--backend", f"sqlite:{path}") as daemon, Client(daemon.address) as client:
            fill(client)
        assert run("coordinate", "check", path).returncode == 0

    def test_leaves_the_file_as_it_is(self, start, path):
        with start() as daemon, Client(daemon.address) as client:
            fill(client)
        before = path.read_bytes()
        assert run("coordinate", "check", path).returncode == 0
        assert path.read_bytes() == before
