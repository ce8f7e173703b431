# SPDX-License-Identifier: Apache-2.0
"""健診の読取り — reports that institutions registered, and the items that insurers gave, in one form.

The same checkup may come both ways; nothing says that two are one, so both are shown, each with where it is from.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone

from tasuki.kernel.finding import BadInput
from tasuki.sharing.checkups.report_reader import read_report_value
from tasuki.sharing.checkups.shown import item_name, value_text
from tasuki.sharing.checkups.values import CheckupItem
from tasuki.sharing.permission import RecordKind
from tasuki_server.eligibility.models import CheckupRecord
from tasuki_server.portal.data import Document, OwnData

_BEYOND_RANGE = frozenset("HL")


class CheckupLine(NamedTuple):
    """健診の項目 — as a person reads it; ``mark`` is H or L where the institution said so."""

    name: str
    value: str
    mark: str = ""


class CheckupShown(NamedTuple):
    """健診 — of a day; no institution for what an insurer registered, no lines for what cannot be read."""

    on: date
    institution: str
    lines: list[CheckupLine]
    document: str = ""


def checkups_reported(data: OwnData) -> list[CheckupShown]:
    """健診結果報告書 — those whose text is still kept."""
    return [
        _report(each)
        for each in data.documents
        if each.kind is RecordKind.CHECKUP and each.bundle is not None
    ]


def checkups_kept(rows: Iterable[CheckupRecord]) -> list[CheckupShown]:
    """特定健診情報 — as the eligibility service keeps it, item by item."""
    return [
        CheckupShown(
            on,
            "",
            [CheckupLine(row.name, f"{row.value_name or row.value} {row.unit}".strip()) for row in day],
        )
        for on, day in groupby(rows, key=lambda row: row.day)
    ]


def _report(given: Document) -> CheckupShown:
    day = timezone.localtime(given.at).date()
    try:
        checkup = read_report_value(given.bundle).checkup
    except BadInput:
        return CheckupShown(day, given.institution, [], given.id)
    lines = [_line(each) for each in checkup.items()]
    return CheckupShown(checkup.held_on, given.institution, [each for each in lines if each.value], given.id)


def _line(item: CheckupItem) -> CheckupLine:
    mark = item.judgement if item.judgement in _BEYOND_RANGE else ""
    return CheckupLine(item_name(item), value_text(item), mark)
