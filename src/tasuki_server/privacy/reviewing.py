# SPDX-License-Identifier: Apache-2.0
"""緊急・救急の閲覧の確認 — what holds for every look that waited for nobody's consent: judged by somebody else, in words, once.

Cite: 医療情報システムの安全管理に関するガイドライン 第6.0版 システム運用編 11①
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.utils import timezone

from tasuki_server.institutions.models import Staff

SHORTEST_WORDS, LONGEST_WORDS = 4, 400
# What a form sends: 適切, 不適切.
_VERDICTS = {"1": True, "0": False}


class NotReviewable(ValueError):
    """確認できない — its text is the Japanese sentence to show."""


class ReviewedRow(Protocol):
    """確認される行 — a look that keeps its review in its own row."""

    asked_by_id: UUID
    is_justified: bool | None
    reviewed_by: Staff | None
    reviewed_at: datetime | None
    review_words: str

    def save(self, *, update_fields: list[str]) -> Any:
        """保存 — as Django's rows do."""


def check_words(asked_by: UUID, staff: Staff, words: str, what: str) -> str:
    """確認の言葉の点検 — the words as they are kept; raises :class:`NotReviewable` for one's own look and without words."""
    if asked_by == staff.id:
        raise NotReviewable(f"自分の{what}は、自分では確認できません。ほかの人に頼んでください。")
    if len(words.strip()) < SHORTEST_WORDS:
        raise NotReviewable("どう判断したかを書いてください。")
    return words.strip()[:LONGEST_WORDS]


def keep_review(row: ReviewedRow, staff: Staff, verdict: str, words: str, what: str) -> bool:
    """確認の記入 — of a locked row; True for 適切. Raises :class:`NotReviewable`."""
    if row.reviewed_at is not None:
        raise NotReviewable("すでに確認されています。")
    if verdict not in _VERDICTS:
        raise NotReviewable("適切か不適切かを選んでください。")
    row.review_words = check_words(row.asked_by_id, staff, words, what)
    row.is_justified, row.reviewed_by, row.reviewed_at = _VERDICTS[verdict], staff, timezone.now()
    row.save(update_fields=["is_justified", "reviewed_by", "reviewed_at", "review_words"])
    return _VERDICTS[verdict]
