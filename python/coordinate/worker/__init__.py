# SPDX-License-Identifier: MIT
"""The worker: runs the functions that work specs name, in processes that a parent looks after."""
