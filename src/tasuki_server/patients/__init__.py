# SPDX-License-Identifier: Apache-2.0
"""患者 — who they are, what pays for them, what they must not be given."""

from __future__ import annotations
