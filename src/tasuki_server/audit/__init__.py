# SPDX-License-Identifier: Apache-2.0
"""監査 — who did what, in a chain that shows any change, and the outbox of what others must hear."""

from __future__ import annotations
