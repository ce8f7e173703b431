# SPDX-License-Identifier: Apache-2.0
"""組織の回答の記録 — kept with who and when; what was said before stays."""

from __future__ import annotations

from datetime import date

from tasuki.security.controls import Control
from tasuki_server.audit.trail import record
from tasuki_server.institutions.work import current_work
from tasuki_server.office.drafts import OwnAnswer
from tasuki_server.office.models import ControlAnswer


def own_answers() -> dict[str, OwnAnswer]:
    """自院の回答 — the newest of each row."""
    rows = ControlAnswer.objects.select_related("made_by").order_by("made_at", "id")
    return {
        each.key: OwnAnswer(each.words, f"{each.made_by.name} {each.answered_on.isoformat()}")
        for each in rows
    }


def history_of(control: Control) -> list[ControlAnswer]:
    """回答の履歴 — the newest first."""
    rows = ControlAnswer.objects.select_related("made_by").filter(key=control.key)
    return list(rows.order_by("-made_at", "-id"))


def keep_answer(control: Control, words: str, answered_on: date) -> ControlAnswer:
    """回答の保存 — of who is at work."""
    row = ControlAnswer.objects.create(
        key=control.key, words=words, answered_on=answered_on, made_by_id=current_work().actor.staff_id
    )
    record("office.answer", row, detail={"key": control.key})
    return row
