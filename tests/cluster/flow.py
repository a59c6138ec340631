# SPDX-License-Identifier: MIT
"""A flow of two work specs run by a fleet while something goes wrong again and again, and what must be
true at its end."""

import random
import threading
import time

from client import Client, ConnectionClosed, RpcError
from fleet import POISON, Fleet, Worker
from ledger import Ledger

RUNNING_MAX = {"first": 500}
TRIES_MAX = 10
POISONED = 20
ADDED_AT_ONCE = 5_000
PAGE_UNITS = 10_000
DEADLINE_SECONDS = 600
LOOK_SECONDS = 0.25

# Attempts of a unit that was given to somebody else before their lease ran out, and that nobody ended.
# A transaction bears the time of its beginning, which may be before another one that it has waited
# for; the workers' ledger looks more closely.
TAKEN_TOO_EARLY = """
WITH all_attempts AS (
  SELECT generation, name, id, start, expiration, false AS ended FROM open_attempts
  UNION ALL SELECT generation, name, id, start, expiration, true FROM ended_attempts),
in_order AS (
  SELECT *, lead(start) OVER (PARTITION BY generation, name ORDER BY start, id) AS next_start
  FROM all_attempts)
SELECT count(*) FROM in_order WHERE NOT ended AND next_start < expiration - 1000000"""

RUNNING = """
SELECT s.name, count(*) FROM open_attempts a JOIN work_specs s USING (generation)
WHERE a.active AND a.expiration > extract(epoch FROM clock_timestamp()) * 1000000 GROUP BY 1"""

FINISHED_TWICE = """
SELECT count(*) FROM (SELECT generation, name FROM ended_attempts WHERE kind = 2
  GROUP BY 1, 2 HAVING count(*) > 1) AS twice"""

TOO_MANY_TRIES = f"""
SELECT count(*) FROM (
  SELECT generation, name FROM (SELECT generation, name, status FROM ended_attempts
    UNION ALL SELECT generation, name, 0 FROM open_attempts) AS tries
  GROUP BY 1, 2 HAVING count(*) FILTER (WHERE status <> 3) > {TRIES_MAX}) AS too_many"""


class Limits(threading.Thread):
    """Looks again and again into the database at how many units run."""

    def __init__(self, cluster, over):
        super().__init__(daemon=True)
        self.cluster = cluster
        self.over = over
        self.looks = 0
        self.most = 0
        self.complaints = []

    def run(self):
        while not self.over.wait(LOOK_SECONDS):
            try:
                rows = self.cluster.sql(RUNNING)
            except RuntimeError:
                continue  # the database is away just now
            self.looks += 1
            for row in rows:
                name, count = row.split("|")
                spec = bytes.fromhex(name[2:]).decode()
                if spec not in RUNNING_MAX:
                    continue
                self.most = max(self.most, int(count))
                if int(count) > RUNNING_MAX[spec]:
                    self.complaints.append(f"{spec}: {count} run, {RUNNING_MAX[spec]} may")


class Flow:
    """`disturb(fleet, random)` does one bad thing, and returns when the worst of it is over."""

    def __init__(self, cluster, fleet, seed, units, workers):
        self.cluster = cluster
        self.fleet = fleet
        self.seed = seed
        self.units = units
        self.workers = workers
        self.over = threading.Event()
        self.ledger = Ledger(RUNNING_MAX)

    def ask(self, method, *params):
        """From whichever daemon answers."""
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            for address in self.fleet.addresses:
                try:
                    with Client(address) as client:
                        return client.good(method, *params)
                except (ConnectionClosed, OSError):
                    continue
                except RpcError as error:
                    if "try again" not in str(error):
                        raise
            assert time.monotonic() < end, f"no daemon answers {method}"
            self.over.wait(0.05)

    def prepare(self):
        self.ask("set_work_spec", {"name": "first", "then": "second", "max_retries": TRIES_MAX,
                                   "max_running": RUNNING_MAX["first"]})
        self.ask("set_work_spec", {"name": "second", "max_retries": TRIES_MAX})
        chained = self.units // 2
        for begin in range(0, chained, ADDED_AT_ONCE):
            self.ask("add_work_units", "first",
                     [(f"a{number:06}", {"output": [f"b{number:06}"]})
                      for number in range(begin, min(begin + ADDED_AT_ONCE, chained))])
        self.ask("add_work_units", "first",
                 [(f"{POISON}{number}", {"output": ["never"]}) for number in range(POISONED)])

    def counts(self, spec):
        return self.ask("count_work_units", spec)

    def done(self):
        chained = self.units // 2
        first, second = self.counts("first"), self.counts("second")
        return (first.get(4, 0) == chained and first.get(5, 0) == POISONED
                and second.get(4, 0) == chained)

    def run(self, disturb):
        """Returns what was wrong, in words."""
        self.prepare()
        chance = random.Random(self.seed)
        limits = Limits(self.cluster, self.over)
        workers = [Worker(number, self.fleet, self.ledger, self.over, self.seed)
                   for number in range(self.workers)]
        for thread in [limits, *workers]:
            thread.start()
        end = time.monotonic() + DEADLINE_SECONDS
        wrong = []
        while not self.done() and not wrong:
            if time.monotonic() > end:
                wrong.append(f"not done in time: {self.counts('first')} {self.counts('second')}")
            disturb(self.fleet, chance)
            wrong += [what for worker in workers for what in worker.complaints]
        self.over.set()
        for thread in [limits, *workers]:
            thread.join(60)
        wrong += [what for worker in workers for what in worker.complaints]
        wrong += limits.complaints
        if limits.looks == 0:
            wrong.append("nobody looked at the limits")
        self.most_running = limits.most
        return wrong or self.check()

    def check(self):
        """At rest: what the database says of the whole history."""
        wrong = []
        for what, query in (("given to others within a lease", TAKEN_TOO_EARLY),
                            ("finished twice", FINISHED_TWICE),
                            ("tried too often", TOO_MANY_TRIES)):
            count = int(self.cluster.sql(query)[0])
            if count:
                wrong.append(f"{count} units were {what}")
        for spec, letter in (("first", "a"), ("second", "b")):
            wrong += self.compare(spec, {f"{letter}{number:06}"
                                         for number in range(self.units // 2)})
        return wrong

    def finished(self, spec):
        found = set()
        start = ""
        while True:
            page = self.ask("get_work_units", spec,
                            {"state": 4, "start": start, "limit": PAGE_UNITS})
            found.update(key.decode() for key, _ in page)
            if len(page) < PAGE_UNITS:
                return found
            start = page[-1][0].decode() + "\0"

    def compare(self, spec, expected):
        found = self.finished(spec)
        wrong = [f"{spec} {unit}: not finished" for unit in sorted(expected - found)[:5]]
        wrong += [f"{spec} {unit}: nobody made it" for unit in sorted(found - expected)[:5]]
        answered = {unit for of, unit in self.ledger.finished if of == spec}
        unsure = {unit for of, unit in self.ledger.unsure if of == spec}
        wrong += [f"{spec} {unit}: the answered finish is lost"
                  for unit in sorted(answered - found)[:5]]
        wrong += [f"{spec} {unit}: nobody finished it"
                  for unit in sorted(found - answered - unsure)[:5]]
        return wrong

    def report(self):
        return (f"{len(self.ledger.finished)} finishes answered, {len(self.ledger.unsure)} not; "
                f"{self.ledger.claims} units given out, {self.ledger.taken_back} again after their "
                f"lease; {self.most_running} of {RUNNING_MAX['first']} ran at most; "
                f"{self.fleet.kills} daemons killed")
