# SPDX-License-Identifier: Apache-2.0
"""点検の実行 — every rule over a file or a receipt, as findings in stable order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tasuki.claims.checks import (
    additions,
    comments,
    diseases,
    header,
    items,
    lines,
    master,
    notes,
    payers,
    points,
    presence,
    totals,
)
from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.checks.rule import Context, Hit, Rule
from tasuki.claims.checks.whole_file import FileConditions
from tasuki.claims.content.catalogue import CONTENT_CATALOGUE
from tasuki.claims.content.rules import CONTENT_RULES
from tasuki.claims.records import IR
from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.content.given import Content
    from tasuki.claims.receipt import ClaimFile, Receipt
    from tasuki.claims.records import Record
    from tasuki.masters.book import Book

RULES: tuple[Rule, ...] = (
    *items.RULES,
    *presence.RULES,
    *header.RULES,
    *notes.RULES,
    *payers.RULES,
    *diseases.RULES,
    *lines.RULES,
    *comments.RULES,
    *totals.RULES,
    *master.RULES,
    *additions.RULES,
    *points.RULES,
)


def check_file(
    file: ClaimFile, book: Book | None = None, content: Content | None = None
) -> tuple[Finding, ...]:
    """ファイル点検 — the file's own conditions, then every receipt, in the order of the lines.

    The conditions are those of 医科. A file of another fee table is answered with one piece of advice that
    says so, not with findings that do not apply to it.
    """
    check = FileCheck(file.before, book, file.name, content)
    found = [finding for receipt in file.receipts for finding in check.receipt(receipt)]
    return tuple(sorted((*found, *check.ends(file.before, file.after)), key=_place))


class FileCheck:
    """逐次点検 — the same conditions asked receipt by receipt, for a file read as a stream or a range of it.

    ``expected`` is the number the first receipt asked of must have.
    """

    def __init__(
        self,
        before: tuple[Record, ...],
        book: Book | None = None,
        name: str = "",
        content: Content | None = None,
        expected: int = 1,
    ) -> None:
        head = next((IR(record) for record in before if record.id == "IR"), None)
        self.name = name
        self.is_other_fee_table = is_other_fee_table(before)
        self._context = Context(head.payer if head else "", head.claim_month if head else None, book, content)
        self._conditions = FileConditions(expected)

    def receipt(self, receipt: Receipt) -> tuple[Finding, ...]:
        """一件の点検 — what is found in one receipt, its place in the file included."""
        if self.is_other_fee_table:
            return ()
        placed = tuple(_findings(self._conditions.receipt(receipt), self.name))
        return tuple(sorted((*placed, *check_receipt(receipt, self._context, self.name)), key=_place))

    def ends(self, before: tuple[Record, ...], after: tuple[Record, ...]) -> tuple[Finding, ...]:
        """ファイルの前後の点検 — after the last receipt."""
        if self.is_other_fee_table:
            where = Where(self.name)
            return (Finding("UKE-F-12", Severity.ADVICE, where, "claims.read.UKE-F-12", {}),)
        return tuple(sorted(_findings(self._conditions.ends(before, after), self.name), key=_place))


def check_receipt(receipt: Receipt, context: Context, name: str = "") -> tuple[Finding, ...]:
    """レセプト点検 — of one receipt, in the order of its lines: format and office, and content where it is given."""
    hits = [one for rule in RULES for one in rule(receipt, context)]
    if context.content is not None:
        asked = replace(context, book=context.book or context.content.book)
        hits += [one for rule in CONTENT_RULES for one in rule(receipt, asked)]
    return tuple(sorted(_findings(hits, name), key=_place))


def check_content(receipt: Receipt, context: Context, name: str = "") -> tuple[Finding, ...]:
    """内容点検 — of one receipt whose format was checked before: its content alone, in the order of its lines."""
    hits = (one for rule in CONTENT_RULES for one in rule(receipt, context))
    return tuple(sorted(_findings(hits, name), key=_place))


def is_other_fee_table(before: tuple[Record, ...]) -> bool:
    """医科以外のファイルか — 歯科, 調剤 or 訪問看護, from the records ahead of the first receipt."""
    if before and before[0].id in ("UK", "YK", "HM"):
        return True
    head = next((IR(record) for record in before if record.id == "IR"), None)
    return head is not None and head.fee_table in ("3", "4", "6")


def _findings(hits: Iterable[Hit], name: str) -> Iterator[Finding]:
    for one in hits:
        check = CATALOGUE.get(one.code) or CONTENT_CATALOGUE[one.code]
        item = str(one.item) if one.item else ""
        where = Where(name, one.record.line, one.record.values[0][:10], item)
        yield Finding(check.public_code, check.severity, where, check.message_key, dict(one.facts))


def _place(finding: Finding) -> tuple[int, str]:
    return finding.where.line, finding.code
