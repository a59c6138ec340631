# SPDX-License-Identifier: MIT
"""coordinate export and coordinate import, between daemons on different backends."""

import json
import uuid

import cbor2
import pytest

from client import Client, Text
from cli import OUTPUT, REFUSED, UNREACHABLE, USAGE, Cli
from cut_connection import CutConnection
from daemon import BIN_DIR, Daemon
from helpers import AVAILABLE, FAILED, FINISHED, add, counts, heartbeat, spec, take, update
from terminal import Terminal

DATA = {Text("text"): Text("é\n\x00"), Text("bytes"): b"\xff\x00", Text("tuple"): (1, [(), {}]),
        Text("uuid"): uuid.UUID(int=5), Text("most"): 2 ** 64 - 1, Text("least"): -2 ** 63,
        Text("big"): 10 ** 40, Text("nan"): float("nan"), Text("inf"): float("-inf"),
        Text("zero"): -0.0, Text("float"): 1.0, Text("none"): None, Text("$bytes"): {"$map": 1},
        b"key": {1: 2, None: True}, Text("simple"): cbor2.CBORSimpleValue(99)}
MANY = 4_500  # more than two pages of an export


def fill(client):
    """Something of everything, in all states."""
    spec(client, then="t", config={Text("deep"): [[[{}]]]})
    spec(client, "t", weight=7, continuous=True)
    add(client, ("data", DATA), *(f"u{n}" for n in range(8)), b"\xff\x00", "")
    client.good("add_work_units", "s", [("later", {}, {"delay": 3600}), ("ranked", {}, {}, 2.5)])
    heartbeat(client, "parent", data={Text("host"): Text("here")})
    heartbeat(client, "w", parent="parent")
    assert take(client, 5, "w", work_spec_names=["s"]) == ["ranked", "", "data", "u0", "u1"]
    update(client, {"status": FINISHED, "worker_id": "w", "data": {"output": ["chained"]}}, "u0")
    update(client, {"status": FAILED, "worker_id": "w", "data": {"traceback": "it fell"}}, "u1")
    update(client, {"status": AVAILABLE, "worker_id": "w"}, "ranked")
    client.good("control_work_spec", "t", {"status": 2})
    assert client.call("lock", "me", 3600, [["a", 1], ["b"]])[0]


def look(client):
    """What a client can see of it."""
    seen = {}
    for name in ("s", "t"):
        seen[name, "spec"] = repr(client.call("get_work_spec", name))
        seen[name, "meta"] = client.good("get_work_spec_meta", name)
        units = client.good("get_work_units", name, {})
        seen[name, "units"] = repr(units)
        keys = [key for key, _ in units]
        seen[name, "status"] = client.good("get_work_unit_status", name, keys)
        for key in keys:
            seen[name, key] = repr(client.good("get_work_unit_attempts", name, key, {}))
            seen[name, key, "meta"] = client.good("get_work_unit_meta", name, key)
    seen["summary"] = client.call("get_summary")
    seen["modes"] = client.call("mode_counts")
    seen["children"] = repr(client.call("get_child_work_units", "parent"))
    seen["locks"] = client.call("readlock", [["a", 1], ["b"], ["c"]])
    return seen


@pytest.fixture
def sqlite_daemon(tmp_path):
    with Daemon("--backend", f"sqlite:{tmp_path}/other.db") as daemon:
        yield daemon


@pytest.fixture
def other(sqlite_daemon, tmp_path):
    return Cli(sqlite_daemon.address_text, tmp_path)


@pytest.mark.parametrize("form", ["jsonl", "cbor"])
def test_moves_everything_and_back(cli, rpc, other, sqlite_daemon, tmp_path, form):
    fill(rpc)
    before = look(rpc)
    assert cli("export", "all", "--format", form) == (
        "exported 21 records: 1 namespace, 2 work specs, 2 workers, 2 locks, 14 work units, "
        "5 attempts\n")
    assert other("import", "all") == "imported 21 records; 0 were there already\n"
    with Client(sqlite_daemon.address) as client:
        assert look(client) == before
    assert other("import", "all") == "imported 0 records; 21 were there already\n"
    other("export", "again", "--quiet", "--format", form)
    with Daemon() as third:
        assert Cli(third.address_text, tmp_path)("import", "again", "--quiet") == ""
        with Client(third.address) as client:
            assert look(client) == before
            assert update(client, {"status": FINISHED, "worker_id": "w"}, "data")[0] is True


def test_what_was_imported_outlives_a_kill(cli, rpc, tmp_path):
    fill(rpc)
    before = look(rpc)
    cli("export", "all")
    backend = ("--backend", f"sqlite:{tmp_path}/killed.db")
    daemon = Daemon(*backend)
    Cli(daemon.address_text, tmp_path)("import", "all")
    daemon.kill()
    with Daemon(*backend) as again, Client(again.address) as client:
        assert look(client) == before


def test_lines_can_be_read(cli, rpc, tmp_path):
    fill(rpc)
    cli("export", "all.jsonl")
    records = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    assert records[0]["kind"] == "header" and records[0]["version"] == 1
    assert records[0]["backend"] == "memory"
    assert records[-1] == {"kind": "footer", "records": 21, "namespaces": 1, "work_specs": 2,
                           "workers": 2, "locks": 2, "work_units": 14, "attempts": 5}
    [unit] = [record for record in records if record.get("name") == "data"]
    assert unit["attempts"][0]["status"] == "pending" and unit["active"] is True
    pairs = dict((json.dumps(key), value) for key, value in unit["data"]["$map"])
    assert pairs['"tuple"'] == {"$tuple": [1, [{"$tuple": []}, {}]]}
    assert pairs['"most"'] == 2 ** 64 - 1 and pairs['"nan"'] == {"$float": "NaN"}
    assert not list(tmp_path.glob("*.partial*"))


def test_through_pipes(cli, rpc, other, sqlite_daemon):
    fill(rpc)
    text = cli("export", "-")
    assert other("import", "-", stdin=text) == "imported 21 records; 0 were there already\n"
    with Client(sqlite_daemon.address) as client:
        assert look(client) == look(rpc)


class TestCutOff:
    def test_an_export_goes_on(self, cli, rpc, plain_daemon, tmp_path):
        spec(rpc)
        add(rpc, *(f"u{n}" for n in range(MANY)))
        cli("export", "whole", "--quiet")
        with CutConnection(plain_daemon.address, answers=2) as way:
            cli.fails(UNREACHABLE, "export", "all", "--address", way.address_text)
        assert (tmp_path / "all.partial").exists() and not (tmp_path / "all").exists()
        # What was written and not noted any more.
        with open(tmp_path / "all.partial", "a", encoding="utf-8") as file:
            file.write('{"kind":"wor')
        assert "begun as jsonl" in cli.fails(USAGE, "export", "all", "--format", "cbor")
        done = cli.run("export", "all")
        assert "going on with all.partial, behind 2000 records" in done.stderr
        assert done.stdout == f"exported {MANY + 2} records: 1 namespace, 1 work spec, " \
                              f"{MANY} work units\n"
        whole, resumed = ((tmp_path / name).read_text().splitlines() for name in ("whole", "all"))
        assert whole[1:] == resumed[1:]
        assert not list(tmp_path.glob("*.partial*"))

    def test_an_export_begins_anew_if_asked(self, cli, rpc, plain_daemon, tmp_path):
        spec(rpc)
        add(rpc, *(f"u{n}" for n in range(MANY)))
        with CutConnection(plain_daemon.address, answers=2) as way:
            cli.fails(UNREACHABLE, "export", "all", "--address", way.address_text)
        (tmp_path / "all.partial.state").write_text("{}")
        assert "--restart" in cli.fails(USAGE, "export", "all")
        cli("export", "all", "--restart")
        assert len((tmp_path / "all").read_text().splitlines()) == MANY + 4

    def test_an_import_is_run_again(self, cli, rpc, other, sqlite_daemon):
        spec(rpc)
        add(rpc, *(f"u{n}" for n in range(MANY)))
        cli("export", "all")
        with CutConnection(sqlite_daemon.address, answers=3) as way:
            other.fails(UNREACHABLE, "import", "all", "--address", way.address_text)
        with Client(sqlite_daemon.address) as client:
            had = counts(client)[AVAILABLE]
        assert 0 < had < MANY
        assert other("import", "all") == (f"imported {MANY - had} records; "
                                          f"{had + 2} were there already\n")
        with Client(sqlite_daemon.address) as client:
            assert counts(client) == {AVAILABLE: MANY}


class TestRefused:
    @pytest.fixture(params=["jsonl", "cbor"])
    def whole(self, request, cli, rpc, tmp_path):
        fill(rpc)
        cli("export", "all", "--format", request.param)
        return (tmp_path / "all").read_bytes()

    def test_a_file_that_was_cut_anywhere(self, whole, other, sqlite_daemon, tmp_path):
        for size in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 2):
            (tmp_path / "cut").write_bytes(whole[:size])
            line = other.fails(USAGE, "import", "cut")
            assert line.startswith("coordinate: cut: "), line
        with Client(sqlite_daemon.address) as client:
            assert client.call("list_work_specs", {}) == ([], None)

    def test_a_file_without_its_end(self, cli, rpc, other, tmp_path):
        fill(rpc)
        cli("export", "all")
        lines = (tmp_path / "all").read_text().splitlines(keepends=True)
        (tmp_path / "cut").write_text("".join(lines[:-1]))
        assert other.fails(USAGE, "import", "cut").startswith(
            f"coordinate: cut: line {len(lines)}: the file ends without a footer")
        (tmp_path / "cut").write_text("".join(lines[:5] + lines[6:]))
        assert "the footer counts 21 records" in other.fails(USAGE, "import", "cut")
        (tmp_path / "cut").write_text("".join(lines + lines[:1]))
        assert "behind the footer" in other.fails(USAGE, "import", "cut")

    def test_a_record_that_is_wrong(self, cli, rpc, other, sqlite_daemon, tmp_path):
        fill(rpc)
        cli("export", "all")
        text = (tmp_path / "all").read_text()
        line = next(n for n, line in enumerate(text.splitlines(), 1) if '"ranked"' in line)
        (tmp_path / "wrong").write_text(text.replace('"priority":2.5', '"priority":"high"'))
        assert other.fails(USAGE, "import", "wrong") == (
            f"coordinate: wrong: line {line}: work_unit 'ranked': priority must be a number")
        (tmp_path / "wrong").write_text(text.replace('"$tuple"', '"$tupel"'))
        assert '"$tupel" is not known' in other.fails(USAGE, "import", "wrong")
        with Client(sqlite_daemon.address) as client:
            assert client.call("list_work_specs", {}) == ([], None)

    def test_bytes_that_are_no_cbor(self, cli, rpc, other, tmp_path):
        fill(rpc)
        cli("export", "all", "--format", "cbor")
        whole = (tmp_path / "all").read_bytes()
        header = cbor2.dumps(cbor2.loads(whole))
        (tmp_path / "wrong").write_bytes(header + b"\xff" + whole[len(header):])
        assert other.fails(USAGE, "import", "wrong").startswith(
            f"coordinate: wrong: byte {len(header)}: ")

    def test_another_file(self, other, tmp_path):
        (tmp_path / "other").write_text("{}\n")
        assert "no file that coordinate export wrote" in other.fails(USAGE, "import", "other")
        (tmp_path / "newer").write_text('{"kind":"header","version":2}\n')
        assert "use the newer program" in other.fails(USAGE, "import", "newer")
        assert "cannot read none" in other.fails(USAGE, "import", "none")

    def test_what_is_there_and_differs(self, cli, rpc, other, sqlite_daemon):
        fill(rpc)
        cli("export", "all")
        other("import", "all")
        with Client(sqlite_daemon.address) as client:
            client.good("prioritize_work_units", "s", {"work_unit_keys": ["u5"], "priority": 9})
        assert "work unit 'u5' of work spec 's' in namespace ''" in other.fails(
            REFUSED, "import", "all")

    def test_a_file_that_cannot_be_written(self, cli, rpc, tmp_path):
        fill(rpc)
        (tmp_path / "there").write_text("")
        assert cli.fails(USAGE, "export", "there") == "coordinate: there is there already"
        assert "cannot write no/such/folder.partial" in cli.fails(OUTPUT, "export", "no/such/folder")
        assert "it is jsonl or cbor" in cli.fails(USAGE, "export", "all", "--format", "xml")


def test_shows_how_far_it_is_on_a_terminal(rpc, plain_daemon, sqlite_daemon, tmp_path):
    spec(rpc)
    add(rpc, *(f"u{n}" for n in range(MANY)))
    env = {"COORDINATE_ADDRESS": plain_daemon.address_text}
    with Terminal(BIN_DIR / "coordinate", "export", "all", env=env, cwd=tmp_path) as terminal:
        terminal.wait_for(r"\d+ records  \[#+\.+\] +\d+%")
        assert terminal.wait() == 0
        assert f"exported {MANY + 2} records" in terminal.text
    env = {"COORDINATE_ADDRESS": sqlite_daemon.address_text}
    with Terminal(BIN_DIR / "coordinate", "import", "all", env=env, cwd=tmp_path) as terminal:
        terminal.wait_for(r"\d+ records  \[#*\.+\] +\d+%")
        assert terminal.wait() == 0
    with Terminal(BIN_DIR / "coordinate", "import", "all", "-q", env=env, cwd=tmp_path) as terminal:
        assert terminal.wait() == 0
        assert terminal.text == ""
