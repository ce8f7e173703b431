# SPDX-License-Identifier: Apache-2.0
"""読取と点検 — `./tasuki claims read|check FILE`: receipts shown and judged one by one as they are read."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tasuki_server.cli.claims_beside import Beside, add_beside, add_past, is_starter
from tasuki_server.cli.claims_stream import (
    exit_code,
    file_argument,
    institution_of,
    number_argument,
    opened,
    plain,
    tell,
)
from tasuki_server.cli.words import progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.checks.run import FileCheck
    from tasuki.claims.content.not_judged import NotJudged
    from tasuki.claims.points import FileTotals
    from tasuki.claims.reader import ClaimReader
    from tasuki.claims.recalculate.differences import Difference
    from tasuki.claims.receipt import Receipt
    from tasuki.kernel.finding import Finding
    from tasuki.masters.book import Book


def add_read(verbs: Any) -> None:
    """引数 — the file and the receipts to show."""
    read = verbs.add_parser(
        "read", help=say("請求ファイルを読み、点検して表示する", "read, check and show a file")
    )
    file_argument(read)
    number_argument(read)
    read.add_argument("--no-check", action="store_true", help=say("点検しない", "do not check"))
    read.add_argument(
        "--proposals", action="store_true",
        help=say("再算定して、算定できるかもしれないものも示す", "price the file again and show what could be billed"),
    )  # fmt: skip
    add_past(read)
    add_beside(read)
    read.set_defaults(verb=_read)


class _Reading:
    """One pass over a file: what is shown and found, and the sums of the file at its end."""

    def __init__(self, reader: ClaimReader, args: argparse.Namespace) -> None:
        from tasuki_server.cli.words import Stop
        from tasuki_server.masters_source import current_book

        if args.proposals and args.file == "-":
            raise Stop("--proposals は標準入力には使えません。", "--proposals needs a file, not stdin.")
        self.reader = reader
        self.count = 0
        self.exit_code = 0
        self._args = args
        self._book = current_book()
        self._judging = None if args.no_check else _complete(self._book)
        self._beside = None if args.no_check else Beside(args, self._book)
        self._check: FileCheck | None = None
        self._not_judged: NotJudged | None = None
        self.not_checked: tuple[Finding, ...] = ()
        self.totals: FileTotals

    def receipts(self) -> Iterator[tuple[Receipt | None, tuple[Finding, ...]]]:
        """Each receipt with what was found in it; the file itself last, with None."""
        from tasuki.claims.points import FileTotals

        args, reader = self._args, self.reader
        self.totals = FileTotals(0, 0)
        numbers = set(args.receipt or ())
        missing = set(numbers)
        for receipt in reader:
            self.count += 1
            self.totals = self.totals.plus(receipt)
            found = (*reader.take_findings(), *(() if args.no_check else self._judged(receipt)))
            number = receipt.header.receipt_number
            if numbers and number not in numbers:
                continue
            missing.discard(number or 0)
            yield receipt, self._noted(found)
        ends = (*reader.findings(), *(() if args.no_check else self._ended()))
        if numbers:
            ends = tuple(finding for finding in ends if finding.where.line == 0)
        if missing:
            _refuse(missing)
        yield None, self._noted(ends)

    def _judged(self, receipt: Receipt) -> tuple[Finding, ...]:
        check = self._started()
        if self._not_judged is not None and not check.is_other_fee_table:
            self._not_judged.see(receipt)
        return check.receipt(receipt)

    def _ended(self) -> tuple[Finding, ...]:
        check = self._started()
        if self._not_judged is not None and self.count and not check.is_other_fee_table:
            self.not_checked = self._not_judged.told()
        return check.ends(self.reader.before, self.reader.after)

    def _started(self) -> FileCheck:
        """The checks, made when the head of the file has been read: it says whose claims they are."""
        from tasuki.claims.checks.run import FileCheck
        from tasuki.claims.content.not_judged import NotJudged

        if self._check is None:
            head = institution_of(self.reader)
            beside = self._beside
            content = beside.content(head.institution_code if head else "") if beside else None
            if content is not None and self._args.proposals:
                content = replace(content, differences=_differences(self._args.file, self._book))
            if beside is not None and content is not None:
                self._not_judged = NotJudged(content, beside.others, beside.masters)
            self._check = FileCheck(self.reader.before, self._judging, self.reader.name, content)
        return self._check

    def _noted(self, found: tuple[Finding, ...]) -> tuple[Finding, ...]:
        self.exit_code = max(self.exit_code, exit_code(found))
        return found

    def view(self, receipt: Receipt) -> dict[str, Any]:
        from tasuki.claims.fee_tables import FeeTable, fee_table_of
        from tasuki.claims.view import other_receipt_view, receipt_view

        table = fee_table_of(self.reader.before, receipt)
        if table is not FeeTable.MEDICAL:
            return other_receipt_view(receipt, table)
        return receipt_view(receipt, institution_of(self.reader), self._book)

    def summary(self) -> dict[str, Any]:
        head = institution_of(self.reader)
        return {
            "file": self.reader.name,
            "encoding": self.reader.facts.encoding,
            "institution": head.institution_code if head else "",
            "claim_month": head.record.value(8) if head else "",
            "receipt_count": self.count,
            "payers": self.totals.receipt_count,
            "points": self.totals.total_points,
            "not_checked": plain(self.not_checked),
        }


def _refuse(missing: set[int]) -> None:
    from tasuki_server.cli.words import Stop

    text = ", ".join(str(number) for number in sorted(missing))
    raise Stop(f"レセプト番号 {text} はありません。", f"There is no receipt {text}.")


def _read(args: argparse.Namespace) -> int:
    from tasuki.claims.reader import ClaimReader

    with opened(args.file) as stream:
        reading = _Reading(ClaimReader(stream, args.file), args)
        if args.format == "json":
            _write_json(reading)
        else:
            _write_text(reading)
    return reading.exit_code


def _write_text(reading: _Reading) -> None:
    from tasuki.claims.view import other_receipt_text, receipt_text
    from tasuki.kernel.messages import sentence

    for receipt, findings in reading.receipts():
        if receipt is not None:
            view = reading.view(receipt)
            print(other_receipt_text(view) if "fee_table" in view else receipt_text(view))
            tell(findings)
            print()
            continue
        if receipt is None:
            summary = reading.summary()
            print(
                f"{summary['file']}: {summary['receipt_count']} {say('件', 'receipts')}, "
                f"{say('総件数', 'payers')} {summary['payers']}, "
                f"{say('総合計点数', 'points')} {summary['points']:,}, {summary['encoding']}"
            )
        tell(findings)
    for one in reading.not_checked:
        print(f"{say('点検せず', 'NOT CHECKED')} {one.code} {sentence(one)}")


def _write_json(reading: _Reading) -> None:
    # One object, written piece by piece: findings wait in a file, because receipts stand before them.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        separator = ""
        print('{"receipts": [', end="")
        for receipt, findings in reading.receipts():
            for finding in plain(findings):
                waiting.write(json.dumps(finding, ensure_ascii=False) + "\n")
            if receipt is not None:
                print(separator + json.dumps(reading.view(receipt), ensure_ascii=False), end="")
                separator = ", "
        print('], "findings": [', end="")
        waiting.seek(0)
        separator = ""
        for line in waiting:
            print(separator + line.rstrip("\n"), end="")
            separator = ", "
        print("], " + json.dumps(reading.summary(), ensure_ascii=False)[1:])


def _differences(name: str, book: Book) -> dict[int, tuple[Difference, ...]]:
    """What a recalculation of the whole file says, by receipt number."""
    from tasuki.claims.reader import read
    from tasuki.claims.recalculate import recalculate

    with opened(name) as stream:
        file = read(stream.read(), name)
    return {one.number: one.differences for one in recalculate(file, book).outcomes}


def _complete(book: Book) -> Book | None:
    # A code that the starter set lacks is no error of the claim: only full masters can say so.
    if is_starter(book):
        progress(
            "マスターを取り込んでいないため、コードの有無と点数の点検はしません。内容は初期セットにあるものだけ点検します。",
            "Codes and points are not checked: no official masters are imported. Content is checked by the starter set.",
        )
        return None
    return book
