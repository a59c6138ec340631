# SPDX-License-Identifier: MIT
"""What clients know of the units of one work spec: what was answered, and what may or may not have
happened because the daemon died before it answered."""


class Ledger:
    """Shared by all clients of one spec; `lock` is theirs to hold."""

    def __init__(self, spec, lock):
        self.spec = spec
        self.lock = lock
        self.available = set()  # added, and as far as is known not claimed
        self.held = {}          # unit: worker
        self.finished = set()
        self.maybe_added = set()
        self.maybe_finished = set()  # of those in held
        self.maybe_claimed = {}      # worker: how many units at most

    # --- While the daemon answers ----------------------------------------------------------------

    def claim(self, units, worker):
        """Notes an answered claim; returns those that were not to be had."""
        wrong = [unit for unit in units if unit in self.held or unit in self.finished]
        for unit in units:
            self.available.discard(unit)
            self.maybe_added.discard(unit)  # it was added after all
            self.held[unit] = worker
        return wrong

    def finish(self, units):
        for unit in units:
            del self.held[unit]
            self.finished.add(unit)

    # --- After a restart -------------------------------------------------------------------------

    def check(self, found, running_max):
        """Compares with `found`, a map of unit to status. Returns what cannot be, in words, and
        takes what was found for what is known from now on."""
        wrong = []
        pending = {unit for unit, status in found.items() if status == "pending"}
        done = {unit for unit, status in found.items() if status == "finished"}
        known = self.available | self.held.keys() | self.finished
        for unit in known - found.keys():
            wrong.append(f"{unit}: it was added and is lost")
        for unit in found.keys() - known - self.maybe_added:
            wrong.append(f"{unit}: nobody added it")
        for unit in self.finished - done:
            wrong.append(f"{unit}: the answered finish is lost ({found.get(unit)})")
        for unit in done - self.finished - self.maybe_finished:
            wrong.append(f"{unit}: nobody finished it")
        for unit in self.held.keys() - pending - (done & self.maybe_finished):
            wrong.append(f"{unit}: the answered claim is lost ({found.get(unit)})")
        orphans = pending - self.held.keys()
        if len(orphans) > sum(self.maybe_claimed.values()):
            wrong.append(f"{len(orphans)} units are pending for nobody")
        if len(pending) > running_max:
            wrong.append(f"{len(pending)} units are pending, {running_max} may be")
        self.available = found.keys() - pending - done
        self.held = {unit: self.held.get(unit) for unit in pending}
        self.finished = done
        self.maybe_added.clear()
        self.maybe_finished.clear()
        self.maybe_claimed.clear()
        return wrong
