# SPDX-License-Identifier: MIT
"""What the pages for users show, followed on a machine."""

import re

from daemon import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END_OF_STEP = "-- end of step --\n"


def steps(page):
    """The (commands, what they print or None) of a page of docs/."""
    found = []
    for language, text in BLOCK.findall((ROOT / "docs" / page).read_text()):
        if language == "sh":
            found.append((text, None))
        else:
            assert language == "text" and found[-1][1] is None
            found[-1] = (found[-1][0], text)
    assert found
    return found


def matches(shown, said):
    """Whether a page shows what was said; a line of three dots stands for any lines."""
    pattern = re.escape(shown).replace(re.escape("...\n"), "(?:.*\n)*?")
    return re.fullmatch(pattern, said) is not None


def follow(page, machine, **how):
    """Types the commands of a page into one shell of a machine; each must succeed and print what the
    page shows."""
    script = machine.path("/srv/script")
    script.write_text("".join(f"{commands}echo '{END_OF_STEP[:-1]}'\n"
                              for commands, _ in steps(page)))
    # Into files, because what a step that fails leaves running would keep a pipe open.
    done = machine.attempt("bash", "-c", "bash -eu -o pipefail /srv/script >/tmp/said 2>/tmp/errors",
                           deadline=120, **how)
    printed = machine.path("/tmp/said").read_text().split(END_OF_STEP)
    assert done.returncode == 0, f"{printed[-1]}\n{machine.path('/tmp/errors').read_text()}"
    assert len(printed) == len(steps(page)) + 1
    for (commands, shown), said in zip(steps(page), printed):
        assert shown is None or matches(shown, said), f"{commands}\nprints:\n{said}"
