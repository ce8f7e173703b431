# SPDX-License-Identifier: Apache-2.0
"""読めない文 — what a field of the order table refuses."""

from __future__ import annotations


class UnreadableText(ValueError):
    """読めない文 — says in Japanese what the field wants instead."""
