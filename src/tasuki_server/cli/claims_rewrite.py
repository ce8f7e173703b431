# SPDX-License-Identifier: Apache-2.0
"""書直し — `./tasuki claims rewrite FILE --out FILE`: written again record by record, in bounded memory."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tasuki_server.cli.claims_stream import file_argument, opened
from tasuki_server.cli.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.reader import ClaimReader
    from tasuki.claims.records import Record

_KEPT_SHOWN = 1000


def add_rewrite(verbs: Any) -> None:
    """引数 — the file, where to write, and whether to mend it."""
    rewrite = verbs.add_parser("rewrite", help=say("読んだとおりに書き直す", "write what was read"))
    file_argument(rewrite)
    rewrite.add_argument(
        "--out", metavar="FILE", type=Path, required=True, help=say("書き出すファイル", "file to write")
    )
    rewrite.add_argument(
        "--conform", action="store_true",
        help=say("提出できる形（シフトJIS、CRLF、EOF、西暦、項目数）に直す", "make it what a payer accepts"),
    )  # fmt: skip
    rewrite.set_defaults(verb=_rewrite)


class _Watched:
    """A stream that knows the digest and the size of what went through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        return self._seen(self._stream.read(size))

    def write(self, data: bytes) -> None:
        self._stream.write(self._seen(data))

    def _seen(self, data: bytes) -> bytes:
        self.digest.update(data)
        self.size += len(data)
        return data


def _rewrite(args: argparse.Namespace) -> int:
    from tasuki.claims.reader import ClaimReader
    from tasuki_server.cli.writing import writing

    with opened(args.file) as stream, writing(args.out) as target:
        given, made = _Watched(stream), _Watched(target)
        reader = ClaimReader(given, args.file)  # type: ignore[arg-type]
        kept = _conform(reader, made) if args.conform else _restore(reader, made)
    is_equal = given.digest.digest() == made.digest.digest()
    result = {
        "path": str(args.out),
        "bytes": made.size,
        "is_equal": is_equal,
        "kept_lines": kept[:_KEPT_SHOWN],
    }
    if args.format == "json":
        print(json.dumps(result, ensure_ascii=False))
    else:
        equal = say("元と同じ", "equal to the input") if is_equal else say("元と異なる", "differs")
        print(f"{args.out}: {made.size:,} {say('バイト', 'bytes')}, {equal}")
    return 0


def _records(reader: ClaimReader) -> Iterator[tuple[tuple[Record, ...], bool]]:
    # The records of each receipt and those around them; whether they hold a 診断群分類: those have no layout.
    before_given = False
    for receipt in reader:
        if not before_given:
            yield reader.before, False
            before_given = True
        reader.take_findings()
        yield receipt.records, any(record.values[0] == "BU" for record in receipt.records)
    if not before_given:
        yield reader.before, False
    yield reader.after, False


def _restore(reader: ClaimReader, target: _Watched) -> list[int]:
    from tasuki.claims.rewrite import BOM, restore_records

    kept: list[int] = []
    started = False
    for records, _ in _records(reader):
        if not started and reader.has_bom:
            target.write(BOM)
        started = True
        lines, kept_here = restore_records(records, reader.encoding)
        target.write(lines)
        kept.extend(kept_here[: max(0, _KEPT_SHOWN - len(kept))])
    target.write(reader.facts.tail)
    return kept


def _conform(reader: ClaimReader, target: _Watched) -> list[int]:
    from tasuki.claims.fee_tables import FeeTable, fee_table_of
    from tasuki.claims.rewrite import conform_record
    from tasuki.claims.writer import EOF
    from tasuki.kernel.finding import BadInput, Finding

    faults: list[Finding] = []
    is_medical: bool | None = None
    for records, is_dpc in _records(reader):
        if is_medical is None:
            is_medical = fee_table_of(reader.before) is FeeTable.MEDICAL
        for record in records:
            line, found = conform_record(
                record, reader.encoding, reader.name, is_medical=is_medical and not is_dpc
            )
            faults.extend(found[: max(0, _KEPT_SHOWN - len(faults))])
            if not faults:
                target.write(line)
    if faults:
        raise BadInput(faults)
    target.write(EOF)
    return []
