# SPDX-License-Identifier: Apache-2.0
"""サービスの利用の切替え — whether an institution uses a service of the platform: each change a row, the newest counts."""

from __future__ import annotations

from typing import Any

from tasuki_server.institutions.work import current_work


def is_on(uses: Any) -> bool:
    """使うか — by the newest row of a table of changes."""
    newest = uses.objects.order_by("-made_at", "-id").first()
    return newest is not None and newest.is_on


def switch(uses: Any, *, to: bool) -> Any:
    """切替え — the row of the change, None where it stands so already; whoever works is named."""
    if to == is_on(uses):
        return None
    work = current_work()
    assert work.actor.staff_id is not None
    return uses.objects.create(is_on=to, made_by_id=work.actor.staff_id, made_at=work.at)
