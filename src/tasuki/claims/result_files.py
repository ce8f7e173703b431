# SPDX-License-Identifier: Apache-2.0
"""審査結果ファイル — what an examination organisation sends back: 受付結果, 返戻, 増減点連絡書, 振込額.

返戻 is UKE-like (HI, the receipt as it was claimed, HR rows, history block, HG). 増減点連絡書 has 30 items, of
which 3 and 4 are details that leave out what the row above says. 受付結果 and 振込額 are a layout of our own,
because the official one was not seen.

Cite: オンライン請求システム 返戻ファイル・増減点連絡書（公開されている読取りプログラムの項目による）
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tasuki.claims import characters
from tasuki.claims.item_values import Month, parse_day, parse_month
from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Record
from tasuki.claims.returns import RETURN_KINDS, returned_receipts
from tasuki.claims.returns import ReturnedReceipt as AsReceived
from tasuki.claims.review_results import result_rows, review_cuts
from tasuki.claims.writer import CRLF, EOF, encode_record
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

register(
    {
        "claims.result.UKE-R-04": "審査結果ファイルとして読めません（{what}）。ファイルを確かめてください。",
    }
)
# Layouts of our own say so in their first item.
_ACCEPTANCE, _PAYMENT = "TASUKI-ACCEPTANCE", "TASUKI-PAYMENT"


@dataclass(frozen=True, slots=True)
class AcceptanceLine:
    """受付結果の行 — one error of 受付・事務点検; ``number`` is レセプト番号, 0 for the whole file."""

    number: int
    service_month: str
    patient_name: str
    code: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """受付結果 — whether a file was taken, and what was found in it."""

    payer: str
    claim_month: Month
    received_on: date
    is_accepted: bool
    receipt_count: int
    lines: tuple[AcceptanceLine, ...]


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """返戻事由 — one HR row: kind of return, section of the act, reason code (L and digits) and its text."""

    processed_month: Month
    kind: str
    section: str
    code: str
    text: str
    note: str = ""

    @property
    def kind_label(self) -> str:
        """返戻区分の表記 — for screens."""
        return RETURN_KINDS.get(self.kind, self.kind)


@dataclass(frozen=True, slots=True)
class ReturnedReceipt:
    """返戻レセプト — the receipt as claimed, why it came back, and the history block to keep byte for byte."""

    receipt: Receipt
    reasons: tuple[ReturnReason, ...]
    search_number: str
    history: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PointChange:
    """増減点 — one detail of 増減点連絡書; ``points`` is negative for a cut."""

    service_month: Month
    number: int
    patient_name: str
    chart_number: str
    section: str
    law_code: str
    points: int
    reasons: str
    claimed: str
    corrected: str
    search_number: str


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """振込額の内訳 — what one kind of movement added or took."""

    kind: str
    count: int
    points: int
    yen: int


@dataclass(frozen=True, slots=True)
class Payment:
    """振込額 — of one claim month; the lines add up to ``total_yen``."""

    payer: str
    claim_month: Month
    paid_on: date
    total_yen: int
    lines: tuple[PaymentLine, ...]


def write_acceptance(found: Acceptance) -> bytes:
    """受付結果の書出 — a head row and one row an error."""
    taken = "1" if found.is_accepted else "0"
    head = [_ACCEPTANCE, found.payer, found.claim_month.text, f"{found.received_on:%Y%m%d}", taken]
    rows = [[*head, str(found.receipt_count)]]
    rows += [
        [str(one.number), one.service_month, one.patient_name, one.code, one.severity, one.message]
        for one in found.lines
    ]
    return _table(rows)


def read_acceptance(data: bytes) -> Acceptance:
    """受付結果の読取 — raises ``BadInput`` for anything else."""
    head, *rows = _rows(data, _ACCEPTANCE, 6)
    try:
        lines = tuple(AcceptanceLine(int(r[0]), r[1], r[2], r[3], r[4], r[5]) for r in rows)
        return Acceptance(
            head[1], _month(head[2]), _day(head[3]), head[4] == "1", int(head[5]), lines
        )  # fmt: skip
    except (ValueError, IndexError) as wrong:
        raise _unreadable(_ACCEPTANCE) from wrong


def write_returns(payer: str, institution: Sequence[str], returned: Iterable[ReturnedReceipt]) -> bytes:
    """返戻ファイルの書出 — HI, every receipt with its HR rows and history, HG; ``institution`` is 県番, コード, 名称."""
    prefecture, code, name = institution
    lines: list[bytes] = []
    count = points = 0
    month = ""
    for one in returned:
        count += 1
        first = one.receipt.insurer or (one.receipt.programmes[0] if one.receipt.programmes else None)
        points += (first.total_points or 0) if first else 0
        lines += [encode_record(each) for each in one.receipt.records if not each.is_history]
        for reason in one.reasons:
            month = _era_month(reason.processed_month)
            row = ["HR", month, reason.kind, reason.section, reason.code, reason.text, reason.note]
            lines.append(_line([*row, "", "", "", "", one.search_number]))
        lines += [row + CRLF for row in one.history]
    head = _line(["HI", payer, prefecture, "1", code, "", name, month])
    return b"".join((head, *lines, _line(["HG", str(count), str(points), "99"]), EOF))


def read_returns(data: bytes, name: str = "RECEIPTC.HEN") -> tuple[ReturnedReceipt, ...]:
    """返戻ファイルの読取 — every receipt apart from its HR rows and its history; raises ``BadInput`` without HI."""
    file = read(data, name)
    if not file.before or file.before[0].id != "HI":
        raise _unreadable(name)
    return tuple(_returned(each, name) for each in returned_receipts(file))


def history_of(search_number: str, check_value: str) -> tuple[bytes, ...]:
    """履歴請求データ — the shortest block: an MN row that holds 検索番号, and RC with its check value.

    >>> history_of("2" * 20, "ABC")[1]
    b'1,2,0,RC,ABC'
    """
    return (f"1,1,0,MN,,,,{search_number}".encode("ascii"), f"1,2,0,RC,{check_value}".encode("ascii"))


def write_points(payer: str, claim_month: Month, changes: Sequence[PointChange]) -> bytes:
    """増減点連絡書の書出 — header, title, first and following details of each receipt, summary."""
    rows = [["1", _era_month(claim_month), payer, *[""] * 27], ["2", "増減点連絡書", *[""] * 28]]
    before: PointChange | None = None
    for one in changes:
        row = [""] * 30
        is_following = before is not None and _follows(one, before)
        row[0] = "4" if is_following else "3"
        if not is_following:
            row[1], row[2] = _era_month(one.service_month), str(one.number)
            row[17], row[18], row[28] = one.patient_name, one.chart_number, one.search_number
        row[19], row[21], row[22], row[23] = one.section, one.law_code, str(one.points), one.reasons
        row[25], row[27] = one.claimed, one.corrected
        rows.append(row)
        before = one
    rows.append(["6", str(len(changes)), str(sum(one.points for one in changes)), *[""] * 27])
    return b"".join(_unquoted(row) for row in rows)


def _follows(one: PointChange, before: PointChange) -> bool:
    """A following detail takes what it leaves empty from the row above."""
    is_same = all(getattr(one, name) == getattr(before, name) for name in _OF_RECEIPT)
    return (
        is_same and (bool(one.section) or not before.section) and (bool(one.law_code) or not before.law_code)
    )


_POINT_ITEMS = 30
_OF_RECEIPT = ("search_number", "number", "service_month", "patient_name", "chart_number")


def read_points(data: bytes) -> tuple[PointChange, ...]:
    """増減点連絡書の読取 — kinds 3 and 4 only; an empty item of a following detail is that of the row above."""
    head, *rows = result_rows(data) or ((),)
    if head[:1] != ("1",) or any(len(row) < _POINT_ITEMS for row in rows):
        raise _unreadable("増減点連絡書")
    found: list[PointChange] = []
    for cut in review_cuts(data):
        if cut.service_month is None or cut.points is None or not cut.receipt_number.isdigit():
            raise _unreadable("増減点連絡書")
        found.append(
            PointChange(
                cut.service_month, int(cut.receipt_number), cut.patient_name, cut.chart_number, cut.section,
                cut.payer_law, cut.points, "".join(cut.reasons), cut.claimed, cut.corrected, cut.search_number,
            )
        )  # fmt: skip
    return tuple(found)


def write_payment(payment: Payment) -> bytes:
    """振込額の書出 — a head row with the sum, and one row a kind."""
    head = [_PAYMENT, payment.payer, payment.claim_month.text, f"{payment.paid_on:%Y%m%d}"]
    rows = [[*head, str(payment.total_yen)]]
    rows += [[one.kind, str(one.count), str(one.points), str(one.yen)] for one in payment.lines]
    return _table(rows)


def read_payment(data: bytes) -> Payment:
    """振込額の読取 — raises ``BadInput`` when the lines do not add up to the sum."""
    head, *rows = _rows(data, _PAYMENT, 4)
    try:
        lines = tuple(PaymentLine(r[0], int(r[1]), int(r[2]), int(r[3])) for r in rows)
        payment = Payment(head[1], _month(head[2]), _day(head[3]), int(head[4]), lines)
    except (ValueError, IndexError) as wrong:
        raise _unreadable(_PAYMENT) from wrong
    if sum(one.yen for one in lines) != payment.total_yen:
        raise _unreadable("振込額の内訳と合計が合わない")
    return payment


def _returned(found: AsReceived, name: str) -> ReturnedReceipt:
    receipt = found.receipt
    history = tuple(each.raw.rstrip(b"\r\n") for each in receipt.records if each.is_history)
    own = Receipt([each for each in receipt.records if not each.is_history and each.id != "HR"])
    reasons = []
    for each in found.reasons:
        if each.handled_month is None:
            raise _unreadable(f"年月 {each.record.value(2)}")
        reasons.append(
            ReturnReason(
                each.handled_month, each.kind, each.section, each.reason_code, each.reason, each.supplement
            )
        )
    if not reasons:
        raise _unreadable(name)
    return ReturnedReceipt(own, tuple(reasons), found.search_number, history)


def _unquoted(row: Sequence[str]) -> bytes:
    """A row without quotes, as claim files are: a comma inside an item is written in full width."""
    values = [each.replace(",", "，") for each in row]
    if any(char < " " for each in values for char in each):
        raise _unreadable("改行や制御文字のある項目")
    return _encoded(",".join(values)) + CRLF


def _table(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return _encoded(text.getvalue())


def _encoded(text: str) -> bytes:
    plain = characters.settle(characters.without_selectors(text))
    try:
        return plain.encode("cp932")
    except UnicodeEncodeError as strange:
        raise _unreadable(f"文字 {plain[strange.start]}") from strange


def _rows(data: bytes, first: str, least: int) -> list[list[str]]:
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode("cp932"))) if row]
    except (UnicodeDecodeError, csv.Error) as wrong:
        raise _unreadable(first) from wrong
    if not rows or rows[0][0] != first or any(len(row) < least for row in rows[1:]):
        raise _unreadable(first)
    return rows


def _line(values: Sequence[str]) -> bytes:
    return encode_record(Record(0, b"", tuple(characters.settle(each) for each in values)))


def _era_month(month: Month) -> str:
    """5-digit GYYMM, as these files still write it; 5 is 令和."""
    return f"5{month.year - 2018:02d}{month.month:02d}"


def _month(text: str) -> Month:
    found = parse_month(text) if len(text) == 6 else None
    if found is None:
        raise ValueError(text)
    return found


def _day(text: str) -> date:
    found = parse_day(text) if len(text) == 8 else None
    if found is None:
        raise ValueError(text)
    return found


def _unreadable(what: str) -> BadInput:
    return BadInput([Finding("UKE-R-04", Severity.BLOCK, Where(), "claims.result.UKE-R-04", {"what": what})])
