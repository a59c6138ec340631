# SPDX-License-Identifier: MIT
"""Methods about the server itself: configuration, time, archive, server_info."""

import time

import pytest

from client import Client, RpcError, folded, same
from helpers import FAILED, FINISHED, add, counts, spec, take, units, update

METHODS_OF_OLD_THAT_ARE_NOT_OFFERED = ["snapshot", "maybe_periodic_snapshot", "load_snapshot"]


def test_now(any_client):
    moment = any_client.call("now")
    assert type(moment) is int and abs(moment - time.time()) < 60


@pytest.mark.parametrize("method", METHODS_OF_OLD_THAT_ARE_NOT_OFFERED)
def test_not_offered(client, method):
    with pytest.raises(RpcError, match=method):
        client.call(method)


def test_server_info(client, daemon):
    info = client.call("server_info")
    assert {"version", "backend", "extensions", "limits"} <= set(info)
    assert info["version"] == daemon.version and info["backend"] == "memory"
    assert isinstance(info["extensions"], list) and info["extensions"]
    assert all(isinstance(name, str) for name in info["extensions"])
    assert isinstance(info["limits"], dict)
    assert {67_108_864, 128, 10_000} <= set(info["limits"].values())


class TestConfig:
    def test_none_given(self, any_client):
        assert same(any_client.good("get_config"), {})

    def test_the_file(self, start, tmp_path):
        path = tmp_path / "config.yaml"
        path.write_text("coordinate:\n  addresses: [localhost:5932]\n"
                        "number: 5\nreal: 1.5\nflag: yes\nnothing:\nlist: []\n")
        daemon = start("--config", path)
        with Client(daemon.address) as client:
            assert folded(client.good("get_config")) == {
                "coordinate": {"addresses": ["localhost:5932"]}, "number": 5, "real": 1.5,
                "flag": True, "nothing": None, "list": []}


class TestArchive:
    @staticmethod
    def fill(client, name, **definition):
        spec(client, name, **definition)
        add(client, *(f"u{n}" for n in range(6)), to=name)
        take(client, 4, work_spec_names=[name])
        for key in ("u0", "u1", "u2"):
            update(client, {"status": FINISHED}, key, name)
        update(client, {"status": FAILED}, "u3", name)

    def test_without_limits(self, any_client):
        self.fill(any_client, "s")
        assert any_client.call("archive") is None
        assert any_client.call("archive", {}) is None
        assert any_client.call("archive", None) is None
        assert len(units(any_client)) == 6

    def test_the_newest_are_kept(self, client):
        self.fill(client, "s", limit_completed_count=1)
        assert client.call("archive") is None
        assert list(units(client)) == [b"u2", b"u3", b"u4", b"u5"]

    def test_removed_units_stay_in_the_counts(self, client):
        self.fill(client, "s", limit_completed_count=1)
        client.call("archive")
        assert counts(client) == {1: 2, FINISHED: 3, FAILED: 1}
        assert client.good("del_work_units", "s", {"state": FINISHED}) == 3
        assert counts(client) == {1: 2, FAILED: 1}
        assert client.good("del_work_units", "s", {"all": True}) == 3
        assert counts(client) == {}

    def test_by_age(self, client):
        self.fill(client, "s", limit_completed_age=0)
        client.call("archive")
        assert list(units(client)) == [b"u4", b"u5"]
        self.fill(client, "t", limit_completed_age=3600)
        client.call("archive")
        assert len(units(client, "t")) == 6

    def test_the_daemons_limit_and_names(self, start):
        with Client(start("--limit-completed-age", "3600",
                          "--limit-completed-count", "2").address) as client:
            self.fill(client, "s")
            client.call("archive", {"work_spec_names": ["s", "nope"]})
            assert [key for key in units(client) if key < b"u4"] == [b"u1", b"u2", b"u3"]
            with pytest.raises(RpcError, match="archive.*work_spec_names"):
                client.call("archive", {"work_spec_names": 5})


def test_namespaces_are_apart(start):
    """A daemon works in one namespace; the name may be any."""
    daemon = start("--namespace", "n\u00fc")
    with Client(daemon.address) as client:
        spec(client)
        add(client, "u")
        assert take(client) == ["u"]
        assert client.call("get_summary")[0]["count"] == 1
