# SPDX-License-Identifier: Apache-2.0
"""安全管理の対策状況 — what a guideline asks, row by row, with the answer and what shows it; always a draft until a person confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tasuki.forms.wording import era_parts, grouped
from tasuki.kernel.finding import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class ControlLine:
    """対策状況の1行 — ``shown_by`` names the tests, drills and pages; ``own_answer`` is what the organisation wrote."""

    code: str
    level: str
    asked: str
    answer: str
    words: str
    shown_by: str
    shown_on: date
    own_answer: str = ""
    own_answer_by: str = ""


@dataclass(frozen=True, slots=True)
class ControlSheet:
    """安全管理の対策状況 — one document of one product at one institution or vendor."""

    title: str
    basis: str
    product: str
    version: str
    organisation: str
    day: date
    lines: tuple[ControlLine, ...]
    notes: tuple[str, ...] = ()


def check(sheet: ControlSheet) -> list[Finding]:
    """対策状況の点検 — a sheet where a code stands twice would be read two ways."""
    codes = [line.code for line in sheet.lines]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return [
        Finding(
            "FORM004",
            Severity.BLOCK,
            Where(record="control_sheet", field="lines"),
            "form.not_allowed",
            {"reason": f"番号 {code} の行が二つあります。"},
        )
        for code in twice
    ]


def layout(sheet: ControlSheet) -> dict[str, Any]:
    """対策状況の印字内容 — the rows, and how many of each answer."""
    answers = [line.answer for line in sheet.lines]
    return {
        "heading": sheet.title,
        "basis": sheet.basis,
        "product": f"{sheet.product} {sheet.version}",
        "organisation": sheet.organisation,
        "day": era_parts(sheet.day)._asdict(),
        "notes": list(sheet.notes),
        "counts": [
            {"answer": answer, "count": grouped(answers.count(answer))} for answer in dict.fromkeys(answers)
        ],
        "total": grouped(len(answers)),
        "lines": [
            {
                "code": line.code,
                "level": line.level,
                "asked": line.asked,
                "answer": line.answer,
                "words": line.words,
                "shown_by": line.shown_by,
                "shown_on": line.shown_on.isoformat(),
                "own_answer": line.own_answer,
                "own_answer_by": line.own_answer_by,
            }
            for line in sheet.lines
        ],
    }
