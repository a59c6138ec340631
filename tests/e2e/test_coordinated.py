# SPDX-License-Identifier: MIT
"""The daemon as a process: flags, settings, start, stop."""

import re
import resource
import signal
import socket

import pytest

from client import Client, ConnectionClosed, RpcError, decode, folded
from daemon import Daemon, Process, eventually, run
from helpers import NO_WORK, add, spec, take, update
from rest import Rest


def refused(*flags, env=None):
    """Runs the daemon with what it must refuse; returns what it says."""
    done = run("coordinated", *flags, env=env)
    assert done.returncode != 0 and done.stdout == ""
    assert " ready: " not in done.stderr
    return done.stderr


class TestFlags:
    def test_version(self):
        done = run("coordinated", "--version")
        assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout)

    def test_help_names_every_flag(self):
        done = run("coordinated", "--help")
        assert done.returncode == 0
        for flag in ["--cborrpc", "--bind", "--http", "--manual-clock", "--backend", "--config", "--namespace", "--log-level",
                     "--log-requests", "--io-threads", "--version", "--max-connections",
                     "--settings", "--limit-completed-count", "--limit-completed-age"]:
            assert flag in done.stdout, flag

    def test_unknown_flag(self):
        assert "--no-such-flag" in refused("--no-such-flag")

    def test_unknown_backend_lists_the_known(self):
        text = refused("--cborrpc", "127.0.0.1:0", "--backend", "nope")
        assert "nope" in text and "memory" in text

    @pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:notaport", "127.0.0.1:70000",
                                         "256.0.0.1:0"])
    def test_bad_address(self, address):
        assert refused("--cborrpc", address)

    @pytest.mark.parametrize("flags", [
        ("--io-threads", "x"), ("--max-connections", "-1"), ("--log-level", "loudest"),
        ("--limit-completed-count", "x"), ("--limit-completed-age", "-1")])
    def test_bad_value(self, flags):
        assert flags[0].lstrip("-") in refused("--cborrpc", "127.0.0.1:0", *flags)

    def test_address_in_use(self):
        with Daemon() as daemon:
            assert re.search("in use", refused("--cborrpc", daemon.address_text), re.IGNORECASE)

    def test_http_address_in_use(self):
        """It is listened on by default, so the message says how to do without."""
        with Daemon("--http", "127.0.0.1:0") as daemon:
            text = refused("--cborrpc", "127.0.0.1:0", "--http", "%s:%d" % daemon.http_address)
            assert re.search("in use.*--http none", text, re.IGNORECASE)

    @pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:70000", ""])
    def test_bad_http_address(self, address):
        assert refused("--cborrpc", "127.0.0.1:0", "--http", address)

    def test_no_http(self):
        with Daemon("--http", "none") as daemon:
            assert daemon.http_address is None and " http=none " in daemon.text("stderr")

    def test_http_on_another_address_warns(self):
        with Daemon("--http", "0.0.0.0:0") as daemon:
            daemon.stop()
            assert daemon.text("stderr").count("authentication") == 1

    def test_bind_is_an_alias(self):
        with Daemon("--bind", "127.0.0.1:0", address=None) as daemon:
            assert daemon.address[0] == "127.0.0.1" and daemon.address[1] > 0

    def test_config(self, tmp_path):
        path = tmp_path / "config.yaml"
        path.write_text("greeting: hello\n")
        with Daemon("--config", path) as daemon, Client(daemon.address) as client:
            assert folded(client.good("get_config")) == {"greeting": "hello"}

    @pytest.mark.parametrize("content", [None, "a: [", "- just\n- a list\n"])
    def test_bad_config(self, tmp_path, content):
        path = tmp_path / "config.yaml"
        if content is not None:
            path.write_text(content)
        assert "config.yaml" in refused("--cborrpc", "127.0.0.1:0", "--config", path)

    def test_namespace_that_is_no_name(self):
        assert refused("--cborrpc", "127.0.0.1:0", "--namespace", "x" * 1025)

    def test_log_requests(self):
        """Every request, whoever answers it, on one line each."""
        with Daemon("--log-requests") as daemon, Client(daemon.address) as client:
            client.call("now")
            spec(client)
            client.pair("control_work_spec", "s", {"status": 7})
            client.pair("count_work_units", "evil\nline")
            for method, params in (("get_work", [5]), ("nope\nline", ["x" * 100_000])):
                with pytest.raises(RpcError):
                    client.call(method, *params)
            client.send_value([5])
            client.receive()
            daemon.stop()
            logged = [line.split(" request ", 1)[1] for line in daemon.lines["stderr"]
                      if " request " in line]
            assert [re.sub(r"us=\d+", "us=N", line) for line in logged] == [
                "method=now us=N outcome=ok",
                "method=set_work_spec us=N outcome=ok",
                "method=control_work_spec us=N outcome=unknown work spec status",
                r"method=count_work_units us=N outcome=no such work spec evil\x0aline",
                "method=get_work us=N outcome=get_work: missing parameter options",
                r"method=nope\x0aline us=N outcome=no such method 'nope\x0aline'",
                "method= us=N outcome=a request must be a map"]

    def test_log_requests_of_http(self):
        with Daemon("--log-requests", "--http", "127.0.0.1:0") as daemon, \
                Rest(daemon.http_address) as rest:
            rest.ask("GET", "/healthz")
            rest.ask("GET", "/namespace/t/work_spec/s")
            rest.ask("PATCH", "/evil")
            daemon.stop()
            logged = [line.split(" request ", 1)[1] for line in daemon.lines["stderr"]
                      if " request " in line]
            assert [re.sub(r"us=\d+", "us=N", line) for line in logged] == [
                "method=getHealth us=N outcome=ok", "method=getWorkSpec us=N outcome=status 404",
                "method=http us=N outcome=status 404"]

    def test_requests_are_not_logged_unasked(self):
        with Daemon() as daemon, Client(daemon.address) as client:
            client.call("now")
            spec(client)
            daemon.stop()
            assert "request" not in daemon.text("stderr")

    def test_max_connections(self):
        with Daemon("--max-connections", "2") as daemon:
            first, second = Client(daemon.address), Client(daemon.address)
            assert first.call("now") and second.call("now")
            third = Client(daemon.address)
            try:
                third.call("now")
                served = True
            except (ConnectionClosed, ConnectionResetError, BrokenPipeError):
                served = False
            assert not served
            second.close()

            def served_now():
                with Client(daemon.address) as fourth:
                    try:
                        return fourth.call("now")
                    except (ConnectionClosed, ConnectionResetError, BrokenPipeError):
                        return None

            eventually(served_now, "a place to become free")
            assert first.call("now")
            first.close()
            third.close()

    def test_the_descriptor_limit_is_raised(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))  # which the daemon inherits
        try:
            daemon = Daemon("--max-connections", "300")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with daemon:
            clients = [Client(daemon.address) for _ in range(100)]
            assert all(client.call("now") for client in clients)
            for client in clients:
                client.close()
            allowed, _ = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
            assert allowed > 300

    def test_limits_of_retention(self):
        with Daemon("--limit-completed-count", "1") as daemon, Client(daemon.address) as client:
            spec(client)
            add(client, *"abc")
            take(client, 3)
            for key in "abc":
                update(client, {"status": 4}, key)
            client.call("archive")
            assert [key for key, _ in client.good("get_work_units", "s", {})] == [b"c"]


class TestSettings:
    """Precedence: flag, environment, file."""

    @staticmethod
    def config_of(*flags, env=None):
        with Daemon(*flags, env=env) as daemon, Client(daemon.address) as client:
            return folded(client.good("get_config")).get("from")

    @pytest.fixture
    def sources(self, tmp_path):
        for name in ("flag", "environment", "file"):
            (tmp_path / f"{name}.yaml").write_text(f"from: {name}\n")
        settings = tmp_path / "settings.yaml"
        settings.write_text(f"config: {tmp_path}/file.yaml\nio-threads: 1\nlog-requests: true\n")
        return tmp_path

    def test_file(self, sources):
        assert self.config_of("--settings", sources / "settings.yaml") == "file"

    def test_environment_over_file(self, sources):
        env = {"COORDINATED_CONFIG": f"{sources}/environment.yaml"}
        assert self.config_of("--settings", sources / "settings.yaml", env=env) == "environment"

    def test_flag_over_environment(self, sources):
        env = {"COORDINATED_CONFIG": f"{sources}/environment.yaml"}
        assert self.config_of("--settings", sources / "settings.yaml", "--config",
                              sources / "flag.yaml", env=env) == "flag"

    def test_settings_from_the_environment(self, sources):
        env = {"COORDINATED_SETTINGS": f"{sources}/settings.yaml"}
        assert self.config_of(env=env) == "file"

    def test_address_from_the_environment(self):
        with Daemon(address=None, env={"COORDINATED_CBORRPC": "127.0.0.1:0"}) as daemon:
            assert daemon.address[1] != 5932

    def test_dashes_are_underscores_in_the_environment(self):
        with Daemon(env={"COORDINATED_LOG_REQUESTS": "1"}) as daemon, \
                Client(daemon.address) as client:
            client.call("now")
            daemon.wait_for_line("method=now")

    def test_an_empty_variable_counts_as_not_set(self, sources):
        env = {"COORDINATED_CONFIG": "", "COORDINATED_LOG_REQUESTS": "",
               "COORDINATED_LIMIT_COMPLETED_AGE": ""}
        assert self.config_of("--settings", sources / "settings.yaml", env=env) == "file"

    def test_an_empty_text_is_a_value(self, tmp_path):
        path = tmp_path / "settings.yaml"
        path.write_text("namespace: ''\nconfig: ''\n")
        assert self.config_of("--settings", path) is None
        path.write_text("cborrpc: ''\n")
        assert "address" in refused("--settings", path)

    def test_unknown_key_is_refused(self, tmp_path):
        path = tmp_path / "settings.yaml"
        path.write_text("no-such-flag: 1\n")
        assert "no-such-flag" in refused("--cborrpc", "127.0.0.1:0", "--settings", path)

    @pytest.mark.parametrize("content", [None, "a: [", "io-threads: many\n", "- 1\n"])
    def test_bad_file(self, tmp_path, content):
        path = tmp_path / "settings.yaml"
        if content is not None:
            path.write_text(content)
        assert refused("--cborrpc", "127.0.0.1:0", "--settings", path)

    def test_bad_environment(self):
        assert refused("--cborrpc", "127.0.0.1:0", env={"COORDINATED_IO_THREADS": "many"})


class TestMessages:
    def test_one_ready_line(self):
        with Daemon() as daemon:
            daemon.stop()
            ready = [line for line in daemon.lines["stderr"] if " ready: " in line]
            assert len(ready) == 1
            assert re.search(r"coordinated \d+\.\d+\.\d+ ready: cborrpc=127\.0\.0\.1:\d+", ready[0])
            assert daemon.text("stdout") == ""

    def test_loopback_does_not_warn(self):
        with Daemon() as daemon:
            assert "authentication" not in daemon.text("stderr")

    def test_any_other_address_warns_once(self):
        with Daemon(address="0.0.0.0:0") as daemon:
            daemon.stop()
            assert daemon.text("stderr").count("authentication") == 1

    def test_memory_says_that_state_is_lost(self):
        with Daemon() as daemon:
            assert "lost" in daemon.text("stderr")

    @pytest.mark.parametrize("unfinished", [0, 3])
    def test_memory_says_how_many_were_dropped(self, unfinished):
        with Daemon() as daemon, Client(daemon.address) as client:
            spec(client)
            add(client, "done", *(f"u{n}" for n in range(unfinished)))
            assert take(client) == ["done"]
            update(client, {"status": 4}, "done")
            before = len(daemon.lines["stderr"])
            daemon.stop()
            after = "\n".join(daemon.lines["stderr"][before:])
            assert (str(unfinished) in re.findall(r"\b\d+\b(?= unfinished)", after)
                    or (unfinished == 0 and "unfinished" not in after)), after

    def test_systemd_is_told(self, tmp_path):
        path = str(tmp_path / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(60)
            with Daemon(env={"NOTIFY_SOCKET": path}) as daemon:
                assert "READY=1" in notify.recv(4096).decode()
                daemon.signal(signal.SIGTERM)
                assert "STOPPING=1" in notify.recv(4096).decode()
                assert daemon.wait() == 0  # a second signal would not be orderly


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
class TestStop:
    def test_exit_code(self, io_threads, number):
        with Daemon("--io-threads", io_threads) as daemon:
            daemon.signal(number)
            assert daemon.wait() == 0

    def test_waiting_clients_are_answered_and_connections_reset(self, io_threads, number):
        """An orderly close before an answer would make the original client spin."""
        with Daemon("--io-threads", io_threads) as daemon:
            clients = [Client(daemon.address) for _ in range(20)]
            idle = Client(daemon.address)
            assert idle.call("now")
            spec(idle)
            spec(idle, "probe", disabled=True)
            add(idle, *(f"w{n}" for n in range(20)), to="probe")
            requests = [other.post("get_work", f"w{n}", {
                "wait_seconds": 3600, "updates": [("probe", f"w{n}", {"status": 4})]})
                for n, other in enumerate(clients)]
            eventually(lambda: idle.good("count_work_units", "probe") == {4: 20},
                       "all requests to wait")
            daemon.signal(number)
            for other, request in zip(clients, requests):
                assert other.result_of(other.receive(), request)[0]["work"] == NO_WORK
            for other in [*clients, idle]:
                with pytest.raises(ConnectionResetError):
                    other.read_exactly(1)
                other.close()
            assert daemon.wait() == 0

    def test_what_is_in_hand_is_answered(self, io_threads, number):
        """Every request that the daemon has read gets its answer, or none does after it."""
        with Daemon("--io-threads", io_threads) as daemon:
            client = Client(daemon.address)
            spec(client)
            sent = [client.post("add_work_units", "s", [(f"u{n}", {})]) for n in range(2000)]
            daemon.signal(number)
            answered = []
            try:
                while True:
                    answered.append(decode(client.read_message())[b"id"])
            except ConnectionResetError:
                pass
            assert answered == sent[:len(answered)]
            client.close()
            assert daemon.wait() == 0

    def test_new_connections_are_not_taken(self, io_threads, number):
        with Daemon("--io-threads", io_threads) as daemon:
            address = daemon.address
            daemon.signal(number)
            daemon.wait()
            with pytest.raises(ConnectionRefusedError):
                Client(address)

    def test_a_client_that_reads_nothing_does_not_hold_it_up(self, io_threads, number):
        with Daemon("--io-threads", io_threads) as daemon:
            deaf = Client(daemon.address, receive_buffer=4096)
            spec(deaf)
            add(deaf, ("u", {"blob": b"x" * (4 << 20)}))
            deaf.post("get_work_units", "s", {})
            deaf.read_exactly(1)
            daemon.signal(number)
            assert daemon.wait(deadline=20) == 0
            deaf.close()


def test_killed_while_it_starts_leaves_no_trace(tmp_path):
    """SIGTERM as early as may be is honoured."""
    for _ in range(10):
        daemon = Process("coordinated", "--cborrpc", "127.0.0.1:0", cwd=tmp_path)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() in (0, -signal.SIGTERM)
    assert not list(tmp_path.iterdir())
