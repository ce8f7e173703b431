# SPDX-License-Identifier: Apache-2.0
"""作業者の準備 — made-up visits that a worker calculates before it says that it is ready.

Tables of the book are opened when they are first asked for, and what rules say of an institution's day is
found once: without this the first client waits for all of it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tasuki.calculation.service import Operation, answer

if TYPE_CHECKING:
    from tasuki.masters.book import Book

TIMES = 3
_FIRST_VISIT, _REVISIT = "111000110", "112007410"
_CRP, _BLOOD_COUNT, _ULTRASOUND, _WOUND = "160054710", "160008010", "160072210", "140000610"
_TABLET, _ULCER, _HYPERTENSION = "620007870", "5319009", "8833421"


def warm(book: Book) -> None:
    """作業者の準備 — a few visits of the latest revision; what is answered does not matter.

    A book that lacks one of the codes answers with a finding, and is a little less prepared.
    """
    days = [each.validity.since for each in book.revisions]
    if not days:
        return
    monday = max(days) + timedelta(days=14 - max(days).weekday())
    for _ in range(TIMES):
        for document in _visits(monday):
            answer(Operation.CALCULATE, msgspec.json.encode(document), book)


def _visits(day: date) -> tuple[dict[str, Any], ...]:
    """A new patient with tests and drugs, and one under treatment."""
    earlier = day - timedelta(days=35)
    tablets = {"items": [{"code": _TABLET, "amount": "1"}], "count": 28, "usage": "分1朝食後"}
    return (
        _visit(
            day,
            _HYPERTENSION,
            day,
            [
                *[_act(code) for code in (_CRP, _BLOOD_COUNT, _WOUND)],
                {"id": "8", "kind": "internal", "dispensing": "in_house", **tablets},
            ],
            [],
        ),
        _visit(
            day,
            _ULCER,
            earlier,
            [_act(_ULTRASOUND), {"id": "9", "kind": "internal", "dispensing": "outside", **tablets}],
            [{"day": f"{earlier}", "code": code} for code in (_FIRST_VISIT, _REVISIT)],
        ),
    )


def _act(code: str) -> dict[str, Any]:
    return {"id": code, "kind": "act", "items": [{"code": code}]}


def _visit(
    day: date, disease: str, since: date, orders: list[dict[str, Any]], history: list[dict[str, str]]
) -> dict[str, Any]:
    weekdays = ("mon", "tue", "wed", "thu", "fri")
    return {
        "schema": "tasuki/visit/1",
        "institution": {
            "code": "9912345",
            "prefecture": "13",
            "kind": "clinic",
            "departments": ["01"],
            "hours": [{"weekday": each, "since": "09:00", "until": "17:00"} for each in weekdays],
        },
        "patient": {"id": "warming", "born": "1958-11-03", "sex": "female"},
        "insurance": {"kind": "national", "insurer_number": "990011", "number": "1"},
        "visit": {"id": "warming", "at": f"{day}T10:00", "department": "01", "flags": ["guidance_given"]},
        "diagnoses": [{"code": disease, "since": f"{since}", "is_main": True}],
        "orders": orders,
        "history": history,
    }
