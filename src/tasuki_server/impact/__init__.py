# SPDX-License-Identifier: Apache-2.0
"""改定影響 — an institution's month under another revision."""

from __future__ import annotations
