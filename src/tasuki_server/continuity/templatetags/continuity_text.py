# SPDX-License-Identifier: Apache-2.0
"""復旧計画の表記 — sentences of conflicts and times in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from tasuki.kernel.messages import registered
from tasuki.security.recovery_plan import minutes_text

if TYPE_CHECKING:
    from tasuki.kernel.finding import Finding

register = template.Library()


@register.filter
def plan_sentence(finding: Finding) -> str:
    """点検の文 — without the code of the system, which the page does not show."""
    return registered()[finding.message_key].format_map(dict(finding.facts))


@register.filter
def minutes_words(minutes: int | None) -> str:
    """時間の表記."""
    return "—" if minutes is None else minutes_text(minutes)
