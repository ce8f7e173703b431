# SPDX-License-Identifier: Apache-2.0
"""襷サーバ — who does it, where it is stored, what is seen; one app per workplace."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
