# SPDX-License-Identifier: Apache-2.0
"""レコード — a line of a prescription file as it was read, and the document it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki.kernel.finding import Finding
    from tasuki.prescriptions.layout import Format, Layout


class Record(NamedTuple):
    """レコード — line number from 1, the items as text with the record number first, and the line end it came with."""

    line: int
    values: tuple[str, ...]
    end: str = ""

    @property
    def number(self) -> str:
        """レコード番号 — the first item."""
        return self.values[0]

    def item(self, number: int) -> str:
        """項目 — by its official number from 1, "" when the record is too short."""
        return self.values[number] if number < len(self.values) else ""


@dataclass(frozen=True, slots=True)
class Document:
    """処方データ — format, version and header items, every record, and how the bytes were laid out.

    ``kept`` holds the bytes where Shift_JIS has two codes for a character and the text cannot tell which stood there.
    """

    format: Format
    header: Record
    records: tuple[Record, ...]
    encoding: str
    tail: bytes = b""
    has_bom: bool = False
    kept: bytes = b""
    name: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def version(self) -> str:
        """バージョン — what follows the name of the format in the header."""
        return self.header.number.removeprefix(self.format.prefix)

    def layout(self, record: Record) -> Layout | None:
        """レコード様式 — None for a record the format does not have."""
        return self.format.layouts.get(record.number)

    def of(self, number: str) -> Iterator[Record]:
        """レコードの選択 — those of a number, in order."""
        return (each for each in self.records if each.number == number)

    def value(self, number: str, name: str) -> str:
        """項目の値 — of the first record of that number, by our name; "" when there is none."""
        for record in self.of(number):
            return self.item(record, name)
        return ""

    def item(self, record: Record, name: str) -> str:
        """項目の値 — of a record, by our name. Raises ``KeyError`` for a name the record does not have."""
        return record.item(self.format.layouts[record.number].field(name).number)
