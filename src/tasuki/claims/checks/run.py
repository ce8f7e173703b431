# SPDX-License-Identifier: Apache-2.0
"""点検の実行 — every rule over a file or a receipt, as findings in stable order."""

from __future__ import annotations

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
    presence,
    totals,
)
from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.checks.rule import Context, Hit, Rule
from tasuki.claims.checks.whole_file import whole_file
from tasuki.claims.content.catalogue import CONTENT_CATALOGUE
from tasuki.claims.content.rules import CONTENT_RULES
from tasuki.kernel.finding import Finding, Severity, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.content.given import Content
    from tasuki.claims.receipt import ClaimFile, Receipt
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
)


def check_file(
    file: ClaimFile, book: Book | None = None, content: Content | None = None
) -> tuple[Finding, ...]:
    """ファイル点検 — the file's own conditions, then every receipt, in the order of the lines.

    The conditions are those of 医科. A file of another fee table is answered with one piece of advice that
    says so, not with findings that do not apply to it.
    """
    head = file.institution
    if _is_other_fee_table(file):
        where = Where(file.name)
        return (Finding("UKE-F-12", Severity.ADVICE, where, "claims.read.UKE-F-12", {}),)
    context = Context(head.payer if head else "", head.claim_month if head else None, book, content)
    found = list(_findings(whole_file(file), file.name))
    for receipt in file.receipts:
        found.extend(check_receipt(receipt, context, file.name))
    return tuple(sorted(found, key=_place))


def check_receipt(receipt: Receipt, context: Context, name: str = "") -> tuple[Finding, ...]:
    """レセプト点検 — of one receipt, in the order of its lines: format and office, and content where it is given."""
    rules = RULES if context.content is None else (*RULES, *CONTENT_RULES)
    hits = (one for rule in rules for one in rule(receipt, context))
    return tuple(sorted(_findings(hits, name), key=_place))


def _is_other_fee_table(file: ClaimFile) -> bool:
    if file.before and file.before[0].id in ("UK", "YK", "HM"):
        return True
    return file.institution is not None and file.institution.fee_table in ("3", "4", "6")


def _findings(hits: Iterable[Hit], name: str) -> Iterator[Finding]:
    for one in hits:
        check = CATALOGUE.get(one.code) or CONTENT_CATALOGUE[one.code]
        item = str(one.item) if one.item else ""
        where = Where(name, one.record.line, one.record.values[0][:10], item)
        yield Finding(check.public_code, check.severity, where, check.message_key, dict(one.facts))


def _place(finding: Finding) -> tuple[int, str]:
    return finding.where.line, finding.code
