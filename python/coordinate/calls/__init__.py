# SPDX-License-Identifier: MIT
"""The methods of the clients, each written once, as steps (see `request.py`).

Their first parameter is the client; docstrings are those that users see.
"""
