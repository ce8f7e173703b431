# SPDX-License-Identifier: Apache-2.0
"""起動 — `python -m tasuki_server.cli`."""

from __future__ import annotations

import sys

from tasuki_server.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
