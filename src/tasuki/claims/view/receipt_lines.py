# SPDX-License-Identifier: Apache-2.0
"""明細の行 — a receipt as the blocks and lines that a person goes through, each with the record it came from.

The form says what is paid; this says which record says it, so that a finding can stand beside its own line.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.codes import DEPARTMENTS, NARRATIVE_KINDS, SECTIONS, SPECIAL_NOTES
from tasuki.claims.receipt_type import parse_type, type_name
from tasuki.claims.records import CO, HO, JD, KO, RE, SN, SY, TO, Line
from tasuki.claims.view.comment_text import comment_text
from tasuki.claims.view.naming import Naming
from tasuki.claims.view.receipt_view import UNKNOWN_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.groups import CountedUnit
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record
    from tasuki.masters.book import Book

_OUTCOMES = {"2": "治ゆ", "3": "死亡", "4": "中止"}
_HEADS = frozenset({"RE", "HO", "KO", "SN", "JD", "MF"})
_NAMES = {
    "RE": "レセプト共通", "HO": "保険者", "KO": "公費", "SN": "資格確認", "JD": "受診日等", "MF": "窓口負担額",
    "SJ": "症状詳記",
}  # fmt: skip
_COUNTED = "1"


class ReceiptLine(NamedTuple):
    """明細の行 — ``number`` is the place of its record in the receipt from 1; ``points`` stand on a unit's last line."""

    number: int
    record: str
    text: str
    detail: str = ""
    notes: tuple[str, ...] = ()
    points: int | None = None
    times: int | None = None
    days: tuple[int, ...] = ()
    begins_unit: bool = False


class ReceiptBlock(NamedTuple):
    """明細の区画 — a heading (診療識別 where it is one) and its lines."""

    section: str
    title: str
    lines: tuple[ReceiptLine, ...]

    @property
    def points(self) -> int:
        """区画の点数 — points times count of its units."""
        return sum((line.points or 0) * (line.times or 0) for line in self.lines)


def receipt_lines(receipt: Receipt, book: Book | None) -> tuple[ReceiptBlock, ...]:
    """明細の行 — head, diseases, each 診療識別 in its order, narratives, and what stands beside them.

    Every record of the receipt is in exactly one line, the history of a returned receipt in none.
    """
    numbers = {id(record): at for at, record in enumerate(receipt.records, 1)}
    month = receipt.header.service_month
    naming = Naming(book, month.day(month.last_day) if month is not None else UNKNOWN_DAY)
    heads = [record for record in receipt.own_records if record.id in _HEADS]
    blocks = [ReceiptBlock("", "患者・保険・公費", tuple(_heads(heads, numbers)))]
    diseases = tuple(_disease(one, naming, numbers) for one in receipt.diseases)
    blocks.append(ReceiptBlock("", "傷病名", diseases))
    units = [unit for group in receipt.groups for unit in group.units]
    for section, mine in groupby(units, key=lambda unit: unit.section):
        lines = tuple(line for unit in mine for line in _unit(unit, naming, numbers))
        blocks.append(ReceiptBlock(section, SECTIONS.get(section, ""), lines))
    blocks.append(ReceiptBlock("", "症状詳記", tuple(_narratives(receipt, numbers))))
    told = {line.number for block in blocks for line in block.lines}
    rest = (
        ReceiptLine(
            at, record.id, _NAMES.get(record.id, record.id), " ".join(filter(None, record.values[1:]))
        )
        for at, record in enumerate(receipt.records, 1)
        if at not in told and not record.is_history
    )
    blocks.append(ReceiptBlock("", "その他のレコード", tuple(rest)))
    return tuple(block for block in blocks if block.lines)


def _heads(records: Iterable[Record], numbers: dict[int, int]) -> Iterator[ReceiptLine]:
    nth = 0
    for record in records:
        nth += record.id == "KO"
        name = f"公費{nth}" if record.id == "KO" else _NAMES[record.id]
        line = ReceiptLine(numbers[id(record)], record.id, name, _head_text(record))
        if record.id == "HO":
            line = line._replace(points=HO(record).total_points, times=None)
        elif record.id == "KO":
            line = line._replace(points=KO(record).total_points, times=None)
        elif record.id == "JD":
            counted = tuple(day for day, kind in JD(record).days if kind == _COUNTED)
            line = line._replace(days=counted)
        yield line


def _head_text(record: Record) -> str:
    if record.id == "RE":
        one = RE(record)
        kind = parse_type(one.receipt_type)
        notes = [f"特記{code}{SPECIAL_NOTES.get(code, '')}" for code in one.special_notes]
        department = f"{one.department_1}{DEPARTMENTS.get(one.department_1, '')}"
        benefit = "" if one.benefit_percent is None else f"給付{one.benefit_percent}%"
        name = type_name(kind) if kind is not None else "種別不明"
        return " ".join(filter(None, (one.receipt_type, name, department, benefit, *notes)))
    if record.id == "HO":
        insurer = HO(record)
        share = "" if insurer.share_yen is None else f"一部負担金{insurer.share_yen:,}円"
        days = "" if insurer.visit_days is None else f"{insurer.visit_days}日"
        member = "・".join(filter(None, (insurer.symbol, insurer.number)))
        return " ".join(filter(None, (insurer.insurer_number.strip(), member, days, share)))
    if record.id == "KO":
        programme = KO(record)
        share = "" if programme.share_yen is None else f"負担{programme.share_yen:,}円"
        days = "" if programme.visit_days is None else f"{programme.visit_days}日"
        return " ".join(
            filter(None, (programme.payer_number.strip(), programme.recipient_number.strip(), days, share))
        )
    if record.id == "SN":
        branch = SN(record).branch
        return f"枝番{branch}" if branch else ""
    if record.id == "JD":
        return ""
    return " ".join(filter(None, record.values[1:]))


def _disease(one: SY, naming: Naming, numbers: dict[int, int]) -> ReceiptLine:
    since = one.since_on.isoformat() if one.since_on is not None else "開始日不明"
    parts = ("主傷病" if one.main == "01" else "", f"{since}開始", _OUTCOMES.get(one.outcome, ""))
    return ReceiptLine(
        numbers[id(one.record)], "SY", naming.disease(one), " ".join(filter(None, parts)), begins_unit=True
    )


def _unit(unit: CountedUnit, naming: Naming, numbers: dict[int, int]) -> Iterator[ReceiptLine]:
    last = len(unit.lines) - 1
    days = tuple(day for day, times in unit.days if times)
    for at, line in enumerate(unit.lines):
        number = numbers[id(line.record)]
        if isinstance(line, CO):
            shown = ReceiptLine(number, "CO", comment_text(line.code, line.text, naming))
        else:
            notes = tuple(comment_text(code, text, naming) for code, text in line.comments)
            amount = naming.amount(line.code, line.amount)
            shown = ReceiptLine(number, line.record.id, _name(line, naming), amount, notes)
        if at == last and unit.points is not None:
            shown = shown._replace(points=unit.points, times=unit.times)
        yield shown._replace(begins_unit=at == 0, days=days)


def _name(line: Line, naming: Naming) -> str:
    if isinstance(line, TO) and line.product_name:
        return line.product_name
    return naming.item(line.code)


def _narratives(receipt: Receipt, numbers: dict[int, int]) -> Iterator[ReceiptLine]:
    for one in receipt.narratives:
        kind = NARRATIVE_KINDS.get(one.kind, "")
        yield ReceiptLine(numbers[id(one.record)], "SJ", one.text, kind)
