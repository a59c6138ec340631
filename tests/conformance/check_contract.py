#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that docs/contract.md and the tests agree.

Usage: check_contract.py ROOT. Every promise must be cited by a test, and every number that a test cites must be a
promise; no promise is there twice. Prints what is wrong and exits 1, or prints a line and exits 0.
"""

import pathlib
import re
import sys

PROMISE = re.compile(r"^- \*\*(C-[A-Z]+-\d\d)\*\* ", re.MULTILINE)
CITATION = re.compile(r"\bC-[A-Z]+-\d\d\b")
TESTS = ("*.cc", "*.h", "*.py")


def find_problems(contract, tests):
    """Returns what is wrong, a line each. `tests` maps a file's name to its text."""
    promises = PROMISE.findall(contract)
    problems = [f"{number} is promised twice" for number in sorted(set(promises)) if promises.count(number) > 1]
    cited = {}
    for name, text in sorted(tests.items()):
        for number in CITATION.findall(text):
            cited.setdefault(number, name)
    problems += [f"{number} is cited by no test" for number in sorted(set(promises) - cited.keys())]
    problems += [
        f"{cited[number]} cites {number}, which docs/contract.md does not have"
        for number in sorted(cited.keys() - set(promises))
    ]
    return problems


def check_itself():
    """A check that never fails is no check: it must see each kind of mistake."""
    contract = "- **C-AB-01** One.\n- **C-AB-02** Two.\n- **C-AB-02** Two again.\n"
    assert find_problems(contract, {"t.cc": "// C-AB-01 C-AB-03"}) == [
        "C-AB-02 is promised twice",
        "C-AB-02 is cited by no test",
        "t.cc cites C-AB-03, which docs/contract.md does not have",
    ]
    assert not find_problems("- **C-AB-01** One.\n", {"t.cc": "// C-AB-01"})


def main():
    check_itself()
    root = pathlib.Path(sys.argv[1])
    this = pathlib.Path(__file__).resolve()
    tests = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for pattern in TESTS
        for path in (root / "tests").rglob(pattern)
        if path.resolve() != this
    }
    contract = (root / "docs" / "contract.md").read_text(encoding="utf-8")
    problems = find_problems(contract, tests)
    for problem in problems:
        print(problem)
    if problems:
        return 1
    print(f"{len(PROMISE.findall(contract))} promises, each cited by a test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
