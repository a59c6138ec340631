# SPDX-License-Identifier: MIT
"""What the pages for users show, followed on a machine."""

import re
import subprocess

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


def follow(page, machine, deadline=300, **how):
    """Types the commands of a page into one shell of a machine; each must succeed and print what the
    page shows."""
    script = machine.path("/srv/script")
    script.write_text("".join(f"{commands}echo '{END_OF_STEP[:-1]}'\n"
                              for commands, _ in steps(page)))
    done = subprocess.run(machine.command("bash", "-eu", "-o", "pipefail", "/srv/script", **how),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=deadline, check=False)
    said = done.stdout.split(END_OF_STEP)
    assert done.returncode == 0, f"{said[-1]}\n{done.stderr}"
    assert len(said) == len(steps(page)) + 1
    for (commands, shown), printed in zip(steps(page), said):
        assert shown is None or matches(shown, printed), f"{commands}\nprints:\n{printed}"
