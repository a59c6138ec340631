# SPDX-License-Identifier: MIT
"""What the workers of several daemons know of the units they were given, and what follows from it
whatever a daemon or the database went through meanwhile."""

import threading
import time


class Holding:
    """A unit in a worker's hands: its lease began no earlier than `sent`, and so lasts as long."""

    def __init__(self, worker, sent, lease):
        self.worker = worker
        self.until = sent + lease
        self.let_go = False  # the worker has asked to end it


class Ledger:
    """Shared by all workers. Every method returns what cannot be, in words."""

    def __init__(self, running_max):
        """`running_max`: how many units of a spec may run at once, by its name."""
        self.lock = threading.Lock()
        self.running_max = running_max
        self.holdings = {}     # (spec, unit) -> Holding, the newest
        self.live = {spec: set() for spec in running_max}  # units that run as far as is known
        self.claims = 0
        self.tries = {}        # (spec, unit) -> how often it was given out, answers that came
        self.taken_back = 0    # units given out again because a lease ran out
        self.finished = set()  # answered
        self.unsure = set()    # finishes that were never answered

    def claimed(self, spec, units, worker, sent, lease):
        wrong = []
        with self.lock:
            now = time.monotonic()
            for unit in units:
                key = (spec, unit)
                before = self.holdings.get(key)
                if before is not None and not before.let_go:
                    if now < before.until:
                        wrong.append(f"{key}: {worker} got it within the lease of {before.worker}")
                    self.taken_back += 1
                if key in self.finished:
                    wrong.append(f"{key}: given to {worker} after its finish was answered")
                self.holdings[key] = Holding(worker, sent, lease)
                self.claims += 1
                self.tries[key] = self.tries.get(key, 0) + 1
                if spec in self.live:
                    self.live[spec].add(unit)
            if spec in self.live:
                running = {unit for unit in self.live[spec]
                           if not self.holdings[(spec, unit)].let_go
                           and now < self.holdings[(spec, unit)].until}
                self.live[spec] = running
                if len(running) > self.running_max[spec]:
                    wrong.append(f"{spec}: {len(running)} run, {self.running_max[spec]} may")
        return wrong

    def let_go(self, spec, unit, worker, finishes):
        """Before the worker asks for it to be ended."""
        with self.lock:
            holding = self.holdings.get((spec, unit))
            if holding is not None and holding.worker == worker:
                holding.let_go = True
            if finishes:
                self.unsure.add((spec, unit))

    def renewed(self, spec, unit, worker, sent, lease):
        with self.lock:
            holding = self.holdings.get((spec, unit))
            if holding is not None and holding.worker == worker:
                holding.until = max(holding.until, sent + lease)

    def was_finished(self, spec, unit):
        with self.lock:
            key = (spec, unit)
            self.unsure.discard(key)
            if key in self.finished:
                return [f"{key}: it was finished twice"]
            self.finished.add(key)
            return []
