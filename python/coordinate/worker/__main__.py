# SPDX-License-Identifier: MIT
"""`python -m coordinate.worker` is `coordinate-worker`."""

import sys

from .cli import main

sys.exit(main())
