# SPDX-License-Identifier: MIT
import pytest

from coordinate import ProgrammerError, load_config, overlay_config
from coordinate.config import ClientSettings, addresses_of, parse_address
from coordinate.worker.settings import WorkerSettings


@pytest.mark.parametrize(
    "given, address",
    [
        ("host:1", ("host", 1)),
        ("host", ("host", 5932)),
        ("[::1]:7", ("::1", 7)),
        ("::1", ("::1", 5932)),
        (("host", 5), ("host", 5)),
        (["host", "5"], ("host", 5)),
    ],
    ids=repr,
)
def test_addresses(given, address):
    assert parse_address(given) == address


@pytest.mark.parametrize(
    "given",
    ["", ":5", "host:", "host:x", "host:0", "host:65536", 5, None, [], ["h"], ("h", None), (5, 5)],
    ids=repr,
)
def test_wrong_addresses(given):
    with pytest.raises(ProgrammerError, match="is no address"):
        parse_address(given)


def test_which_addresses_count():
    several = [("a", 1), ("b", 2)]
    assert addresses_of({"addresses": ["a:1", "b:2"]}) == several
    assert addresses_of({"registry_addresses": ["a:1", "b:2"]}) == several
    assert addresses_of({"address": "c:3", "addresses": ["a:1"]}) == [("c", 3)]
    assert addresses_of({"addresses": "a:1"}) == [("a", 1)]
    with pytest.raises(ProgrammerError, match="neither"):
        addresses_of({"addresses": []})


def test_settings():
    settings = ClientSettings.read(
        {
            "address": "h:1",
            "default_lifetime": 5,
            "retries": None,
            "answer_timeout": None,
            "namespace": "n",
        }
    )
    assert (settings.default_lifetime, settings.retries, settings.answer_timeout) == (5, 0, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"default_lifetime": 0},
        {"default_lifetime": "5"},
        {"retries": -1},
        {"retries": True},
        {"base_retry_seconds": float("nan")},
    ],
    ids=repr,
)
def test_wrong_settings(wrong):
    with pytest.raises(ProgrammerError, match=next(iter(wrong))):
        ClientSettings.read({"address": "h:1", **wrong})


class TestFiles:
    def test_a_file(self, tmp_path):
        path = tmp_path / "c.yaml"
        path.write_text("coordinate: {address: 'h:1'}\nother: 5\n")
        assert load_config(str(path)) == {"coordinate": {"address": "h:1"}, "other": 5}

    @pytest.mark.parametrize("text", ["", "[1]", "a: [", "coordinate: 5", "a: !!python/name:os.x"])
    def test_wrong_files(self, tmp_path, text):
        path = tmp_path / "c.yaml"
        path.write_text(text)
        with pytest.raises(ProgrammerError, match="c.yaml"):
            load_config(str(path))


def test_overlay():
    base = {"a": {"x": 1, "y": 2}, "b": 3, "c": 4}
    assert overlay_config(base, {"a": {"y": 5, "z": 6}, "b": {"n": 1}, "c": None}) == {
        "a": {"x": 1, "y": 5, "z": 6},
        "b": {"n": 1},
    }
    assert base == {"a": {"x": 1, "y": 2}, "b": 3, "c": 4}, "it is not changed"


class TestWorkerSettings:
    def test_defaults(self):
        settings = WorkerSettings.read({})
        assert settings.num_workers >= 1 and settings.lease == 900 and settings.fetch == 1

    def test_a_section_of_the_original(self):
        settings = WorkerSettings.read(
            {
                "registry_addresses": ["127.0.0.1:5932"],
                "app_name": "foo",
                "namespace": "n",
                "worker": "fork_worker",
                "default_lifetime": 60,
                "worker_job_fetch": 10,
                "fork_worker": {
                    "num_workers": None,
                    "num_workers_per_core": 2,
                    "poll_interval": 1,
                    "spawn_interval": 0.01,
                    "heartbeat_interval": 15,
                    "child_lifetime": 10,
                    "stop_jobs_early": 15,
                    "debug_worker": None,
                },
            }
        )
        assert settings.num_workers % 2 == 0 and settings.child_lifetime == 10
        assert (settings.lease, settings.fetch, settings.early) == (60, 10, 15)

    def test_short_leases_leave_time_to_work(self):
        assert WorkerSettings.read({"default_lifetime": 9}).early == 3

    @pytest.mark.parametrize(
        "wrong",
        [
            {"num_workers": -1},
            {"num_workers": "two"},
            {"poll_interval": 0},
            {"log_format": "xml"},
            {"heartbeat_interval": -1},
        ],
        ids=repr,
    )
    def test_wrong(self, wrong):
        with pytest.raises(ProgrammerError, match=next(iter(wrong))):
            WorkerSettings.read({"fork_worker": wrong})

    @pytest.mark.parametrize(
        "wrong",
        [
            {"fork_worker": 5},
            {"work_spec_names": 5},
            {"work_spec_names": [5]},
            {"default_lifetime": 86401},
        ],
        ids=repr,
    )
    def test_wrong_section(self, wrong):
        with pytest.raises(ProgrammerError, match=next(iter(wrong))):
            WorkerSettings.read(wrong)
