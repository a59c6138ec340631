# SPDX-License-Identifier: MIT
"""Run functions that the tests of the worker need."""

import os
import subprocess
import time

from coordinate import get_global_config


def nothing(unit):
    pass


def record(unit):
    """Notes that it ran, in one write, so that processes do not mix."""
    line = f"{unit.key.decode()} {time.time():.6f} {os.getpid()}\n"
    log = os.open(unit.data["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, line.encode())
    os.close(log)


def wait_for_file(unit):
    """Runs until a file is there."""
    unit.data["pid"] = os.getpid()
    unit.update()
    while not os.path.exists(unit.data["file"]):
        time.sleep(0.01)


def wait_and_renew(unit):
    """The same, and renews its lease."""
    while not os.path.exists(unit.data["file"]):
        unit.update()
        time.sleep(0.05)


def start_a_program(unit):
    """Runs a program that would go on for long."""
    program = subprocess.Popen(["sleep", "1000"])
    unit.data["program"] = program.pid
    unit.update()
    program.wait()


def fail_itself(unit):
    unit.fail("of its own")


def finish_itself(unit):
    unit.data["by"] = "itself"
    unit.finish()


def leave_what_cannot_be_sent(unit):
    unit.data["object"] = object()


def leave_what_is_too_deep(unit):
    deep = []
    for _ in range(200):
        deep = [deep]
    unit.data["deep"] = deep


def leave_no_map(unit):
    unit.data = [1, 2]


def leave_so_much(unit):
    unit.data["long"] = "x" * unit.data["length"]


def wait_for_too_much(unit):
    wait_for_file(unit)
    leave_so_much(unit)


def leave_too_much(unit):
    unit.data["bytes"] = bytes(65 << 20)


def leave(unit):
    raise SystemExit(3)


def die(unit):
    os.kill(os.getpid(), 9)


def take_memory(unit):
    unit.data["pid"] = os.getpid()
    globals()["kept"] = bytearray(64 << 20)


def tell_process(unit):
    unit.data["pid"] = os.getpid()


def tell_config(unit):
    unit.data["application"] = get_global_config("application")
    unit.data["namespace"] = get_global_config("coordinate", "namespace")
