# SPDX-License-Identifier: MIT
"""Every command of `coordinate` but `work`, against a live daemon: results, errors, exit codes."""

import gzip
import json
import os
import socket
import subprocess

import pytest

from cli import NEGATIVE, OK, OUTPUT, REFUSED, TIMEOUT, UNREACHABLE, USAGE, Cli
from client import folded
from daemon import BIN_DIR, run
from helpers import (FAILED, FINISHED, PENDING, add, counts, heartbeat, meta, spec, state, take,
                     units, update)
from terminal import Terminal

COMMANDS = ["summary", "flow", "load", "addwork", "work-specs", "work-spec", "work-units",
            "work-unit", "wait", "explain", "ping", "retry", "clear", "delete", "pause", "resume",
            "prioritize", "workers", "worker-stats", "mode-counts", "config", "rpc", "work"]


class TestProgram:
    def test_help_lists_every_command(self):
        done = run("coordinate", "--help")
        assert done.returncode == OK
        for command in COMMANDS:
            assert f"  {command} " in done.stdout, command

    @pytest.mark.parametrize("command", COMMANDS)
    def test_each_command_has_help(self, command):
        done = run("coordinate", command, "--help")
        assert done.returncode == OK and command in done.stdout and done.stderr == ""

    def test_output_that_cannot_be_written(self, cli, rpc):
        spec(rpc)
        with open("/dev/full", "w", encoding="utf-8") as full:
            for arguments in (["work-specs"], ["summary", "--watch=0.1"]):
                done = subprocess.run([BIN_DIR / "coordinate", *arguments], stdout=full,
                                      stderr=subprocess.PIPE, env=cli.env, check=False)
                assert done.returncode == OUTPUT and b"cannot write" in done.stderr

    def test_version(self):
        done = run("coordinate", "--version")
        assert done.returncode == OK and done.stdout.split()[-1][0].isdigit()

    @pytest.mark.parametrize("arguments", [
        (), ("no-such-command",), ("ping", "--no-such-flag"), ("work-spec",),
        ("work-units", "s", "--limit", "many"), ("retry",), ("retry", "s"),
        ("prioritize", "s", "u"), ("delete", "s", "u", "--all"),
        ("prioritize", "s", "u", "--set", "inf"), ("prioritize", "s", "u", "--adjust", "nan"),
        ("addwork", "s", "u", "--priority", "nan"), ("addwork", "s", "u", "--delay", "inf"),
        ("addwork", "s", "u", "--key-hex"), ("wait", "s", "--timeout", "soon"),
        ("work", "--spec", "s", "--max-units", "0", "--", "true"),
        ("work", "--spec", "s", "--lease", "nan", "--", "true")])
    def test_wrong_command_line(self, cli, rpc, arguments):
        spec(rpc)
        assert len(cli.fails(USAGE, *arguments)) < 120


class TestAddress:
    @pytest.fixture
    def nobody(self):
        """An address at which nobody listens."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return f"127.0.0.1:{probe.getsockname()[1]}"

    @pytest.mark.parametrize("arguments", [
        ("ping",), ("summary",), ("work-specs",), ("work-spec", "s"), ("work-units", "s"),
        ("work-unit", "s", "u"), ("wait", "s"), ("explain", "s"), ("retry", "--all-specs"),
        ("clear", "--yes"), ("delete", "s", "--yes"), ("pause", "s"), ("resume", "s"),
        ("prioritize", "s", "u", "--set", "1"), ("workers",), ("worker-stats",), ("mode-counts",),
        ("config",), ("rpc", "now"), ("addwork", "s", "u"), ("work", "--spec", "s", "--", "true")])
    def test_nobody_there(self, nobody, tmp_path, arguments):
        assert nobody in Cli(nobody, tmp_path).fails(UNREACHABLE, *arguments)

    def test_flag_over_environment_over_file(self, cli, nobody, tmp_path):
        real = cli.env["COORDINATE_ADDRESS"]
        (tmp_path / "nobody.yaml").write_text(f"coordinate:\n  addresses: ['{nobody}']\n")
        (tmp_path / "real.yaml").write_text(f"coordinate:\n  addresses: ['{real}', '{nobody}']\n")
        unset = {"COORDINATE_ADDRESS": ""}
        cli("-c", "real.yaml", "ping", env=unset)
        cli.fails(UNREACHABLE, "-c", "nobody.yaml", "ping", env=unset)
        cli("-c", "nobody.yaml", "ping")
        cli("--address", real, "-c", "nobody.yaml", "ping", env={"COORDINATE_ADDRESS": nobody})
        cli.fails(UNREACHABLE, "--address", nobody, "ping")

    @pytest.mark.parametrize("address", ["host:port", "1.2.3.4:70000", "1.2.3.4:0", "a:b:c"])
    def test_nonsense(self, cli, address):
        cli.fails(USAGE, "--address", address, "ping")

    @pytest.mark.parametrize("content", [None, "a: [", "- 1\n", "coordinate: {addresses: 5}\n"])
    def test_bad_configuration(self, cli, tmp_path, content):
        if content is not None:
            (tmp_path / "bad.yaml").write_text(content)
        assert "bad.yaml" in cli.fails(USAGE, "-c", "bad.yaml", "ping",
                                       env={"COORDINATE_ADDRESS": ""})

    def test_answers_that_make_no_sense(self, tmp_path):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            client = Cli("127.0.0.1:%d" % server.getsockname()[1], tmp_path).start("ping")
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                assert client.wait() in (UNREACHABLE, REFUSED)
            assert client.text("stderr").startswith("coordinate: ")


class TestDaemonCommands:
    def test_ping(self, cli, plain_daemon):
        assert plain_daemon.version in cli("ping")
        shown = cli.json("ping", "--json")
        assert shown["backend"] == "memory" and shown["milliseconds"] >= 0

    def test_config(self, cli):
        assert cli.json("config") == {}

    def test_rpc(self, cli, rpc):
        spec(rpc)
        add(rpc, ("u", {"k": [1, 2.5, None]}))
        assert cli.json("rpc", "get_work_units", "s", "{limit: 10}") == [
            [["u", {"k": [1, 2.5, None]}]], None]
        assert cli.json("rpc", "get_work_unit_status", "s", "[u, v]")[0][1] is None
        assert cli("rpc", "count_work_units", "s", "--compact").count("\n") == 1
        assert cli.json("rpc", "get_work_spec", "nope") is None
        assert "no_such" in cli.fails(REFUSED, "rpc", "no_such")
        assert "argument 1" in cli.fails(USAGE, "rpc", "get_work_spec", "{a: [")


class TestSpecs:
    @pytest.fixture(autouse=True)
    def specs(self, rpc):
        spec(rpc, "a", weight=3, then="b")
        spec(rpc, "b", disabled=True)

    def test_work_specs(self, cli):
        assert cli("work-specs", "--names") == "a\nb\n"
        assert [item["name"] for item in cli.json("work-specs", "--json")] == ["a", "b"]
        lines = cli("work-specs").splitlines()
        assert len(lines) == 3 and "paused" in lines[2] and "a" in lines[1]

    def test_work_spec(self, cli, rpc):
        add(rpc, "u", to="a")
        shown = cli.json("work-spec", "a")
        assert shown["definition"] == {"name": "a", "weight": 3, "then": "b"}
        assert shown["meta"]["weight"] == 3 and shown["meta"]["status"] == "runnable"
        assert shown["counts"]["available"] == 1
        assert cli.json("work-spec", "a", "--definition") == shown["definition"]

    def test_pause_and_resume(self, cli):
        cli("pause", "a")
        assert cli.json("work-spec", "a")["meta"]["status"] == "paused"
        cli("resume", "a", "b")
        for name in "ab":
            assert cli.json("work-spec", name)["meta"]["status"] == "runnable"
        assert "nope" in cli.fails(NEGATIVE, "pause", "nope", "a")
        assert cli.json("work-spec", "a")["meta"]["status"] == "paused"

    def test_clear(self, cli):
        cli.fails(USAGE, "clear")  # no terminal to ask on
        assert cli("work-specs", "--names") == "a\nb\n"
        assert cli("clear", "--yes") == "2\n"
        assert cli("work-specs", "--names") == ""

    @pytest.mark.parametrize("arguments", [
        ("work-spec", "nope"), ("work-units", "nope"), ("work-unit", "nope", "u"),
        ("work-unit", "a", "nope"), ("wait", "nope"), ("explain", "nope"), ("resume", "nope"),
        ("retry", "nope", "u"), ("delete", "nope", "--yes"), ("summary", "nope"),
        ("prioritize", "nope", "u", "--set", "1"), ("addwork", "nope", "u")])
    def test_nothing_of_that_name(self, cli, arguments):
        assert "nope" in cli.fails(NEGATIVE, *arguments)


class TestUnits:
    @pytest.fixture(autouse=True)
    def some_units(self, rpc):
        spec(rpc)
        add(rpc, *(("a", {"k": 1}), "b", "c", "d", ("e", {}, {"delay": 600})))
        take(rpc, 3)
        update(rpc, {"status": FINISHED}, "a")
        update(rpc, {"status": FAILED, "data": {"traceback": "Traceback\n  x\nBoom: 1\n"}}, "b")

    @staticmethod
    def listed(cli, *options):
        lines = cli("work-units", "s", "--json", *options).splitlines()
        return [json.loads(line) for line in lines]

    def test_work_units(self, cli):
        assert [(u["key"], u["status"]) for u in self.listed(cli)] == [
            ("a", "finished"), ("b", "failed"), ("c", "pending"), ("d", "available"),
            ("e", "delayed")]
        assert len(cli("work-units", "s").splitlines()) == 6

    @pytest.mark.parametrize("options, keys", [
        (["--status", "failed"], "b"), (["--status", "pending", "--status", "finished"], "ac"),
        (["--status", "available"], "d"), (["--status", "delayed"], "e"), (["--from", "c"], "cde"),
        (["--limit", "0"], "abcde")], ids=str)
    def test_which(self, cli, options, keys):
        assert "".join(unit["key"] for unit in self.listed(cli, *options)) == keys

    def test_limit_says_how_to_go_on(self, cli):
        done = cli.run("work-units", "s", "--json", "--limit", "2")
        assert len(done.stdout.splitlines()) == 2 and "--from" in done.stderr

    @pytest.mark.parametrize("key", [b"-n", b"it's", b"[x,y]", b"$HOME `id`\\", b"new\nline",
                                     b"\xff\xfe'", b"nul\0", "\u00fc".encode()])
    def test_how_to_go_on_can_be_pasted(self, cli, rpc, key):
        rpc.good("del_work_units", "s", {"all": True})
        add(rpc, b"", key)
        said = cli.run("work-units", "s", "--json", "--limit", "1").stderr
        options = said.split("go on with ")[1].split(", or ask")[0]
        done = subprocess.run(["bash", "-c", f"{BIN_DIR / 'coordinate'} work-units s {options}"],
                              env={**os.environ, **cli.env}, capture_output=True, check=True)
        assert len(done.stdout.splitlines()) == 2

    def test_details(self, cli):
        shown = self.listed(cli, "--details", "--status", "finished")
        assert shown[0]["data"] == {"k": 1}
        assert "Boom: 1" in cli("work-units", "s", "--details")

    def test_group(self, cli, rpc):
        update(rpc, {"status": FAILED, "data": {"traceback": "other\nBoom: 1"}}, "c")
        update(rpc, {"status": FAILED, "data": {"traceback": "Bang"}}, "d")
        groups = cli.json("work-units", "s", "--group", "--json")
        assert [(group["count"], group["traceback"]) for group in groups] == [
            (2, "Boom: 1"), (1, "Bang")]
        assert "Boom: 1" in cli("work-units", "s", "--group")

    def test_unknown_status(self, cli):
        assert "sleeping" in cli.fails(USAGE, "work-units", "s", "--status", "sleeping")

    def test_work_unit(self, cli):
        shown = cli.json("work-unit", "s", "b", "--json")
        assert shown["key"] == "b" and shown["status"] == "failed"
        assert [attempt["status"] for attempt in shown["attempts"]] == ["failed"]
        assert "failed" in cli("work-unit", "s", "b")

    def test_binary_key(self, cli, rpc):
        add(rpc, b"\x00\xff")
        assert cli.json("work-unit", "s", "--key-hex", "00ff", "--json")["status"] == "available"
        cli("work-units", "s")

    def test_retry(self, cli, rpc):
        assert cli("retry", "s", "b") == "1\n"
        assert state(rpc, "b") == 1
        done = cli.run("retry", "s", "a", "nope", code=NEGATIVE)
        assert done.stdout == "1\n" and done.stderr

    def test_retry_all_failed(self, cli, rpc):
        update(rpc, {"status": FAILED}, "c")
        assert cli("retry", "s", "--all-failed") == "2\n"
        assert FAILED not in counts(rpc)

    def test_retry_all_specs(self, cli, rpc):
        spec(rpc, "t")
        add(rpc, "x", to="t")
        update(rpc, {"status": FAILED}, "x", "t")
        assert cli("retry", "--all-specs") == "2\n"
        assert FAILED not in counts(rpc) and FAILED not in counts(rpc, "t")

    def test_prioritize(self, cli, rpc):
        cli("prioritize", "s", "c", "d", "--set", "5")
        cli("prioritize", "s", "d", "--adjust", "-1.5")
        assert (meta(rpc, "c")["priority"], meta(rpc, "d")["priority"]) == (5, 3.5)

    def test_delete(self, cli, rpc):
        cli.fails(USAGE, "delete", "s", "a")  # no terminal to ask on
        assert cli("delete", "s", "a", "--yes") == "1\n"
        assert cli("delete", "s", "--status", "failed", "--status", "pending", "--yes") == "2\n"
        assert list(units(rpc)) == [b"d", b"e"]
        assert cli("delete", "s", "--all", "--yes") == "2\n"
        assert units(rpc) == {}
        cli("delete", "s", "--yes")
        assert rpc.call("get_work_spec", "s") is None

    def test_addwork(self, cli, rpc):
        cli("addwork", "s", "new1", "new2")
        assert {b"new1", b"new2"} <= set(units(rpc))

    @pytest.mark.parametrize("key", ["[x,y]", "[]", "++", "load", "\x01[x]", "a=b", "--", "-n"])
    def test_a_key_is_not_taken_apart(self, cli, rpc, key):
        cli("addwork", "s", "--", key, "other")
        assert {key.encode(), b"other"} <= set(units(rpc))
        assert cli.json("work-unit", "s", "--json", "--", key)["key"] == key

    def test_summary(self, cli, rpc):
        (shown,) = cli.json("summary", "--json")
        assert {key: shown[key] for key in
                ("work_spec", "available", "delayed", "pending", "finished", "failed")} == {
            "work_spec": "s", "available": 1, "delayed": 1, "pending": 1, "finished": 1,
            "failed": 1}
        assert len(cli("summary").splitlines()) == 2
        spec(rpc, "t")
        assert [line.split()[0] for line in cli("summary").splitlines()][1:] == ["s", "t", "total"]
        assert cli.json("summary", "t", "--json")[0]["work_spec"] == "t"

    def test_summary_watch(self, cli):
        lines = cli("summary", "--watch=0.1", "--times", "3").splitlines()
        assert len(lines) == 3 and all("finished=1" in line for line in lines)

    @pytest.mark.parametrize("columns, heading", [(80, "DONE"), (160, "AVAILABLE")])
    def test_summary_watch_fits_the_terminal(self, cli, rpc, columns, heading):
        spec(rpc, "a.longer.name.than.most")
        for number in range(30):
            spec(rpc, f"t{number}")
        with Terminal(BIN_DIR / "coordinate", "summary", "--watch=0.1", "--times", "2", env=cli.env,
                      columns=columns, rows=20) as watch:
            assert watch.wait() == OK
            frame = watch.text.split("units done")[-1].split("\r\n")
            assert heading in frame[2] and "PROGRESS" in frame[2] and "100%" in frame[3]
            assert len(frame) == 20 and max(map(len, frame)) <= columns

    def test_summary_watch_ends_with_its_pipe(self, cli):
        process = cli.start("summary", "--watch=0.1")
        process.wait_for_line("finished=1", stream="stdout")
        process.signal(2)
        process.wait()


class TestWait:
    def test_done(self, cli, rpc):
        spec(rpc)
        cli("wait", "s")
        add(rpc, "u")
        process = cli.start("wait", "s")
        update(rpc, {"status": FINISHED})
        assert process.wait() == OK
        assert process.text("stdout") == "" and process.text("stderr") == ""

    def test_failed(self, cli, rpc):
        spec(rpc)
        add(rpc, "u")
        update(rpc, {"status": FAILED})
        assert "s" in cli.fails(NEGATIVE, "wait", "s")

    @pytest.mark.parametrize("unfinished", ["u", ("u", {}, {"delay": 600})], ids=str)
    def test_timeout(self, cli, rpc, unfinished):
        spec(rpc)
        add(rpc, unfinished)
        cli.fails(TIMEOUT, "wait", "s", "--timeout", "0.1")

    def test_pending_counts(self, cli, rpc):
        spec(rpc)
        add(rpc, "u")
        take(rpc)
        cli.fails(TIMEOUT, "wait", "s", "--timeout", "0.1")

    def test_deleted_meanwhile(self, cli, rpc):
        spec(rpc)
        add(rpc, "u")
        with Terminal(BIN_DIR / "coordinate", "wait", "s", env=cli.env) as process:
            process.wait_for("0 of 1")  # it has begun
            rpc.good("del_work_spec", "s")
            assert process.wait() == NEGATIVE
            assert "no such work spec" in process.text

    def test_the_daemon_goes_away(self, cli, rpc, plain_daemon):
        spec(rpc)
        add(rpc, "u")
        process = cli.start("wait", "s")
        rpc.close()
        plain_daemon.stop()
        assert process.wait() == UNREACHABLE


class TestExplain:
    """Each reason by its code; the codes are for scripts."""

    @staticmethod
    def codes(cli, name="s"):
        return {reason["code"] for reason in cli.json("explain", name, "--json")["reasons"]}

    def test_nothing_wrong(self, cli, rpc):
        spec(rpc)
        add(rpc, "u")
        heartbeat(rpc, "w")
        assert cli.json("explain", "s", "--json")["gives_work"] is True

    @pytest.mark.parametrize("definition, code", [
        ({"disabled": True}, "paused"), ({"then": "nowhere"}, "then"),
        ({"runtime": "go"}, "runtime")])
    def test_definition(self, cli, rpc, definition, code):
        spec(rpc, **definition)
        add(rpc, "u")
        heartbeat(rpc, "w")
        assert code in self.codes(cli)

    def test_what_to_do_about_it(self, cli, rpc):
        spec(rpc, disabled=True)
        assert "`coordinate resume` lets it go on" in cli("explain", "s")

    def test_weight(self, cli, rpc):
        spec(rpc)
        add(rpc, "u")
        rpc.good("control_work_spec", "s", {"weight": 0})
        assert "weight" in self.codes(cli)

    def test_max_running(self, cli, rpc):
        spec(rpc, max_running=1)
        add(rpc, "a", "b")
        take(rpc)
        assert "max_running" in self.codes(cli)

    def test_delayed(self, cli, rpc):
        spec(rpc)
        add(rpc, ("u", {}, {"delay": 600}))
        assert "delayed" in self.codes(cli)
        assert "20" in cli("explain", "s")  # until when

    def test_tries(self, cli, rpc):
        spec(rpc, max_retries=1)
        add(rpc, "u")
        take(rpc)
        update(rpc, {"status": 1})
        assert {code for code in self.codes(cli) if "tries" in code or "retries" in code}

    def test_priority_of_another(self, cli, rpc):
        spec(rpc)
        add(rpc, "u")
        spec(rpc, "first", priority=1)
        add(rpc, "u", to="first")
        assert any("priority" in code for code in self.codes(cli))


class TestWorkers:
    def test_tree(self, cli, rpc):
        spec(rpc)
        add(rpc, "u", "v")
        heartbeat(rpc, "parent")
        heartbeat(rpc, "child", "IDLE", parent="parent")
        take(rpc, worker="child")
        shown = {worker["worker_id"]: worker for worker in cli.json("workers", "--json")}
        assert shown["parent"]["children"] == ["child"]
        assert shown["child"]["mode"] == "IDLE" and len(shown["child"]["holds"]) == 1
        lines = cli("workers").splitlines()
        assert len(lines) == 3 and "parent" in lines[1] and "child" in lines[2]

    def test_counts(self, cli, rpc):
        heartbeat(rpc, "a")
        heartbeat(rpc, "b", "IDLE")
        assert cli.json("worker-stats", "--json")["num_workers"] == 2
        assert cli.json("mode-counts", "--json") == {"RUN": 1, "IDLE": 1}
        assert "RUN" in cli("mode-counts") and "num_workers" in cli("worker-stats")


class TestFlow:
    FLOW = """
    group:
      first: {min_gb: 1, then: group.second, config: {own: 1, over: 1}}
      second: {min_gb: 1, weight: 3}
    single: {min_gb: 1, name: renamed}
    """

    def test_nested(self, cli, rpc, tmp_path):
        (tmp_path / "flow.yaml").write_text(self.FLOW)
        (tmp_path / "config.yaml").write_text("over: 0\nglobal: 2\n")
        assert sorted(cli("-c", "config.yaml", "flow", "flow.yaml").split()) == [
            "group.first", "group.second", "renamed"]
        first = folded(rpc.call("get_work_spec", "group.first"))
        assert first["then"] == "group.second"
        assert first["config"] == {"own": 1, "over": 1, "global": 2}
        assert folded(rpc.call("get_work_spec", "renamed"))["config"] == {"over": 0, "global": 2}

    def test_standard_input_and_gz(self, cli, rpc, tmp_path):
        cli("flow", "-", stdin=self.FLOW)
        assert len(rpc.call("list_work_specs", {})[0]) == 3
        rpc.call("clear")
        (tmp_path / "flow.yaml.gz").write_bytes(gzip.compress(self.FLOW.encode()))
        cli("flow", "flow.yaml.gz")
        assert len(rpc.call("list_work_specs", {})[0]) == 3

    def test_json(self, cli, rpc):
        cli("flow", "-", stdin='{"a": {"min_gb": 1}}')
        assert rpc.call("list_work_specs", {})[0] != []

    @pytest.mark.parametrize("flow, word", [
        ("a: {min_gb: 1, then: nowhere}\n", "nowhere"),
        ("a: {min_gb: 1, weight: heavy}\n", "weight"),
        ("a: {min_gb: 1}\nb: {min_gb: 1, max_running: -1}\n", "max_running"), ("a: 5\n", "a"),
        ("a: [\n", "-"), ("", "-"), ("a: {min_gb: 1}\na: {min_gb: 1}\n", "a"),
        ("a: {}\n", "a")], ids=str)
    def test_nothing_is_sent_unless_all_is_right(self, cli, rpc, flow, word):
        good = "good: {min_gb: 1}\n" if flow and "[" not in flow else ""
        assert word in cli.fails(USAGE, "flow", "-", stdin=good + flow)
        assert rpc.call("list_work_specs", {})[0] == []

    def test_then_may_name_a_spec_of_the_daemon(self, cli, rpc):
        spec(rpc, "there")
        cli("flow", "-", stdin="a: {min_gb: 1, then: there}\n")

    def test_missing_file(self, cli):
        assert "nope.yaml" in cli.fails(USAGE, "flow", "nope.yaml")

    def test_dry_run(self, cli, rpc):
        shown = cli.json("flow", "--dry-run", "-", stdin=self.FLOW)
        assert {item["name"] for item in shown} == {"group.first", "group.second", "renamed"}
        assert rpc.call("list_work_specs", {})[0] == []


class TestLoad:
    UNITS = {
        "units.yaml": "a: {k: 1}\nb: {}\nc:\n",
        "units.json": '{"a": {"k": 1}, "b": {}, "c": null}',
        "units.jsonl": '["a", {"k": 1}]\n"b"\n{"key": "c"}\n',
    }

    @pytest.mark.parametrize("name", UNITS)
    @pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gz"])
    def test_formats(self, cli, rpc, tmp_path, name, zipped):
        spec(rpc)
        content = self.UNITS[name].encode()
        path = tmp_path / (name + ".gz" if zipped else name)
        path.write_bytes(gzip.compress(content) if zipped else content)
        cli.run("load", "--spec", "s", path.name)
        assert {key: folded(data) for key, data in units(rpc).items()} == {
            b"a": {"k": 1}, b"b": {}, b"c": {}}

    def test_lines_of_standard_input(self, cli, rpc):
        spec(rpc)
        cli.run("load", "--spec", "s", "--format", "text", "-",
                stdin="".join(f"u{n}\n" for n in range(2500)))
        assert counts(rpc) == {1: 2500}

    def test_specs_and_units(self, cli, rpc, tmp_path):
        (tmp_path / "all.yaml").write_text(
            "work_specs:\n  a: {min_gb: 1}\nwork_units:\n  a: {u: {k: 1}, v: {}}\n")
        cli.run("load", "all.yaml")
        assert list(units(rpc, "a")) == [b"u", b"v"]

    @pytest.mark.parametrize("units_text", [
        '["a", {}]\n["b", 5]\n', '["a", {}]\n{nonsense\n', '["a", {}]\n[]\n'])
    def test_nothing_is_sent_unless_all_is_right(self, cli, rpc, tmp_path, units_text):
        spec(rpc)
        (tmp_path / "units.jsonl").write_text(units_text)
        assert "units.jsonl:2" in cli.fails(USAGE, "load", "--spec", "s", "units.jsonl")
        assert units(rpc) == {}

    def test_only_new(self, cli, rpc):
        spec(rpc)
        add(rpc, ("a", {"old": 1}))
        cli.run("load", "--spec", "s", "--only-new", "--format", "json", "-",
                stdin='{"a": {"new": 1}, "b": {}}')
        assert folded(units(rpc)[b"a"]) == {"old": 1} and b"b" in units(rpc)

    @pytest.mark.parametrize("stdin", ["a\n", ""], ids=["one", "none"])
    def test_unknown_spec(self, cli, stdin):
        cli.fails(NEGATIVE, "load", "--spec", "nope", "--format", "text", "-", stdin=stdin)
        cli.fails(NEGATIVE, "addwork", "nope", "--file", "-", stdin=stdin)


def test_quiet_in_a_pipe(cli, rpc):
    """No progress, no colours, no control characters where no terminal is."""
    spec(rpc)
    add(rpc, *(f"u{n}" for n in range(100)))
    take(rpc, 5)
    assert state(rpc, "u0") == PENDING
    for arguments in (["summary"], ["work-specs"], ["work-units", "s"], ["workers"],
                      ["explain", "s"], ["work-unit", "s", "u0"]):
        done = cli.run(*arguments)
        assert "\x1b" not in done.stdout and "\r" not in done.stdout and done.stderr == ""
