# SPDX-License-Identifier: Apache-2.0
"""医療機関 — tenants, their staff, and the wall between them."""

from __future__ import annotations
