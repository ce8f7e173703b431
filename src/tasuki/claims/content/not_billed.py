# SPDX-License-Identifier: Apache-2.0
"""算定漏れの点検 — what could have been billed: judgement fees beside tests, a basic fee, prescribing beside drugs.

What a fee of the receipt contains by 電子点数表 is not missed. The table does not tell all of that: always advice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.rules.tests.judgment_fees import NUCLEAR_GROUPS, judgment_codes
from tasuki.claims.checks.diseases import book_of_month
from tasuki.claims.checks.rule import Context, Hit, hit
from tasuki.claims.recalculate.differences import Cause
from tasuki.claims.records import IY, SI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.receipt import Receipt
    from tasuki.masters.book import DayBook
    from tasuki.masters.rows import Act

_TEST = "1"  # 検査等実施判断区分
_BASIC_SECTIONS = frozenset({"11", "12", "13", "14"})
_OWN_DRUGS = frozenset({"21", "22", "23"})
_DRUG_CODES, _TEST_CODES = "120", "160"  # heads of the codes of 投薬 and 検査
_PRESCRIBING, _DISPENSING = "F100", "F000"


def judgement_fees(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """判断料の算定漏れ — a test of a group whose judgement fee stands nowhere on the receipt.

    Fees of which a doctor's own advice is asked (ロービジョン検査判断料) are no group's: they are billed when ordered.

    Cite: 医科点数表 D026 検体検査判断料, D205, D238, D241, D294, E102, E203; 医科診療行為マスター col 50・51
    """
    book = book_of_month(receipt, context)
    if context.content is None or book is None or _has_unknown(receipt, book, _TEST_CODES):
        return
    fees = judgment_codes(book.book)
    rows = list(_acts(receipt, book))
    here = {line.code for line, _ in rows}
    told: set[str] = set()
    for line, row in rows:
        groups = NUCLEAR_GROUPS if row.judgment_group in NUCLEAR_GROUPS else (row.judgment_group,)
        codes = {code for group in groups for code in fees.get(group, ())}
        if row.judgment_kind != _TEST or not codes or codes & here or not told.isdisjoint(groups):
            continue
        told.update(groups)
        if codes.isdisjoint(one.code for one in _contained(receipt, book)):
            yield hit("N02", line.record, 4, name=row.name, text=line.code)


def basic_fee(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """基本診療料の算定漏れ — an outpatient receipt without a first visit, a revisit, management or home care."""
    kind = receipt.type
    if context.content is None or kind is None or kind.is_inpatient or not receipt.lines:
        return
    if not any(group.section in _BASIC_SECTIONS for group in receipt.groups):
        yield hit("N03", receipt.header.record, 0)


def prescribing_fees(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """投薬の算定漏れ — drugs handed out here without 処方料 or 調剤料.

    Cite: 医科点数表 F000 調剤料; F100 処方料
    """
    book = book_of_month(receipt, context)
    kind = receipt.type
    if context.content is None or book is None or kind is None or kind.is_inpatient:
        return
    drugs = [
        line
        for group in receipt.groups
        if group.section in _OWN_DRUGS
        for unit in group.units
        for line in unit.lines
        if isinstance(line, IY)
    ]
    if not drugs or _has_unknown(receipt, book, _DRUG_CODES):
        return
    sections = {row.section for _, row in _acts(receipt, book)}
    if not {_PRESCRIBING, _DISPENSING} <= sections:
        sections |= {row.section for row in _contained(receipt, book)}
    if _PRESCRIBING not in sections:
        yield hit("N04", drugs[0].record, 4)
    if _DISPENSING not in sections:
        yield hit("N05", drugs[0].record, 4)


def recalculated(receipt: Receipt, context: Context) -> Iterator[Hit]:
    """再算定の提案 — lines that the calculation would grant and the receipt does not have."""
    number = receipt.header.receipt_number
    if context.content is None or number is None:
        return
    for one in context.content.differences.get(number, ()):
        if one.cause is Cause.NOT_BILLED and one.billed is None:
            names = "・".join(one.names)
            yield hit(
                "N01", receipt.header.record, 0, day=one.day, name=names, points=one.calculated or 0,
                why=one.sentence,
            )  # fmt: skip


def _contained(receipt: Receipt, book: DayBook) -> Iterator[Act]:
    """包括される行為 — what a comprehensive fee of the receipt contains, so that it is not billed by itself.

    Cite: 医科電子点数表 02 包括・被包括テーブル
    """
    groups = {
        parent.group for line, _ in _acts(receipt, book) for parent in book.book.parents.get(line.code, ())
    }
    for group in sorted(groups):
        for member in book.book.members.get(group, ()):
            rows = book.book.acts.get(member.code)
            if rows:
                yield rows[-1]


def _has_unknown(receipt: Receipt, book: DayBook, head: str) -> bool:
    """Whether an act of a chapter is not in the book at hand: it may be the fee that seems to be missing."""
    lines = [line for line in receipt.lines if isinstance(line, SI) and line.code.startswith(head)]
    return any(line.code not in book.book.acts for line in lines)


def _acts(receipt: Receipt, book: DayBook) -> Iterator[tuple[SI, Act]]:
    for line in receipt.lines:
        rows = book.book.acts.get(line.code) if isinstance(line, SI) else None
        if isinstance(line, SI) and rows:
            yield line, rows[-1]


RULES = (recalculated, judgement_fees, basic_fee, prescribing_fees)
