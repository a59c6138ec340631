# SPDX-License-Identifier: MIT
"""The packages as files: what they are called, need and hold."""

import re
import subprocess

import pytest

from daemon import ROOT

ARCHITECTURES = {"coordinate": "amd64", "libcoordinate-dev": "amd64", "python3-coordinate": "all"}
REQUIRED = {"coordinate", "python3-coordinate"}
# What only those who pass the packages on can mend: their address, and Debian's own rules.
NOT_ASKED_OF_US = ["bogus-mail-host", "bogus-mail-host-in-debian-changelog",
                   "initial-upload-closes-no-bugs"]


def names(packages):
    return {path.name.split("_")[0]: path for path in packages.glob("*.deb")}


def field(deb, name):
    return subprocess.run(["dpkg-deb", "-f", deb, name], capture_output=True, text=True,
                          check=True).stdout.strip()


def needed(deb):
    return set(re.findall(r"(?:^|, )([\w.+-]+)", field(deb, "Depends")))


def contents(deb):
    """Maps each file to its permissions and owner."""
    listed = subprocess.run(["dpkg-deb", "-c", deb], capture_output=True, text=True,
                            check=True).stdout
    return {line.split()[5].lstrip("."): line.split()[:2] for line in listed.splitlines()}


def version():
    return re.search(r"project\(coordinate VERSION (\S+)",
                     (ROOT / "CMakeLists.txt").read_text())[1]


def test_names_versions_and_architectures(packages):
    found = names(packages)
    assert REQUIRED <= set(found) <= set(ARCHITECTURES)
    native = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True,
                            check=True).stdout.strip()
    for name, deb in found.items():
        architecture = ARCHITECTURES[name].replace("amd64", native)
        assert deb.name == f"{name}_{version()}-1_{architecture}.deb"
        assert field(deb, "Package") == name and field(deb, "Architecture") == architecture


def test_what_they_depend_on(packages):
    found = names(packages)
    assert {"adduser", "libc6", "libsqlite3-0", "libsystemd0"} <= needed(found["coordinate"])
    assert needed(found["python3-coordinate"]) == {"python3", "python3-cbor2", "python3-yaml"}


def test_what_is_in_them(packages):
    found = names(packages)
    daemon = contents(found["coordinate"])
    assert {"/usr/bin/coordinated", "/usr/bin/coordinate", "/usr/bin/coordbench",
            "/lib/systemd/system/coordinated.service", "/etc/coordinate/coordinated.yaml",
            "/usr/share/man/man8/coordinated.8.gz", "/usr/share/man/man1/coordinate.1.gz",
            "/usr/share/bash-completion/completions/coordinate",
            "/usr/share/doc/coordinate/copyright"} <= set(daemon)
    python = contents(found["python3-coordinate"])
    for path in (ROOT / "python/coordinate").rglob("*.py*"):
        if path.suffix != ".pyc":
            assert f"/usr/lib/python3/dist-packages/{path.relative_to(ROOT / 'python')}" in python
    assert "/usr/bin/coordinate-worker" in python
    for path, (permissions, owner) in {**daemon, **python}.items():
        assert owner == "root/root", path
        assert permissions in ("-rw-r--r--", "-rwxr-xr-x", "drwxr-xr-x"), path
        assert "-x" not in permissions[3:4] or path.startswith("/usr/bin/") or path.endswith("/")


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_debian_finds_no_fault(packages, name):
    found = names(packages)
    if name not in found:
        assert name not in REQUIRED
        return
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning",
                           "--suppress-tags", ",".join(NOT_ASKED_OF_US), found[name]],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
