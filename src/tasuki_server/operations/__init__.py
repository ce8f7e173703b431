# SPDX-License-Identifier: Apache-2.0
"""運用 — health, metrics, logs, change without a stop, and the hours that were served."""

from __future__ import annotations

__all__: list[str] = []
