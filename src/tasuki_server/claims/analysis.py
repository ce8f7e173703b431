# SPDX-License-Identifier: Apache-2.0
"""増減点・返戻の分析 — counted by reason, section and item, with their trend over the claim months."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from tasuki.claims.codes import SECTIONS
from tasuki.claims.review_results import REASONS
from tasuki.forms.bars import Bar, bars
from tasuki_server.claims.cut_refunds import open_refunds
from tasuki_server.claims.models import PayerEntry, PayerEntryKind, PointChange, ReturnedClaim
from tasuki_server.claims.months import shift

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Tally:
    """集計の行 — how often, and how many points and yen."""

    label: str
    count: int
    points: int
    yen: int


def analyse(until: date) -> dict[str, Any]:
    """分析 — of the twelve claim months up to one."""
    first = shift(until, 1 - MONTHS)
    changes = list(
        PointChange.objects.filter(claim_month__gte=first, claim_month__lte=until)
        .select_related("patient")
        .order_by("-claim_month", "id")
    )
    returns = list(
        ReturnedClaim.objects.filter(bound=None, file__claim_month__gte=first, file__claim_month__lte=until)
        .select_related("file", "patient")
        .defer("file__data")
        .order_by("-file__claim_month", "id")
    )
    return {
        "by_reason": _tallies(changes, lambda each: _reason(each.reasons)),
        "by_section": _tallies(changes, lambda each: _section(each.section)),
        "by_item": _tallies(changes, lambda each: each.claimed.rsplit(" ", 1)[0] or "（記載なし）")[:20],
        "by_return": Counter(_return_reason(each) for each in returns).most_common(20),
        "changes": [(each, _reason(each.reasons)) for each in changes[:200]],
        "refund_count": len(open_refunds()),
        "points_trend": _drawn("減点数", "点", _months(first, Counter(_sums(changes)))),
        "return_trend": _drawn(
            "返戻件数", "件", _months(first, Counter(each.file.claim_month for each in returns))
        ),
        "rates": _rates(first, until),
        "cut_points": sum(each.points for each in changes),
        "cut_yen": sum(each.yen or 0 for each in changes),
        "return_count": len(returns),
    }


def _drawn(title: str, unit: str, values: tuple[Bar, ...]) -> SafeString:
    """The chart escapes every text that is put into it."""
    return mark_safe(bars(title, unit, values))  # noqa: S308


def _sums(changes: list[PointChange]) -> dict[date, int]:
    found: dict[date, int] = {}
    for each in changes:
        found[each.claim_month] = found.get(each.claim_month, 0) - each.points
    return found


def _tallies(changes: list[PointChange], label: Any) -> list[Tally]:
    found: dict[str, list[int]] = {}
    for each in changes:
        row = found.setdefault(label(each), [0, 0, 0])
        row[0] += 1
        row[1] += each.points
        row[2] += each.yen or 0
    return sorted(
        (Tally(key, *row) for key, row in found.items()), key=lambda each: (each.points, each.label)
    )


def _rates(first: date, until: date) -> list[dict[str, Any]]:
    """Yen claimed, returned and cut a month, and what part of the claim that is in hundredths of a percent."""
    sums: dict[date, dict[str, int]] = {}
    rows = PayerEntry.objects.filter(claim_month__gte=first, claim_month__lte=until)
    for entry in rows:
        month = sums.setdefault(entry.claim_month, {})
        month[entry.kind] = month.get(entry.kind, 0) + entry.yen
    found = []
    for month, kinds in sorted(sums.items(), reverse=True):
        claimed = kinds.get(PayerEntryKind.CLAIMED, 0) + kinds.get(PayerEntryKind.REPLACED, 0)
        cut, returned = kinds.get(PayerEntryKind.ASSESSED, 0), kinds.get(PayerEntryKind.RETURNED, 0)
        found.append(
            {
                "month": month,
                "claimed": claimed,
                "returned": returned,
                "cut": cut,
                "returned_percent": _percent(returned, claimed),
                "cut_percent": _percent(cut, claimed),
            }
        )
    return found


def _percent(part: int, whole: int) -> str:
    if not whole:
        return "—"
    hundredths = abs(part) * 10000 // whole
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _months(first: date, counts: Counter[date]) -> tuple[Bar, ...]:
    months = (shift(first, at) for at in range(MONTHS))
    return tuple(Bar(f"{month:%Y-%m}", counts.get(month, 0)) for month in months)


def _reason(letters: str) -> str:
    return "・".join(f"{letter} {REASONS.get(letter, 'その他')}" for letter in letters) or "（記載なし）"


def _section(code: str) -> str:
    return f"{code} {SECTIONS.get(code, '')}".strip() or "（記載なし）"


def _return_reason(returned: ReturnedClaim) -> str:
    first = returned.reasons[0] if returned.reasons else {"kind": "", "code": "", "text": ""}
    return " ".join(part for part in (first["kind"], first["code"], first["text"]) if part)
