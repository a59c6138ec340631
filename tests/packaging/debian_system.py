# SPDX-License-Identifier: MIT
"""A clean Debian system in a folder: of this machine's release, from this machine's mirrors, with its
settings of apt. Made once and kept, because that takes a minute."""

import hashlib
import os
import pathlib
import platform
import shutil
import subprocess

# Beside the smallest system that has apt: what the pages for users take for granted.
EXTRA_PACKAGES = ["curl", "sudo"]
# Mounts of whoever makes a system are his own, and gone when he is.
IN_OWN_NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
CERTIFICATES = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def codename():
    return platform.freedesktop_os_release()["VERSION_CODENAME"]


def archives():
    """The (URI, suite) of each Debian archive that this machine's apt is configured for, the main one
    first."""
    found = []
    for line in output_of("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                          "Created-By: Packages").splitlines():
        uri, suite, component = line.split()
        wanted = (codename(), f"{codename()}-updates", f"{codename()}-security")
        if component == "main" and suite in wanted and (uri, suite) not in found:
            found.append((uri, suite))
    found.sort(key=lambda archive: archive[1] != codename())
    assert found and found[0][1] == codename(), f"apt has no archive of {codename()}: {found}"
    return found


def acquire_settings():
    """How this machine's apt fetches: proxies, checks, retries. What else it fetches for the programs
    of a desktop is left out."""
    return "".join(line for line in output_of("apt-config", "dump", "Acquire").splitlines(True)
                   if not line.startswith("Acquire::IndexTargets"))


def debootstrap(folder):
    uri, suite = archives()[0]
    subprocess.run([*IN_OWN_NAMESPACES, "debootstrap", "--variant=minbase",
                    f"--include={','.join(EXTRA_PACKAGES)}", suite, folder, uri],
                   check=True, timeout=600)


def configure_apt(folder):
    lines = [f"deb {uri} {suite} main\n" for uri, suite in archives()]
    (folder / "etc/apt/sources.list").write_text("".join(lines))
    (folder / "etc/apt/apt.conf.d/90machine").write_text(acquire_settings())
    if CERTIFICATES.exists():  # mirrors that speak HTTPS
        target = folder / CERTIFICATES.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CERTIFICATES, target)


def kept(folder, make):
    """`folder`, which `make(path)` makes where it is missing."""
    if not folder.exists():
        unfinished = folder.parent / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(folder)
    return folder


def clean_system(cache):
    """The folder of such a system below the folder `cache`. Nobody may write to it. One that was made
    otherwise than it would be today is deleted."""
    assert os.geteuid() == 0, "these tests make Debian systems, and must run as root"
    made_of = repr([EXTRA_PACKAGES, archives(), acquire_settings()])
    folder = cache / hashlib.sha256(made_of.encode()).hexdigest()[:12]
    if cache.exists() and not folder.exists():
        shutil.rmtree(cache)
    cache.mkdir(parents=True, mode=0o700, exist_ok=True)

    def make(path):
        debootstrap(path)
        configure_apt(path)

    return kept(folder, make)
