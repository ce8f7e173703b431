# SPDX-License-Identifier: Apache-2.0
"""閲覧の保護 — seals, marks of care, staff who are patients, the institution's rules, and break-glass with its review."""

from __future__ import annotations
