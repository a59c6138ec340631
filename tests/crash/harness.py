# SPDX-License-Identifier: MIT
"""Kills a real daemon under load, again and again, and looks after each restart whether everything
that was answered is there, and nothing is there twice. For any store that keeps its state."""

import random
import threading

from client import Client, ConnectionClosed, folded
from daemon import Daemon
from ledger import Ledger

CLIENTS = 64
RUNNING_MAX = 100        # max_running of the spec: a limit that must hold across restarts
KILLS_OF_ONE_SPEC = 10   # then a new one, so that looking at all units stays cheap
SECONDS_MAX = 0.25       # of load before a kill


class Worker(threading.Thread):
    """One client: adds, claims and finishes units until the daemon is gone."""

    def __init__(self, number, address, ledger, seed):
        super().__init__(daemon=True)
        self.name = f"w{number}"
        self.address = address
        self.ledger = ledger
        self.random = random.Random(seed)
        self.added = 0
        self.complaints = []

    def run(self):
        try:
            with Client(self.address) as client:
                while True:
                    self.one_request(client)
        except TimeoutError:
            self.complaints.append(f"{self.name}: no answer, and the daemon lives")
        except (ConnectionClosed, OSError):
            pass
        except Exception as error:  # whatever it is, it must not pass for a killed daemon
            self.complaints.append(f"{self.name}: {error!r}")

    def one_request(self, client):
        with self.ledger.lock:
            mine = [unit for unit, worker in self.ledger.held.items()
                    if worker in (self.name, None) and unit not in self.ledger.maybe_finished]
        if mine and self.random.random() < 0.6:
            self.finish(client, self.random.choice(mine))
        elif self.random.random() < 0.5:
            self.add(client)
        else:
            self.claim(client)

    def add(self, client):
        units = [f"{self.name}-{self.random.getrandbits(64):x}" for _ in range(3)]
        with self.ledger.lock:
            self.ledger.maybe_added.update(units)
        assert client.good("add_work_units", self.ledger.spec, [(unit, {}) for unit in units])
        with self.ledger.lock:
            added = self.ledger.maybe_added.intersection(units)
            self.ledger.maybe_added -= added
            self.ledger.available |= added

    def claim(self, client):
        count = self.random.randint(1, 2)
        with self.ledger.lock:
            claims = self.ledger.maybe_claimed
            claims[self.name] = claims.get(self.name, 0) + count
        work = client.good("get_work", self.name,
                           {"max_jobs": count, "work_spec_names": [self.ledger.spec],
                            "lease_time": 3600})
        if count == 1:
            work = [] if work[0] is None else [work]
        with self.ledger.lock:
            self.ledger.maybe_claimed[self.name] -= count
            wrong = self.ledger.claim([folded(key) for _, key, _ in work], self.name)
        self.complaints += [f"{unit}: given to two" for unit in wrong]

    def finish(self, client, unit):
        with self.ledger.lock:
            if unit in self.ledger.maybe_finished:
                return
            self.ledger.maybe_finished.add(unit)
        answer = client.pair("update_work_unit", self.ledger.spec, unit,
                             {"status": 4, "worker_id": self.name})
        assert answer[0] is True, answer
        with self.ledger.lock:
            self.ledger.maybe_finished.discard(unit)
            self.ledger.finish([unit])


class CrashRun:
    """`flags` make the daemon keep its state; `fail_points` are names at which it is killed, by
    turns with kills from outside."""

    def __init__(self, flags, fail_points, seed):
        self.flags = flags
        self.fail_points = fail_points
        self.seed = seed
        self.random = random.Random(seed)
        self.finished = 0
        self.killed_at = {}

    def run(self, kills):
        """Returns what was wrong, in words."""
        ledger = None
        for kill in range(kills):
            if kill % KILLS_OF_ONE_SPEC == 0:
                ledger = self.new_spec(f"s{kill}", ledger)
            wrong = self.load_and_kill(ledger, kill) + self.look(ledger)
            if wrong:
                return [f"kill {kill}: {what}" for what in wrong]
        self.finished += len(ledger.finished)
        return []

    def new_spec(self, name, previous):
        with self.start() as daemon, Client(daemon.address) as client:
            if previous is not None:
                self.finished += len(previous.finished)
                client.good("del_work_units", previous.spec, {"all": True})
            client.good("set_work_spec", {"name": name, "max_running": RUNNING_MAX})
        return Ledger(name, threading.Lock())

    def start(self, env=None):
        return Daemon(*self.flags, "--log-level", "warn", env=env)

    def load_and_kill(self, ledger, kill):
        point = self.random.choice([None, *self.fail_points])
        self.killed_at[point] = self.killed_at.get(point, 0) + 1
        env = {"COORDINATED_FAIL_POINT": f"{point}:{self.random.randint(1, 40)}"} if point else None
        daemon = self.start(env)
        workers = [Worker(number, daemon.address, ledger, f"{self.seed} {kill} {number}")
                   for number in range(CLIENTS)]
        for worker in workers:
            worker.start()
        if point is None:
            threading.Event().wait(self.random.uniform(0, SECONDS_MAX))
            daemon.kill()
        for worker in workers:
            worker.join()
        daemon.kill()
        return [what for worker in workers for what in worker.complaints]

    def look(self, ledger):
        with self.start() as daemon, Client(daemon.address) as client:
            found = {}
            for status, name in ((1, "available"), (3, "pending"), (4, "finished")):
                for key, _ in client.good("get_work_units", ledger.spec,
                                          {"state": status, "limit": 10_000_000}):
                    unit = folded(key)
                    if unit in found:
                        return [f"{unit}: it is {found[unit]} and {name}"]
                    found[unit] = name
            return ledger.check(found, RUNNING_MAX)
