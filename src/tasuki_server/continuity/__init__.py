# SPDX-License-Identifier: Apache-2.0
"""事業継続 — the recovery plan of an institution, the cards that open the downtime copy, and the views made from it."""

from __future__ import annotations
