# SPDX-License-Identifier: Apache-2.0
"""受診ファイルの算定 — VISIT.json to a statement, refused when a code or day cannot be used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tasuki.calculation.account_trace import account_trace
from tasuki.calculation.calculate import calculate
from tasuki.calculation.file_payers import FileAccount
from tasuki.calculation.payers import calculate_account
from tasuki.calculation.trace import FORM, finding_trace
from tasuki.calculation.visit_json import decode_visit
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.masters.book import EndedCode, OutOfBook, UnknownCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.calculation.payers import PayerPart
    from tasuki.calculation.statement import Statement
    from tasuki.calculation.visit_json import VisitCase
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book, DayBook

register(
    {
        "calculation.out_of_book": "受診日 {day} は取り込まれている改定（{revisions}）の外です。マスターを取り込んでください。",
        "calculation.unknown_disease": "傷病名・修飾語のコード {code} はマスターにありません。",
        "calculation.ended_disease": "傷病名・修飾語のコード {code} は {day} には使えません。",
    }
)


def calculate_file(data: bytes, book: Book, file: str = "", own: Institution | None = None) -> Statement:
    """受診ファイルの算定 — the statement of a visit file; ``own`` is the institution of a file that names none.

    Raises :class:`BadInput` for a file, code, quantity or day that cannot be used, naming its member.
    """
    return account_of_file(data, book, file, own).statement


def account_of_file(data: bytes, book: Book, file: str = "", own: Institution | None = None) -> FileAccount:
    """受診ファイルの会計 — the statement, and the account of every payer where the file has ``payers``.

    Raises :class:`BadInput` as :func:`calculate_file` does.
    """
    return account_of_case(decode_visit(data, file, own), book, file)


def calculate_case(case: VisitCase, book: Book, file: str = "") -> Statement:
    """受診の算定 — the statement of a decoded visit file. Raises :class:`BadInput` as :func:`calculate_file` does."""
    return account_of_case(case, book, file).statement


def account_of_case(case: VisitCase, book: Book, file: str = "") -> FileAccount:
    """受診の会計 — of a decoded visit file. Raises :class:`BadInput` as :func:`calculate_file` does."""
    day = case.visit.day
    try:
        on_day = book.at(day)
    except OutOfBook as out:
        revisions = "、".join(revision.name for revision in out.revisions)
        where = Where(file=file, field="visit.at")
        facts = {"day": day, "revisions": revisions}
        raise BadInput(
            [Finding("CAL-0111", Severity.BLOCK, where, "calculation.out_of_book", facts)]
        ) from out
    told = _told(case, book)
    statement = told.statement
    blocking = [
        *_disease_findings(case, on_day, file),
        *(
            replace(finding, where=_where(case, finding, file))
            for finding in statement.findings
            if finding.severity is Severity.BLOCK
        ),
    ]
    if blocking:
        raise BadInput(blocking)
    return told


def _told(case: VisitCase, book: Book) -> FileAccount:
    """The main part is that of health insurance, else the first, as at the desk; it carries every finding."""
    if case.payers is None:
        return FileAccount(calculate(case.visit, case.institution, case.history, book))
    account = calculate_account(case.visit, case.institution, case.history, book, case.payers.settings)
    main = account.health or account.parts[0]
    found = [*account.findings]
    for part in account.parts:
        found.extend(replace(each, where=_payer_place(case, part, each)) for each in part.findings)
    statement = replace(main.statement, findings=tuple(found))
    return FileAccount(statement, account, case.payers.charges)


def _payer_place(case: VisitCase, part: PayerPart, finding: Finding) -> Where:
    """The member about the kind of a payer: ``insurance``, or the one of ``payers.others``."""
    others = case.visit.coverage.others
    if finding.where.field != "insurance.kind" or part.payer not in others:
        return finding.where
    return replace(finding.where, field=f"payers.others[{others.index(part.payer)}].kind")


def calculate_lines(lines: Iterable[bytes], book: Book, file: str = "") -> Iterator[dict[str, Any]]:
    """受診ファイルの一括算定 — one trace a line; a line that cannot be used gives its findings instead.

    Empty lines are passed over; a finding names the line it is on.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield account_trace(account_of_file(line, book, file))
        except BadInput as bad:
            found = (replace(each, where=replace(each.where, line=number)) for each in bad.findings)
            yield {"schema": FORM, "line": number, "findings": [finding_trace(each) for each in found]}


def _disease_findings(case: VisitCase, book: DayBook, file: str) -> Iterator[Finding]:
    for index, diagnosis in enumerate(case.visit.diagnoses):
        codes = [("code", diagnosis.code, book.disease)]
        codes += [(f"modifiers[{i}]", code, book.modifier) for i, code in enumerate(diagnosis.modifiers)]  # type: ignore[misc]
        for name, code, look_up in codes:
            where = Where(file=file, field=f"diagnoses[{index}].{name}")
            try:
                look_up(code)
            except UnknownCode:
                key = "calculation.unknown_disease"
                yield Finding("CAL-0112", Severity.BLOCK, where, key, {"code": code})
            except EndedCode:
                key = "calculation.ended_disease"
                yield Finding("CAL-0113", Severity.BLOCK, where, key, {"code": code, "day": case.visit.day})


def _where(case: VisitCase, finding: Finding, file: str) -> Where:
    """The member of the file that an order's finding is about, by the id of the order and the code."""
    orders = case.visit.orders
    index = next((i for i, order in enumerate(orders) if order.id == finding.where.record), None)
    if index is None:
        return replace(finding.where, file=file)
    codes = [item.code for item in orders[index].items]
    if finding.where.field in codes:
        return Where(file=file, field=f"orders[{index}].items[{codes.index(finding.where.field)}].code")
    return Where(file=file, field=f"orders[{index}].{finding.where.field}")
