# SPDX-License-Identifier: Apache-2.0
"""健診の検査値 — results of a checkup that are shared items too, in the form in which ours and others' results stand together.

The items of a checkup are named by JLAC10, as the shared items are: 28 of the 322 are the same code. What has no shared
item (height, questions, findings in words) stays with its report and is joined with nothing.

Cite: JP-CLINS 1.10.0 検査（CoreLabo）; 特定健診項目一覧 V4.0
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from tasuki.kernel.finding import BadInput
from tasuki.sharing.build.codes import StandardCode
from tasuki.sharing.build.facts import LabFacts
from tasuki.sharing.build.parts import JAPAN
from tasuki.sharing.checkups.report_reader import read_report
from tasuki.sharing.checkups.shown import item_name
from tasuki.sharing.checkups.values import Absence, Checkup, CheckupItem, MeasuredValue
from tasuki.sharing.item_key import keys_of
from tasuki.sharing.lab_items import item_of
from tasuki_server.sharing.side_items import SideItem, day_of, detail_of, title_of

# 以上・以下: what could be entered ends there, so the value lies there or beyond and no line is drawn through it.
_COMPARATORS = {"H": ">=", "L": "<="}
NOTE = "健診"


def read_held(report: str) -> Checkup | None:
    """健診結果報告書の読取り — ``None`` for one that cannot be read."""
    try:
        return read_report(report.encode()).checkup
    except BadInput:
        return None


def side_items(checkup: Checkup, number: str, name: str) -> Iterator[SideItem]:
    """健診の検査値 — those of shared items that were measured; ``number`` is empty where the checkup is ours."""
    taken_at = datetime.combine(checkup.held_on, time(), JAPAN)
    for place, item in enumerate(checkup.items()):
        shared = item_of(item.code)
        value = item.value
        if shared is None or item.absence is not Absence.NONE or not isinstance(value, MeasuredValue):
            continue
        facts = _facts(item, value, f"{checkup.numbers.bundle}-{place}", taken_at)
        codes = (StandardCode(shared.system, item.code, shared.display),)
        yield SideItem(
            keys=keys_of(facts, codes),
            title=title_of(facts),
            detail=detail_of(facts),
            on=day_of(facts),
            facts=facts,
            source=facts.id if number else "",
            source_number=number,
            source_name=name,
            codes=codes,
        )


def _facts(item: CheckupItem, value: MeasuredValue, number: str, taken_at: datetime) -> LabFacts:
    normal = item.normal
    return LabFacts(
        number, item.code, item_name(item), taken_at, value.number, value.unit, _COMPARATORS.get(item.beyond, ""),
        item.specimen, low=normal.low if normal else None, high=normal.high if normal else None,
        interpretation=item.judgement if item.judgement != "N" else "", note=NOTE,
    )  # fmt: skip
