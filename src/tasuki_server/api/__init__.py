# SPDX-License-Identifier: Apache-2.0
"""接続（API） — the calculation for other systems: tokens, worker processes, and the raw ASGI application."""

from __future__ import annotations
