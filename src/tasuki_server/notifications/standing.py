# SPDX-License-Identifier: Apache-2.0
"""届出の状態 — where a notice stands: to be handed in, handed in, or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable

from tasuki_server.notifications.models import DiseaseNotice, Submission


def state_of(row: DiseaseNotice, submission: Submission | None) -> tuple[str, str]:
    """届出の状態 — word and label; a corrected version has to be handed in anew."""
    if row.withdrawn:
        return "withdrawn", "取下げ"
    if submission is not None and submission.is_done:
        return "done", "届出済"
    return "signed", "要提出"


def newest_submissions(rows: Iterable[DiseaseNotice]) -> dict[object, Submission]:
    """届出の記録 — the newest of each version."""
    found = Submission.objects.filter(notice__in=[each.pk for each in rows]).select_related("made_by")
    return {each.notice_id: each for each in found.order_by("made_at")}
