# SPDX-License-Identifier: Apache-2.0
"""保守作業の文言 — what the first page says of reviews that are due."""

from __future__ import annotations

from typing import Any

from django import template

from tasuki_server.maintenance.reading import overdue_orders

register = template.Library()


@register.inclusion_tag("maintenance/_overdue.html")
def overdue_reviews() -> dict[str, Any]:
    """確認の期限切れ — orders whose comparison nobody has signed in time."""
    return {"overdue": overdue_orders()}
