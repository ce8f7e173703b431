# SPDX-License-Identifier: Apache-2.0
"""レコード — a line of a claim file as it was read, and typed views that name its items.

A record keeps its line number and its bytes, so that nothing is lost whatever the line holds. Views
(``RE(record).patient_name``) read an item that is absent as empty and one that is malformed as None:
what is wrong with it is a finding's business (:mod:`tasuki.claims.checks`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, Self, TypeVar, overload

from tasuki.claims.item_values import parse_amount, parse_day, parse_month, parse_whole

# 履歴請求データの行: レコード番号 of a returned receipt's history block.
HISTORY_IDS = frozenset(("1", "2", "3", "4", "8", "11", "12", "13", "14"))


class Record(NamedTuple):
    """レコード — line number from 1, the bytes with their line end, and the items as text."""

    line: int
    raw: bytes
    values: tuple[str, ...]

    @property
    def id(self) -> str:
        """レコード識別情報 — the first item."""
        return self.values[0]

    @property
    def is_history(self) -> bool:
        """履歴請求データか — whether the row belongs to the history block of a returned receipt."""
        return self.values[0] in HISTORY_IDS

    def value(self, number: int) -> str:
        """項目 — by its official number from 1, "" when the record is too short."""
        return self.values[number - 1] if number <= len(self.values) else ""


V = TypeVar("V")


class View:
    """型付きの見方 — names for the items of a record; see the subclasses named as the records are."""

    __slots__ = ("record",)

    def __init__(self, record: Record) -> None:
        self.record = record


class _Item(Generic[V]):
    __slots__ = ("number", "parse")

    def __init__(self, number: int, parse: Callable[[str], V]) -> None:
        self.number = number
        self.parse = parse

    @overload
    def __get__(self, view: None, owner: type) -> Self: ...
    @overload
    def __get__(self, view: View, owner: type) -> V: ...
    def __get__(self, view: View | None, owner: type) -> Self | V:
        if view is None:
            return self
        values = view.record.values
        return self.parse(values[self.number - 1] if self.number <= len(values) else "")


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 2] for at in range(0, len(text), 2))


def _triples(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 3] for at in range(0, len(text), 3))


def _fours(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 4] for at in range(0, len(text), 4))


class IR(View):
    """医療機関情報 — the institution and the month claimed."""

    payer = _Item(2, str)
    prefecture = _Item(3, str)
    fee_table = _Item(4, str)
    institution_code = _Item(5, str)
    institution_name = _Item(7, str)
    claim_month = _Item(8, parse_month)
    volume = _Item(9, str)
    telephone = _Item(10, str)


class RE(View):
    """レセプト共通 — whose receipt it is."""

    receipt_number = _Item(2, parse_whole)
    receipt_type = _Item(3, str)
    service_month = _Item(4, parse_month)
    patient_name = _Item(5, str)
    sex = _Item(6, str)
    born_on = _Item(7, parse_day)
    benefit_percent = _Item(8, parse_whole)
    admitted_on = _Item(9, parse_day)
    ward_kinds = _Item(10, _pairs)
    share_class = _Item(11, str)
    special_notes = _Item(12, _pairs)
    bed_count = _Item(13, parse_whole)
    chart_number = _Item(14, str)
    search_number = _Item(19, str)
    claim_note = _Item(21, str)
    department_1 = _Item(22, str)
    department_2 = _Item(27, str)
    department_3 = _Item(32, str)
    patient_kana = _Item(37, str)
    patient_conditions = _Item(38, _triples)


class HO(View):
    """保険者 — the insurer, its days, points and share."""

    insurer_number = _Item(2, str)
    symbol = _Item(3, str)
    number = _Item(4, str)
    visit_days = _Item(5, parse_whole)
    total_points = _Item(6, parse_whole)
    meal_count = _Item(8, parse_whole)
    meal_yen = _Item(9, parse_whole)
    duty_reason = _Item(10, str)
    certificate_number = _Item(11, str)
    share_yen = _Item(12, parse_whole)
    reduction_kind = _Item(13, str)
    reduction_percent = _Item(14, parse_whole)
    reduction_yen = _Item(15, parse_whole)


class KO(View):
    """公費 — one public programme, its days, points and share."""

    payer_number = _Item(2, str)
    recipient_number = _Item(3, str)
    optional_benefit = _Item(4, str)
    visit_days = _Item(5, parse_whole)
    total_points = _Item(6, parse_whole)
    share_yen = _Item(7, parse_whole)
    outpatient_share_yen = _Item(8, parse_whole)
    inpatient_share_yen = _Item(9, parse_whole)
    meal_count = _Item(11, parse_whole)
    meal_yen = _Item(12, parse_whole)


class SN(View):
    """資格確認 — how eligibility was confirmed, with the branch number of the card."""

    bearer_kind = _Item(2, str)
    confirmation = _Item(3, str)
    branch = _Item(7, str)


class JD(View):
    """受診日等 — the days a payer is asked for."""

    bearer_kind = _Item(2, str)

    @property
    def days(self) -> tuple[tuple[int, str], ...]:
        """受診日 — day of the month and 受診等区分."""
        return tuple((day, text) for day, text in enumerate(self.record.values[2:33], 1) if text)


class MF(View):
    """窓口負担額 — whether a high-cost benefit was given in kind."""

    counter_kind = _Item(2, str)


class GR(View):
    """包括評価対象外理由 — why a stay in a DPC hospital is billed by acts."""

    reason = _Item(2, str)
    dpc_code = _Item(3, str)


class SY(View):
    """傷病名 — one disease with its modifiers."""

    disease_code = _Item(2, str)
    since_on = _Item(3, parse_day)
    outcome = _Item(4, str)
    modifiers = _Item(5, _fours)
    disease_name = _Item(6, str)
    main = _Item(7, str)
    comment = _Item(8, str)


class Line(View):
    """摘要の明細 — what SI, IY and TO have in common."""

    __slots__ = ("_days",)
    first_comment = 8
    first_day = 14
    _days: tuple[tuple[int, int], ...]

    section = _Item(2, str)
    payer_code = _Item(3, str)
    code = _Item(4, str)
    amount = _Item(5, parse_amount)
    points = _Item(6, parse_whole)
    count = _Item(7, parse_whole)

    @property
    def comments(self) -> tuple[tuple[str, str], ...]:
        """コメント — up to three codes with their text."""
        value = self.record.value
        pairs = ((value(n), value(n + 1)) for n in range(self.first_comment, self.first_comment + 6, 2))
        return tuple(pair for pair in pairs if pair != ("", ""))

    @property
    def days(self) -> tuple[tuple[int, int], ...]:
        """算定日 — day of the month and the count on it."""
        try:
            return self._days
        except AttributeError:
            found = self.record.values[self.first_day - 1 : self.first_day + 30]
            self._days = tuple((day, parse_whole(text) or 0) for day, text in enumerate(found, 1) if text)
            return self._days


class SI(Line):
    """診療行為 — an act."""

    __slots__ = ()


class IY(Line):
    """医薬品 — a drug."""

    __slots__ = ()


class TO(Line):
    """特定器材 — a material."""

    __slots__ = ()
    first_comment = 12
    first_day = 18

    unit_code = _Item(8, str)
    unit_price = _Item(9, parse_amount)
    product_name = _Item(11, str)


class CO(View):
    """コメント — a comment of its own line."""

    section = _Item(2, str)
    payer_code = _Item(3, str)
    code = _Item(4, str)
    text = _Item(5, str)


class SJ(View):
    """症状詳記 — one paragraph of the narrative."""

    kind = _Item(2, str)
    text = _Item(3, str)


class TI(View):
    """臓器提供医療機関 — where an organ came from."""

    organ_kind = _Item(2, str)
    place_kind = _Item(3, str)
    institution_code = _Item(6, str)
    institution_name = _Item(8, str)


class TR(View):
    """臓器提供者レセプト — the donor's receipt header."""

    receipt_number = _Item(2, parse_whole)
    receipt_type = _Item(3, str)
    service_month = _Item(4, parse_month)
    sex = _Item(6, str)
    born_on = _Item(7, parse_day)


class TS(View):
    """臓器提供者請求情報 — the donor's days and points."""

    visit_days = _Item(2, parse_whole)
    total_points = _Item(3, parse_whole)


class GO(View):
    """診療報酬請求書 — the totals of the file."""

    receipt_count = _Item(2, parse_whole)
    total_points = _Item(3, parse_whole)
    volume = _Item(4, str)


LINE_VIEWS: dict[str, type[Line]] = {"SI": SI, "IY": IY, "TO": TO}
