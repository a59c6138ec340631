# SPDX-License-Identifier: MIT
"""Daemons that share a database, and the workers that they serve."""

import random
import threading
import time

from client import Client, ConnectionClosed, RpcError, folded
from daemon import Daemon

FINISHED = 4
AVAILABLE = 1
LEASE_SECONDS = 4
WAIT_SECONDS = 1
UNITS_A_REQUEST = 8
POISON = "poison"  # units of such names are never finished


class Fleet:
    """Daemons at addresses that stay the same when they are started again."""

    def __init__(self, count, *flags):
        self.flags = flags
        self.daemons = [self._start(None) for _ in range(count)]
        self.addresses = [daemon.address for daemon in self.daemons]
        self.kills = 0

    def _start(self, address):
        text = "127.0.0.1:0" if address is None else f"{address[0]}:{address[1]}"
        return Daemon(*self.flags, address=text)

    def kill_and_restart(self, number):
        """SIGKILL: whatever it was doing is cut off."""
        self.daemons[number].kill()
        self.kills += 1
        self.daemons[number] = self._start(self.addresses[number])

    def stop(self):
        """Ends all; returns what their logs warn of."""
        codes = [daemon.stop() for daemon in self.daemons]
        assert not any(codes), codes
        return [line for daemon in self.daemons for line in daemon.lines["stderr"]
                if " error " in line or " critical " in line]


class Worker(threading.Thread):
    """Takes units from whichever daemon answers and mostly finishes them; some it gives back, some it
    forgets. Goes on until `over` is set."""

    def __init__(self, number, fleet, ledger, over, seed):
        super().__init__(daemon=True)
        self.name = f"w{number}"
        self.fleet = fleet
        self.ledger = ledger
        self.over = over
        self.random = random.Random(f"{seed} {number}")
        self.home = number % len(fleet.addresses)
        self.complaints = []

    def run(self):
        while not self.over.is_set() and not self.complaints:
            try:
                with Client(self.fleet.addresses[self.home]) as client:
                    while not self.over.is_set() and not self.complaints:
                        self.take_and_do(client)
            except (ConnectionClosed, OSError):
                # It was killed. The next one, so that no daemon is left alone by chance.
                self.home = (self.home + 1) % len(self.fleet.addresses)
                self.over.wait(self.random.uniform(0.01, 0.1))
            except RpcError as error:
                if "try again" not in str(error):
                    self.complaints.append(f"{self.name}: {error}")
                self.over.wait(self.random.uniform(0.01, 0.1))
            except Exception as error:  # whatever it is, it must not pass for a killed daemon
                self.complaints.append(f"{self.name}: {error!r}")

    def take_and_do(self, client):
        sent = time.monotonic()
        work = client.good("get_work", self.name,
                           {"max_jobs": UNITS_A_REQUEST, "lease_time": LEASE_SECONDS,
                            "wait_seconds": WAIT_SECONDS})
        units = [(folded(spec), folded(key)) for spec, key, _ in work]
        if not units:
            return
        spec = units[0][0]
        self.complaints += self.ledger.claimed(spec, [unit for _, unit in units], self.name, sent,
                                               LEASE_SECONDS)
        for _, unit in units:
            self.do(client, spec, unit)

    def do(self, client, spec, unit):
        chance = self.random.random()
        if unit.startswith(POISON) or chance < 0.01:
            self.give_back(client, spec, unit)
        elif chance < 0.012:
            pass  # forgotten: its lease runs out
        else:
            if chance < 0.05:
                self.renew(client, spec, unit)
            self.finish(client, spec, unit)

    def update(self, client, spec, unit, options):
        """Whether it was done; a lease that was lost is not."""
        done, message = client.pair("update_work_unit", spec, unit,
                                    {**options, "worker_id": self.name, "only_if_owner": True})
        if not done and message not in (None, "lost lease"):
            self.complaints.append(f"{self.name}: {spec} {unit}: {message}")
        return done

    def finish(self, client, spec, unit):
        self.ledger.let_go(spec, unit, self.name, finishes=True)
        if self.update(client, spec, unit, {"status": FINISHED}):
            self.complaints += self.ledger.was_finished(spec, unit)

    def give_back(self, client, spec, unit):
        self.ledger.let_go(spec, unit, self.name, finishes=False)
        self.update(client, spec, unit, {"status": AVAILABLE})

    def renew(self, client, spec, unit):
        sent = time.monotonic()
        if self.update(client, spec, unit, {"lease_time": LEASE_SECONDS}):
            self.ledger.renewed(spec, unit, self.name, sent, LEASE_SECONDS)
