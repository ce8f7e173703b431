# SPDX-License-Identifier: Apache-2.0
"""書類 — receipts, itemised statements and prescriptions as they were handed over."""

from __future__ import annotations
