# SPDX-License-Identifier: Apache-2.0
"""比較 — `./tasuki claims diff A B`: what changed between two claim files, receipt by receipt."""

from __future__ import annotations

import argparse
import json
import tempfile
import zlib
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from tasuki_server.cli.claims_stream import opened
from tasuki_server.cli.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.claims.compare import ReceiptChange, RecordChange
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

# A part of this size is compared in memory; objects take some twenty times the bytes.
_PART = 8 << 20
_MOST_PARTS = 200


def add_diff(verbs: Any) -> None:
    """引数 — the two files."""
    diff = verbs.add_parser(
        "diff", help=say("二つの請求ファイルをレセプトごとに比べる", "compare two claim files by receipt")
    )
    diff.add_argument("before", metavar="A", help=say("前のファイル", "file before"))
    diff.add_argument("after", metavar="B", help=say("後のファイル", "file after"))
    diff.set_defaults(verb=_diff)


def _diff(args: argparse.Namespace) -> int:
    from tasuki.claims.compare import compare_receipts, compare_records
    from tasuki.claims.fee_tables import fee_table_of

    sizes = [Path(name).stat().st_size if Path(name).is_file() else 0 for name in (args.before, args.after)]
    parts = min(_MOST_PARTS, max(sizes) // _PART + 1)
    counts = {"added": 0, "removed": 0, "changed": 0}
    points = 0
    is_json = args.format == "json"
    with ExitStack() as stack:
        sides = [[stack.enter_context(tempfile.TemporaryFile()) for _ in range(parts)] for _ in range(2)]
        around = [_split(name, side) for name, side in zip((args.before, args.after), sides, strict=True)]
        table = fee_table_of(tuple(around[0]))
        separator = ""
        if is_json:
            print('{"receipts": [', end="")
        for old, new in zip(*sides, strict=True):
            for change in compare_receipts(_receipts(old), _receipts(new), table):
                counts[change.kind] += 1
                points += change.points_difference
                if is_json:
                    print(separator + json.dumps(_plain_receipt(change), ensure_ascii=False), end="")
                    separator = ", "
                else:
                    print("\n".join(_text_receipt(change)))
    outside = tuple(compare_records(*around, table))
    is_equal = not outside and not any(counts.values())
    if is_json:
        rest = {
            "file": [_plain_record(one) for one in outside],
            **counts,
            "points_difference": points,
            "is_equal": is_equal,
        }
        print("], " + json.dumps(rest, ensure_ascii=False)[1:])
    else:
        for one in outside:
            print("\n".join(_text_record(one, "")))
        print(
            f"{say('追加', 'added')} {counts['added']}, {say('削除', 'removed')} {counts['removed']}, "
            f"{say('変更', 'changed')} {counts['changed']}, {say('点数の差', 'points')} {points:+,}"
        )
    return 0 if is_equal else 1


def _split(name: str, parts: list[IO[bytes]]) -> list[Record]:
    """Each receipt into the part its birthday and month name; the records around them are answered."""
    from tasuki.claims.compare import bucket_key
    from tasuki.claims.reader import ClaimReader

    encode = msgspec.json.Encoder().encode
    with opened(name) as stream:
        reader = ClaimReader(stream, name)
        for receipt in reader:
            reader.take_findings()
            at = zlib.crc32("|".join(bucket_key(receipt)).encode()) % len(parts)
            parts[at].write(encode([(one.line, one.values) for one in receipt.records]) + b"\n")
    for part in parts:
        part.seek(0)
    return [*reader.before, *reader.after]


def _receipts(part: IO[bytes]) -> Iterator[Receipt]:
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

    decode = msgspec.json.Decoder(list[tuple[int, tuple[str, ...]]]).decode
    for line in part:
        yield Receipt(Record(number, b"", values) for number, values in decode(line))


def _title(receipt: Receipt) -> dict[str, Any]:
    header = receipt.header
    return {
        "number": header.record.value(2),
        "chart_number": header.chart_number,
        "name": header.patient_name,
        "month": header.record.value(4),
    }


def _plain_receipt(change: ReceiptChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "before": None if change.before is None else _title(change.before),
        "after": None if change.after is None else _title(change.after),
        "points_difference": change.points_difference,
        "records": [_plain_record(one) for one in change.records],
    }


def _plain_record(change: RecordChange) -> dict[str, Any]:
    return {
        "before": None if change.before is None else list(change.before.values),
        "after": None if change.after is None else list(change.after.values),
        "items": [one._asdict() for one in change.items],
    }


def _text_receipt(change: ReceiptChange) -> Iterator[str]:
    word = {
        "added": say("追加", "added"), "removed": say("削除", "removed"), "changed": say("変更", "changed"),
    }[change.kind]  # fmt: skip
    shown = change.after or change.before
    if shown is None:
        return
    title = _title(shown)
    yield (
        f"■ {word} {title['number']} {title['name']}（{title['chart_number']}） "
        f"{title['month']}  {change.points_difference:+,}{say('点', ' points')}"
    )
    for one in change.records:
        yield from _text_record(one, "  ")


def _text_record(change: RecordChange, margin: str) -> Iterator[str]:
    if change.before is None or change.after is None:
        sign, record = ("+", change.after) if change.before is None else ("-", change.before)
        if record is not None:
            yield f"{margin}{sign} {','.join(record.values).rstrip(',')}"
        return
    subject = ",".join(change.after.values[:4]).rstrip(",")
    yield f"{margin}~ {subject}"
    for one in change.items:
        yield f"{margin}    {one.number} {one.term}: {one.before or '—'} → {one.after or '—'}"
