# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの逐次処理 — files opened as streams, receipts chosen from them, findings shown."""

from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tasuki_server.cli.words import Stop, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tasuki.claims.reader import ClaimReader
    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import IR
    from tasuki.kernel.finding import Finding


def file_argument(parser: argparse.ArgumentParser) -> None:
    """ファイルの引数 — a path, or - for stdin."""
    parser.add_argument(
        "file", metavar="FILE", help=say("請求ファイル（- は標準入力）", "claim file (- for stdin)")
    )


def number_argument(parser: argparse.ArgumentParser) -> None:
    """レセプト番号の引数 — which receipts."""
    parser.add_argument(
        "--receipt", metavar="N", type=int, action="append", help=say("レセプト番号（何度でも）", "receipt number (repeatable)")
    )  # fmt: skip


@contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """入力の流れ — the file, or standard input for "-". Raises :class:`Stop` when it cannot be read."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - closed below; a fault of the block is not one of opening
    except OSError as trouble:
        raise Stop(
            f"{name} を読めません（{trouble.strerror}）。", f"Cannot read {name} ({trouble.strerror})."
        ) from trouble
    with stream:
        yield stream


def institution_of(reader: ClaimReader) -> IR | None:
    """医療機関情報 — of the file being read, from its first receipt on."""
    from tasuki.claims.records import IR

    return next((IR(record) for record in reader.before if record.id == "IR"), None)


def chosen_receipts(reader: ClaimReader, numbers: list[int] | None) -> Iterator[Receipt]:
    """選んだレセプト — all without ``numbers``. Raises :class:`Stop` at the end when one was not there."""
    missing = set(numbers or ())
    for receipt in reader:
        number = receipt.header.receipt_number
        if not numbers or number in numbers:
            missing.discard(number or 0)
            yield receipt
    if missing:
        text = ", ".join(str(number) for number in sorted(missing))
        raise Stop(f"レセプト番号 {text} はありません。", f"There is no receipt {text}.")


def plain(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """指摘のJSON — findings as plain values with their sentences."""
    from tasuki.kernel.messages import sentence

    return [
        {
            "code": finding.code,
            "severity": finding.severity.value,
            "owner": finding.where.file,
            "line": finding.where.line,
            "record": finding.where.record,
            "field": finding.where.field,
            "message": sentence(finding),
        }
        for finding in findings
    ]


def tell(findings: Iterable[Finding]) -> None:
    """指摘の表示 — one line each."""
    from tasuki.kernel.messages import sentence

    marks = {
        "block": say("提出不可", "BLOCK"),
        "confirm": say("要確認", "CONFIRM"),
        "advice": say("参考", "ADVICE"),
    }
    for finding in findings:
        print(f"{marks[finding.severity.value]} {finding.code} {sentence(finding)}")


def exit_code(findings: Iterable[Finding]) -> int:
    """終了コード — 1 when a finding is more than advice."""
    return 1 if any(finding.severity.value != "advice" for finding in findings) else 0
