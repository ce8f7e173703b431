# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有の利用の設定 — whether the institution sends."""

from __future__ import annotations

from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import current_work
from tasuki_server.sharing.models import SharingUse


def is_used() -> bool:
    """情報共有を使うか — of the institution."""
    newest = SharingUse.objects.order_by("-made_at", "-id").first()
    return newest is not None and newest.is_on


def set_used(*, is_on: bool) -> None:
    """利用の変更 — from the next signature on; what was sent before stays there."""
    if is_on == is_used():
        return
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    row = SharingUse.objects.create(is_on=is_on, made_by_id=staff_id, made_at=current_work().at)
    record("sharing.setup", row, detail={"is_on": is_on})
