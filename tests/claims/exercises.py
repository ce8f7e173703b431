# SPDX-License-Identifier: Apache-2.0
"""What every input must survive, whatever it holds: no crash, nothing lost, the same answer by every way of reading.

:func:`light` is asked of every input, :func:`full` of some. Whatever they raise is a finding.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from claims import invented_file as made
from tasuki.claims.checks.run import check_file
from tasuki.claims.compare import compare_receipts
from tasuki.claims.fee_tables import FeeTable, fee_table_of
from tasuki.claims.item_values import Month
from tasuki.claims.reader import ClaimReader, read
from tasuki.claims.receipt import ClaimFile
from tasuki.claims.result_files import (
    read_acceptance,
    read_payment,
    read_points,
    read_returns,
    write_acceptance,
    write_payment,
    write_points,
    write_returns,
)
from tasuki.claims.returns import reclaim_file, returned_receipts
from tasuki.claims.review_results import result_rows, review_cuts
from tasuki.claims.rewrite import conform, restore
from tasuki.claims.view import other_receipt_text, other_receipt_view, receipt_text, receipt_view
from tasuki.kernel.finding import BadInput, Finding
from tasuki.kernel.messages import sentence

INSTITUTION = made.record("IR", **made.INSTITUTION[1])
RESULTS: dict[str, Callable[[bytes], Any]] = {
    "points": read_points, "acceptance": read_acceptance, "payment": read_payment,
}  # fmt: skip
WRITERS: dict[str, Callable[[Any], bytes]] = {
    "points": lambda found: write_points("1", Month(2026, 11), found),
    "acceptance": write_acceptance,
    "payment": write_payment,
}


class Broken(AssertionError):
    """A promise that an input broke."""


class Drops(io.RawIOBase):
    """A stream that gives a few bytes a time, as a pipe may."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._at, self._size = data, 0, size

    def read(self, size: int = -1) -> bytes:
        given = self._data[self._at : self._at + min(self._size, size if size > 0 else self._size)]
        self._at += len(given)
        return given


def light(kind: str, data: bytes) -> None:
    """Read, told and written back; results and returns read to their values."""
    if kind in RESULTS:
        _result(kind, data)
        return
    file = read(data, "x")
    if restore(file) != data:
        raise Broken("not written back byte for byte")
    told(file.findings)
    if kind == "returned":
        _returned(data, file)
    elif kind != "medical":
        _shown(file)


def full(kind: str, data: bytes) -> None:
    """The same, and checks, views, comparison, mending, reading in drops and the commands that stream."""
    light(kind, data)
    file = read(data, "x")
    told(check_file(file))
    _shown(file)
    if any(compare_receipts(file.receipts, file.receipts, fee_table_of(file.before))):
        raise Broken("a file differs from itself")
    _mended(data)
    for size in (1, 7, 64):
        reader = ClaimReader(Drops(data, size), "x")  # type: ignore[arg-type]
        receipts = tuple(reader)
        if (
            ClaimFile(reader.before, receipts, reader.after, reader.facts, tuple(reader.findings()), "x")
            != file
        ):
            raise Broken(f"read otherwise in drops of {size} bytes")  # fmt: skip


def told(findings: Iterable[Finding]) -> None:
    for finding in findings:
        if not sentence(finding):
            raise Broken("a finding without a sentence")


def _refused(refused: BadInput) -> None:
    if not refused.findings:
        raise Broken("refused without a reason")
    told(refused.findings)


def _shown(file: ClaimFile) -> None:
    for receipt in file.receipts:
        table = fee_table_of(file.before, receipt)
        if table is FeeTable.MEDICAL:
            receipt_text(receipt_view(receipt, file.institution, None))
        else:
            other_receipt_text(other_receipt_view(receipt, table))


def _mended(data: bytes) -> None:
    try:
        mended = conform(data, "x")
    except BadInput as refused:
        _refused(refused)
    else:
        # A few bytes may be text in both encodings; the reader then says which it took.
        is_told = any(finding.code == "UKE-F-01" for finding in read(mended, "x").findings)
        if not is_told and conform(mended, "x") != mended:
            raise Broken("mending twice is not mending once")


def _returned(data: bytes, file: ClaimFile) -> None:
    found = returned_receipts(file)
    try:
        again = read(reclaim_file(INSTITUTION, [(one, one.receipt) for one in found]))
    except (BadInput, UnicodeEncodeError) as refused:
        if isinstance(refused, BadInput):
            _refused(refused)
    else:
        for one, claimed in zip(found, again.receipts, strict=True):
            kept = [line.raw.rstrip(b"\r\n") for line in one.receipt.history]
            if [line.raw.rstrip(b"\r\n") for line in claimed.history] != kept:
                raise Broken("the history of a receipt claimed again is not what came back")
    try:
        given = read_returns(data)
    except BadInput as refused:
        _refused(refused)
        return
    try:
        written = write_returns("1", ("13", "9990001", "架空医院"), given)
    except UnicodeEncodeError:
        return
    if [one.reasons for one in read_returns(written)] != [one.reasons for one in given]:
        raise Broken("returns written are not the returns read")


def _result(kind: str, data: bytes) -> None:
    for cut in review_cuts(data):
        repr(cut)
    result_rows(data)
    try:
        found = RESULTS[kind](data)
    except BadInput as refused:
        _refused(refused)
        return
    try:
        written = WRITERS[kind](found)
    except BadInput as refused:
        _refused(refused)
        return
    if RESULTS[kind](written) != found:
        raise Broken(f"{kind} written is not what was read")


def commands(data: bytes) -> None:
    """`claims rewrite`, `diff` and `read` stream a file: byte for byte, no difference from itself, never our fault."""
    from tasuki_server.cli.main import main

    with tempfile.TemporaryDirectory() as folder:
        given, made_again = Path(folder) / "a.UKE", Path(folder) / "b.UKE"
        given.write_bytes(data)
        for verb in (
            ["rewrite", str(given), "--out", str(made_again)],
            ["diff", str(given), str(given)],
            ["read", str(given)],
            ["rewrite", str(given), "--conform", "--out", f"{folder}/c.UKE"],
        ):
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
                answer = main(["claims", *verb])
            if answer not in (0, 1, 2) or (answer and verb[0] == "diff"):
                raise Broken(f"claims {verb[0]} ends with {answer}: {said.getvalue()[-200:]}")
        if made_again.read_bytes() != data:
            raise Broken("claims rewrite does not give back the bytes")


def columns(data: bytes) -> None:
    """Both ways into columns agree, and the plain way is never quiet where the reader would speak."""
    from tasuki.claims.columns import Source, columns_of, ranges_of, read_range
    from tasuki.claims.columns.objects import columns_of_receipts

    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        plan = ranges_of(Path(file.name), 1, 1_000)
        if not plan.is_plain:
            return
        source = Source(1, plan.institution)
        parts = [columns_of(read_range(each), each.first_line, source) for each in plan.ranges]
    reader = ClaimReader(io.BytesIO(data))
    slow = columns_of_receipts(reader, source)
    for at, table in enumerate(slow):
        rows = [row for part in parts for row in part[at].to_pylist()]
        if rows != table.to_pylist():
            raise Broken("columns differ from objects")
    if all(part.is_plain for part in parts) and tuple(reader.findings()):
        raise Broken("the columns pass over what the reader reports")
