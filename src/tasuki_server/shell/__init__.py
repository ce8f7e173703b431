# SPDX-License-Identifier: Apache-2.0
"""画面の枠 — what every page shares: policy, errors, frame, log lines."""

from __future__ import annotations
