# SPDX-License-Identifier: Apache-2.0
"""審査の筋書き — decisions a rehearsal needs, chosen by rule and not by chance, so that they come again the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasuki.claims.reader import read
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import Line
from tasuki_server.masters_source import current_book
from tasuki_server.receiving.models import Decision, Delivery, ReceivedReceipt

SCENARIOS = {
    "one_of_each": "返戻1件・減点1件（各ファイル）",
    "return": "返戻1件（各ファイル）",
    "cut": "減点1件（各ファイル）",
}
_RETURN_TEXT = "診療内容に対する病名の記載を確認してください。"
_CUT_TEXT = "算定なし"


def play_scenario(name: str, deliveries: Sequence[Delivery], by: str) -> None:
    """筋書きの実行 — on receipts without an error that nobody decided on; a file too small gets what fits.

    Receipts claimed again are left alone, so that a rehearsal can come to its end.
    """
    for delivery in deliveries:
        receipts = read(bytes(delivery.data)).receipts
        free = [
            (row, receipt)
            for row, receipt in zip(delivery.receipts.order_by("number"), receipts, strict=True)
            if _is_free(row)
        ]
        if name in ("one_of_each", "return") and free:
            row, _ = free.pop(0)
            Decision.objects.create(receipt=row, kind="return", code="", text=_RETURN_TEXT, made_by=by)
        if name in ("one_of_each", "cut"):
            _cut_first(free, by)


def cuttable(receipt: Receipt) -> Iterator[tuple[str, str, int]]:
    """査定できる明細 — section, name and points of each unit with an act in it, the largest first."""
    book = current_book()
    found = []
    for group in receipt.groups:
        for unit in group.units:
            code = next((line.code for line in unit.lines if isinstance(line, Line)), "")
            rows = book.acts.get(code)
            if unit.points and rows:
                found.append((group.section, rows[0].name, unit.points))
    yield from sorted(found, key=lambda each: -each[2])


def _cut_first(free: Sequence[tuple[ReceivedReceipt, Receipt]], by: str) -> None:
    for row, receipt in free:
        # The first fee of a visit is never doubted by a script; what is left must stay above nothing.
        unit = next(
            (each for each in cuttable(receipt) if each[0] not in ("11", "12") and each[2] < row.points), None
        )
        if unit is not None:
            section, name, points = unit
            Decision.objects.create(
                receipt=row, kind="cut", code="B", text=_CUT_TEXT, section=section, item=f"{name} {points}×1",
                points=-points, made_by=by,
            )  # fmt: skip
            return


def _is_free(row: ReceivedReceipt) -> bool:
    return (
        not row.is_returned_before
        and row.payable_yen is not None
        and not any(each["severity"] in ("block", "confirm") for each in row.findings)
        and not row.decisions.exists()
    )
