# SPDX-License-Identifier: Apache-2.0
"""内容点検の規則 — all of them, in the order of their codes' classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.claims.content import (
    body_parts,
    diseases,
    dispensing,
    eligible,
    indicated,
    not_billed,
    past_months,
    supplies,
)

if TYPE_CHECKING:
    from tasuki.claims.checks.rule import Rule

CONTENT_RULES: tuple[Rule, ...] = (
    *diseases.RULES,
    *body_parts.RULES,
    *indicated.RULES,
    *dispensing.RULES,
    *not_billed.RULES,
    *eligible.RULES,
    *past_months.RULES,
    *supplies.RULES,
)
