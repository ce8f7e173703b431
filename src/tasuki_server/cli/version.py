# SPDX-License-Identifier: Apache-2.0
"""版 — what is running."""

from __future__ import annotations

import platform

from tasuki_server import __version__


def version_line() -> str:
    """版の表示 — Tasuki and Python, one line."""
    return f"Tasuki {__version__} (Python {platform.python_version()})"
