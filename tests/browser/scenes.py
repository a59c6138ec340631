# SPDX-License-Identifier: MIT
"""What tests of the dashboard set up, and how they look at what became of it."""

from helpers import FAILED, add, take, update


def fail(rpc, *names, name="s", traceback="Traceback\n  in f\nBoom: 1"):
    """Adds units, takes them and fails them."""
    add(rpc, *names, to=name)
    take(rpc, len(names), work_spec_names=[name])
    for key in names:
        assert update(rpc, {"status": FAILED, "data": {"traceback": traceback}, "worker_id": "w"},
                      key, name) == (True, None)


def counts(rest, name="s"):
    return rest.get(f"/namespace/-/work_spec/{name}/counts")
