# SPDX-License-Identifier: Apache-2.0
"""料金表 — the institution's own prices for 自費 and 健診: tab-separated text in, charges with their tax out."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tasuki.calculation.payers.terms import TaxClass
from tasuki.chart.coverage import InsuranceKind
from tasuki.kernel.because import Because, Verdict, facts
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.kernel.validity import Validity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = ("code", "name", "yen", "tax", "kind", "patient_yen", "billed_to", "since", "until")
_NEEDED = 4
_KINDS = {"": InsuranceKind.PRIVATE, "自費": InsuranceKind.PRIVATE, "健診": InsuranceKind.CHECKUP}
_TAXES = {
    "非課税": TaxClass.EXEMPT, "0": TaxClass.EXEMPT, "0%": TaxClass.EXEMPT,
    "10": TaxClass.STANDARD, "10%": TaxClass.STANDARD, "8": TaxClass.REDUCED, "8%": TaxClass.REDUCED,
}  # fmt: skip
LARGEST_YEN = 9_999_999
LONGEST = 60
CITE = "医療機関の料金表"

register(
    {
        "payers.price_list.columns": "見出しは {expected} の順に並べてください（{found}）。",
        "payers.price_list.value": "「{value}」は使えません。{expected}。",
        "payers.price_list.twice": "コード{code}が同じ期間に二度あります。",
        "payers.price_list.text": "UTF-8のタブ区切りで保存してください。",
    }
)


class PriceItem(NamedTuple):
    """料金表の項目 — ``yen`` includes the tax; ``patient_yen`` is less where ``billed_to`` pays the rest (委託)."""

    code: str
    name: str
    yen: int
    tax: TaxClass
    kind: InsuranceKind = InsuranceKind.PRIVATE
    patient_yen: int | None = None
    billed_to: str = ""
    validity: Validity | None = None

    @property
    def charged_yen(self) -> int:
        """患者負担額 — what the patient pays of one."""
        return self.yen if self.patient_yen is None else self.patient_yen


class PricedLine(NamedTuple):
    """料金の明細 — one item charged, with the tax contained in what the patient pays."""

    item: PriceItem
    times: int
    patient_yen: int
    tax_yen: int
    billed_yen: int
    because: Because


def price_lines(chosen: Iterable[tuple[PriceItem, int]]) -> tuple[PricedLine, ...]:
    """料金の計算 — each item times its count; the tax inside the price is cut to whole yen.

    Cite: 消費税法 第28条, 第29条; 同 別表第二第6号 (医療の給付は非課税)

    >>> line, = price_lines([(PriceItem("D1", "診断書", 3300, TaxClass.STANDARD), 1)])
    >>> line.patient_yen, line.tax_yen
    (3300, 300)
    """
    return tuple(_line(item, count) for item, count in chosen)


def _line(item: PriceItem, count: int) -> PricedLine:
    if count < 1:
        raise ValueError(f"{count} of {item.code}")
    patient = item.charged_yen * count
    billed = (item.yen - item.charged_yen) * count
    taxed = f"税込{item.tax.percent}%" if item.tax.percent else "非課税"
    given = facts(
        name=item.name, yen=item.yen * count, taxed=taxed, count=f"×{count}" if count > 1 else "",
        billed=billed, billed_to=item.billed_to, patient=patient,
    )  # fmt: skip
    rule = "payers/price-list/shared" if billed else "payers/price-list"
    because = Because(rule, Verdict.GRANTED, given, CITE, item.code)
    return PricedLine(item, count, patient, tax_within(patient, item.tax), billed, because)


def tax_within(yen: int, tax: TaxClass) -> int:
    """内税 — the tax contained in a price, cut to whole yen.

    >>> tax_within(3300, TaxClass.STANDARD), tax_within(1080, TaxClass.REDUCED), tax_within(500, TaxClass.EXEMPT)
    (300, 80, 0)
    """
    return yen * tax.percent // (100 + tax.percent)


def read_price_list(data: bytes, file: str = "") -> tuple[PriceItem, ...]:
    """料金表の読取り — UTF-8, tab-separated, with a header line.

    Raises :class:`BadInput` with every fault, each with its line and column.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as wrong:
        raise BadInput([_finding("PAY-0201", "payers.price_list.text", file, 0, "")]) from wrong
    header = tuple(lines[0].split("\t")) if lines else ()
    if header != COLUMNS[: len(header)] or len(header) < _NEEDED:
        given = {"expected": " ".join(COLUMNS), "found": " ".join(header)[:80]}
        raise BadInput([_finding("PAY-0202", "payers.price_list.columns", file, 1, "", **given)])
    findings: list[Finding] = []
    items: list[PriceItem] = []
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            cells = [unicodedata.normalize("NFKC", cell).strip() for cell in line.split("\t")]
            if len(cells) > len(header):
                given = {"value": cells[len(header)][:40], "expected": "見出しより列が多い"}
                findings.append(_finding("PAY-0203", "payers.price_list.value", file, number, "", **given))
                continue
            item = _item([*cells, *[""] * (len(COLUMNS) - len(cells))], findings, (file, number))
            if item is not None and _clashes(item, items):
                findings.append(
                    _finding("PAY-0204", "payers.price_list.twice", file, number, "code", code=item.code)
                )
            elif item is not None:
                items.append(item)
    if findings:
        raise BadInput(findings)
    return tuple(items)


def _item(cells: Sequence[str], findings: list[Finding], place: tuple[str, int]) -> PriceItem | None:
    faults = len(findings)

    def bad(column: str, value: str, expected: str) -> None:
        given = {"value": value[:40], "expected": expected}
        findings.append(_finding("PAY-0203", "payers.price_list.value", place[0], place[1], column, **given))

    code, name, yen, tax, kind, patient, billed_to, since, until = cells[: len(COLUMNS)]
    if not code or len(code) > LONGEST:
        bad("code", code, "コードを入れてください")
    if not name or len(name) > LONGEST:
        bad("name", name, f"名称を{LONGEST}文字までで入れてください")
    amounts: list[int | None] = []
    for column, text in (("yen", yen), ("patient_yen", patient)):
        plain = text.replace(",", "")
        if not plain and column == "patient_yen":
            amounts.append(None)
        elif plain.isdecimal() and len(plain) <= 7:
            amounts.append(int(plain))
        else:
            amounts.append(0)
            bad(column, text, "0円から9,999,999円までの数字を入れてください")
    if tax not in _TAXES:
        bad("tax", tax, "消費税は 非課税・8・10 のどれかです")
    if kind not in _KINDS:
        bad("kind", kind, "種別は 自費・健診 のどちらかです")
    total, charged = amounts[0] or 0, amounts[1]
    if charged is not None and charged > total:
        bad("patient_yen", patient, "患者負担は料金までです")
    if charged is not None and charged < total and not billed_to:
        bad("billed_to", "", "残りの請求先を入れてください")
    validity = None
    if since or until:
        try:
            start = date.fromisoformat(since)
            end = date.fromisoformat(until) if until else None
        except ValueError:
            bad("since", since or until, "日付は YYYY-MM-DD で、開始日から入れてください")
        else:
            validity = Validity(start, end)
            if end is not None and end < start:
                bad("until", until, "終了日が開始日より前です")
    if len(findings) > faults:
        return None
    return PriceItem(code, name, total, _TAXES[tax], _KINDS[kind], charged, billed_to, validity)


def _clashes(item: PriceItem, items: Iterable[PriceItem]) -> bool:
    same = (other for other in items if other.code == item.code)
    return any(
        item.validity is None or other.validity is None or item.validity.overlaps(other.validity)
        for other in same
    )


def _finding(code: str, key: str, file: str, line: int, field: str, /, **given: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where(file=file, line=line, field=field), key, given)
