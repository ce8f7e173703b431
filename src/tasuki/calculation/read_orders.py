# SPDX-License-Identifier: Apache-2.0
"""オーダ読込 — orders become draft units: acts with their additions, drugs and materials apart."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace as changed

from tasuki.calculation.draft import Draft, DraftLine, DraftUnit
from tasuki.calculation.merge_doses import merge_doses
from tasuki.calculation.sections import section_of
from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
from tasuki.kernel.because import Because, Verdict
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.validity import Validity
from tasuki.masters.book import EndedCode, UnknownCode
from tasuki.masters.rows import UNCODED_MATERIAL, Act, Drug, Material

if TYPE_CHECKING:
    from tasuki.masters.book import DayBook

_ALWAYS = Validity(date(2000, 1, 1))
_GRANTED, _OUTSIDE = Verdict.GRANTED, Dispensing.OUTSIDE
_UNNAMED = "未コード化特定器材"
_BOUGHT = "2"  # 特定器材マスター col 11 購入価格
CITE = "療養の給付及び公費負担医療に関する費用の請求に関する命令 第1条; 記録条件仕様(医科用) 診療行為レコード"

register(
    {
        "calculation.unknown_code": "コード {code} はどのマスターにもありません。コードを確かめるか、マスターを取り込んでください。",
        "calculation.ended_code": "コード {code} は {day} には使えません(使える期間: {known})。代わりのコードを選んでください。",
        "calculation.no_outpatient_place": "{name}({code})は入院外のレセプトに記録できません。",
        "calculation.unknown_comment": "コメント {code} は {day} のマスターにありません。別のコメントに替えるか、外してください。",
        "calculation.amount_missing": "{name}({code})には数量が必要です。{unit}の数を入れてください。",
        "calculation.amount_impossible": "{name}({code})の数量 {amount} は使えません。0より大きい数を入れてください。",
        "calculation.price_missing": "{name}({code})は購入価格で算定します。単価(円)を入れてください。",
        "calculation.price_impossible": "{name}({code})の単価 {price} は使えません。0より大きい円を入れてください。",
        "calculation.product_missing": "未コード化特定器材({code})には商品名及び規格又はサイズが必要です。コメントに入れてください。",
        "calculation.uncoded_material": "「{name}」はコードのない特定器材です。材料価格基準のどの区分かと、その価格(購入価格の区分なら購入価格) {price}円を確かめてください。区分に収載されていない材料は算定できません。",
        "calculation.count_impossible": "回数・日数 {count} は使えません。1以上を入れてください。",
    }
)


def read_orders(draft: Draft) -> Draft:
    """オーダ読込 — every order in units of its own; what cannot be read becomes a finding.

    Internal drugs of one usage become one 剤. Drugs of an outside prescription make no unit: only the prescription is billed, by a rule.
    """
    case = draft.case
    orders, book = case.visit.orders, case.book
    units: list[DraftUnit] = []
    findings: list[Finding] = []
    for order in orders:
        if order.count < 1:
            findings.append(
                _finding("CAL-0005", "calculation.count_impossible", order, "count", count=order.count)
            )
            continue
        lines = _read_lines(order, book, findings)
        if order.comments:
            findings.extend(_unknown_comments(order, book))
        if order.dispensing is not _OUTSIDE:
            units.extend(_commented(_units_of(order, lines, findings), order))
    merged = merge_doses(units, orders)
    return draft.having(units=tuple(merged), findings=(*draft.findings, *findings))


def _commented(units: list[DraftUnit], order: Order) -> list[DraftUnit]:
    """The comments of an order stand once, with its first unit."""
    if not units or not order.comments:
        return units
    return [changed(units[0], comments=order.comments), *units[1:]]


def _unknown_comments(order: Order, book: DayBook) -> list[Finding]:
    found = []
    for code, _ in order.comments:
        if not book.has_comment(code):
            facts = {"code": code, "day": book.day}
            found.append(_finding("CAL-0012", "calculation.unknown_comment", order, code, **facts))
    return found


def _read_lines(order: Order, book: DayBook, findings: list[Finding]) -> list[DraftLine]:
    """What a pharmacy dispenses is looked at all the same, but makes no line."""
    lines = []
    is_outside = order.dispensing is _OUTSIDE
    for item in order.items:
        try:
            row = _uncoded(item) if item.code == UNCODED_MATERIAL else book.item(item.code)
        except UnknownCode:
            findings.append(
                _finding("CAL-0001", "calculation.unknown_code", order, item.code, code=item.code)
            )
            continue
        except EndedCode as ended:
            known = "、".join(f"{v.since}〜{v.until or ''}" for v in ended.known)
            findings.append(
                _finding(
                    "CAL-0002",
                    "calculation.ended_code",
                    order,
                    item.code,
                    code=item.code,
                    day=ended.day,
                    known=known,
                )
            )
            continue
        fault = _amount_fault(item, row)
        if fault:
            name = row.name or _UNNAMED
            facts = {"name": name, "code": row.code, "unit": row.unit_name or name, "amount": item.amount}
            code = "CAL-0003" if fault.endswith("missing") else "CAL-0004"
            findings.append(_finding(code, fault, order, item.code, **facts))
            continue
        if type(row) is Material and _is_unpriced(order, item, row, findings):
            continue
        if not is_outside:
            because = (Because("order", _GRANTED, (("order", order.id),), CITE, row.code),)
            lines.append(DraftLine(row, item.amount, because, 0, item.is_generic_name, item.unit_price_yen))
    return lines


def _uncoded(item: Item) -> Material:
    """未コード化特定器材 — the row of a material without a code: named by the order, priced by it.

    Cite: オンライン又は光ディスク等による請求に係る記録条件仕様(医科用) 特定器材レコード 特定器材コード・単価・商品名及び規格又はサイズ
    """
    return Material(
        code=UNCODED_MATERIAL, name=item.comment.strip(), validity=_ALWAYS, price_kind=_BOUGHT
    )  # fmt: skip


def _is_unpriced(order: Order, item: Item, row: Material, findings: list[Finding]) -> bool:
    """購入価格の材料 — without a price, or a name where there is no code, nothing is billed; a human confirms the rest."""
    facts: dict[str, object] = {
        "name": row.name or _UNNAMED,
        "code": row.code,
        "price": item.unit_price_yen,
    }
    is_uncoded = row.code == UNCODED_MATERIAL
    if is_uncoded and not row.name:
        findings.append(_finding("CAL-0015", "calculation.product_missing", order, item.code, **facts))
        return True
    if row.price_kind == _BOUGHT and item.unit_price_yen is None:
        findings.append(_finding("CAL-0013", "calculation.price_missing", order, item.code, **facts))
        return True
    if item.unit_price_yen is not None and item.unit_price_yen <= 0:
        findings.append(_finding("CAL-0014", "calculation.price_impossible", order, item.code, **facts))
        return True
    if is_uncoded:
        where = Where(record=order.id, field=item.code)
        key = "calculation.uncoded_material"
        findings.append(Finding("CAL-0016", Severity.CONFIRM, where, key, facts))
    return False


def _amount_fault(item: Item, row: object) -> str:
    if item.amount is not None:
        return "calculation.amount_impossible" if item.amount <= 0 else ""
    needs_amount = type(row) is not Act or (row.step is not None and row.unit_code not in ("0", ""))
    return "calculation.amount_missing" if needs_amount else ""


def _units_of(order: Order, lines: list[DraftLine], findings: list[Finding]) -> list[DraftUnit]:
    if order.kind in _DRUG_SECTIONS:
        if not lines:
            return []
        is_for_home = all(_is_injection(line) for line in lines)
        home_or_drugs = HOME_SECTION if is_for_home else _DRUG_SECTIONS[order.kind]
        return [_unit(home_or_drugs, order, lines)]
    acts = [line for line in lines if isinstance(line.row, Act)]
    placed: list[tuple[str, list[DraftLine]]] = []
    for line in acts:
        assert isinstance(line.row, Act)
        section = section_of(line.row.tally_out)
        if section is None:
            facts = {"name": line.row.name, "code": line.code}
            findings.append(
                _finding("CAL-0006", "calculation.no_outpatient_place", order, line.code, **facts)
            )
        elif placed and (line.row.is_addition or _joins(line.row, section, placed[-1][0])):
            placed[-1][1].append(line)
        else:
            placed.append((section, [line]))
    units = [unit for section, found in placed for unit in _each_time(_unit(section, order, found))]
    if len(acts) == len(lines):
        return units
    section = placed[0][0] if placed else ("33" if order.kind is OrderKind.INJECTION else "40")
    drugs = [line for line in lines if isinstance(line.row, Drug)]
    materials = [line for line in lines if not isinstance(line.row, Act | Drug)]
    units.extend(_unit(section, order, found) for found in (drugs, materials) if found)
    return units


def _each_time(unit: DraftUnit) -> list[DraftUnit]:
    """A test whose second time in the month counts less stands once for each time."""
    base = unit.lines[0].row
    if unit.times == 1 or not isinstance(base, Act) or base.month_reduction != "1":
        return [unit]
    return [
        changed(unit, times=1, group=unit.group if time == 1 else f"{unit.group}#{time}")
        for time in range(1, unit.times + 1)
    ]


def _joins(row: Act, section: str, before: str) -> bool:
    """X-ray acts of one order are one 一連; a specimen name (col 61) belongs to the test it names."""
    return section == before and (section == "70" or row.specimen_comment == "1")


HOME_SECTION = "14"
INJECTION_FORM = "4"  # 医薬品マスター col 28


def _is_injection(line: DraftLine) -> bool:
    """Drugs for injection handed out to take home are 在宅 (C200), not 投薬."""
    return isinstance(line.row, Drug) and line.row.form == INJECTION_FORM


_DRUG_SECTIONS = {OrderKind.INTERNAL: "21", OrderKind.AS_NEEDED: "22", OrderKind.EXTERNAL: "23"}


def _unit(section: str, order: Order, lines: list[DraftLine]) -> DraftUnit:
    return DraftUnit(
        section,
        order.id,
        tuple(lines),
        order.count,
        0,
        order.id,
        order.kind,
        order.programme_ids,
        site=order.site,
    )


def _finding(finding_code: str, key: str, order: Order, field: str, **facts: object) -> Finding:
    return Finding(finding_code, Severity.BLOCK, Where(record=order.id, field=field), key, facts)
