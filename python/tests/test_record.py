# SPDX-License-Identifier: MIT
"""What the parent makes of what children say; time is a number here."""

import pytest

from coordinate.worker.record import ChildRecord
from coordinate.worker.settings import WorkerSettings

U, V = ("s", b"u"), ("s", b"v")


def record(**settings):
    return ChildRecord("w", WorkerSettings(num_workers=1, **settings), started=0)


def begun(deadline=100.0, now=0.0, **settings):
    made = record(**settings)
    made.heard(["begun", "s", b"u", deadline], now)
    return made


def test_nothing_runs_at_first():
    made = record()
    assert not made.useful and made.next_event() is None
    assert not made.overdue(1e9) and not made.renewal_due(1e9)


def test_what_runs_and_what_waits():
    made = record()
    made.heard(["taken", [["s", b"u", 5.0], ["s", b"v", 5.0]]], 0)
    assert made.waiting == {U, V} and made.useful
    made.heard(["begun", "s", b"u", 5.0], 1)
    assert made.running.name == U and made.running.begun == 1 and made.waiting == {V}
    made.heard(["ended"], 2)
    assert made.running is None and made.waiting == {V}
    made.heard(["idle"], 3)
    assert made.waiting == set()
    made.heard(["leaving", "told to"], 4)
    assert made.leaving == "told to"


def test_each_run_has_a_serial():
    made = begun()
    first = made.running.serial
    made.heard(["begun", "s", b"u", 100.0], 1)
    assert made.running.serial != first


def test_overdue():
    made = begun(deadline=100, lease=60, stop_jobs_early=15)
    assert not made.overdue(84.9) and made.overdue(85) and made.next_event() == 85
    made.heard(["lease", 200.0], 50)
    assert not made.overdue(184.9) and made.overdue(185)
    made.heard(["ended"], 60)
    assert not made.overdue(1e9)


def test_a_lease_message_that_is_late():
    made = begun()
    made.heard(["ended"], 1)
    made.heard(["lease", 200.0], 2)
    assert made.running is None


class TestRenewal:
    def test_not_unless_asked_for(self):
        assert not begun(deadline=100, lease=100).renewal_due(99)

    def test_when_half_is_over(self):
        made = begun(deadline=100, lease=100, max_unit_seconds=1000)
        assert not made.renewal_due(49.9) and made.renewal_due(50) and made.next_event() == 50
        assert made.renewal(50) == 100

    def test_not_while_one_is_under_way(self):
        made = begun(deadline=100, lease=100, max_unit_seconds=1000)
        made.renewing = True
        assert not made.renewal_due(60) and made.next_event() == 85
        assert made.renewed(made.running.serial, 150)
        assert not made.renewing and made.running.deadline == 150 and not made.renewal_due(60)

    def test_as_long_as_a_unit_may_run(self):
        """The last lease ends so that the child is killed when the time is up."""
        made = begun(deadline=100, lease=100, max_unit_seconds=120, stop_jobs_early=15)
        assert made.renewal_due(60) and made.renewal(60) == 75
        made.renewed(made.running.serial, 60 + made.renewal(60))
        assert not made.overdue(119.9) and made.overdue(120)
        assert not made.renewal_due(120)

    def test_of_a_unit_that_has_ended(self):
        made = begun(deadline=100, lease=100, max_unit_seconds=1000)
        serial = made.running.serial
        made.heard(["begun", "s", b"v", 150.0], 60)
        assert made.renewed(serial, 1000) is False and made.running.deadline == 150

    @pytest.mark.parametrize("deadline", [0.0, 90.0])
    def test_never_shortens(self, deadline):
        made = begun(deadline=100, lease=100, max_unit_seconds=1000)
        made.renewed(made.running.serial, deadline)
        assert made.running.deadline == 100
