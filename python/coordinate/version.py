# SPDX-License-Identifier: MIT
"""The version of this package, which is that of the daemon it comes with."""

VERSION = "0.1.0"
