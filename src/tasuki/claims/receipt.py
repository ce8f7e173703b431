# SPDX-License-Identifier: Apache-2.0
"""レセプト — the records of one person's month, in the order they stand, and the file around them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tasuki.claims.groups import Group, groups_of
from tasuki.claims.receipt_type import ReceiptType, parse_type
from tasuki.claims.records import CO, GO, HO, IR, JD, KO, LINE_VIEWS, MF, RE, SJ, SN, SY, Line, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.kernel.finding import Finding


class Receipt:
    """レセプト — one receipt: ``records`` in order, and views of them grouped by kind.

    A returned receipt carries its history block at the end (:attr:`history`); it belongs to no group
    and is kept byte for byte.
    """

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = tuple(records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Receipt) and self.records == other.records

    def __hash__(self) -> int:
        return hash(self.records)

    def of(self, record_id: str) -> tuple[Record, ...]:
        """レコード — every record of an id, in order."""
        return self._by_id.get(record_id, ())

    @cached_property
    def _by_id(self) -> dict[str, tuple[Record, ...]]:
        grouped: dict[str, list[Record]] = {}
        for record in self.records:
            grouped.setdefault(record.values[0], []).append(record)
        return {record_id: tuple(found) for record_id, found in grouped.items()}

    @cached_property
    def header(self) -> RE:
        """レセプト共通 — the RE record; an empty one when a broken file has none."""
        found = self.of("RE")
        return RE(found[0] if found else Record(0, b"", ("RE",)))

    @cached_property
    def type(self) -> ReceiptType | None:
        """レセプト種別 — parsed, None when the code is not in 別表5."""
        return parse_type(self.header.receipt_type)

    @cached_property
    def insurer(self) -> HO | None:
        """保険者 — the HO record."""
        found = self.of("HO")
        return HO(found[0]) if found else None

    @cached_property
    def programmes(self) -> tuple[KO, ...]:
        """公費 — the KO records in order."""
        return tuple(KO(record) for record in self.of("KO"))

    @cached_property
    def diseases(self) -> tuple[SY, ...]:
        """傷病名 — the SY records in order, a donor's not among them."""
        return tuple(SY(record) for record in self.own_records if record.values[0] == "SY")

    @cached_property
    def lines(self) -> tuple[Line | CO, ...]:
        """摘要 — SI, IY, TO and CO in the order they stand."""
        return tuple(
            CO(record) if record.values[0] == "CO" else LINE_VIEWS[record.values[0]](record)
            for record in self.own_records
            if record.values[0] in _LINE_IDS
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """剤 — the lines as they are counted."""
        return tuple(groups_of(self.lines))

    @cached_property
    def own_records(self) -> tuple[Record, ...]:
        """受給者分 — the records before a transplant donor's block, which starts with TI or TR."""
        start = next((at for at, r in enumerate(self.records) if r.values[0] in ("TI", "TR")), None)
        return self.records[:start]

    @property
    def narratives(self) -> tuple[SJ, ...]:
        """症状詳記 — the SJ records."""
        return tuple(SJ(record) for record in self.of("SJ"))

    @property
    def confirmations(self) -> tuple[SN, ...]:
        """資格確認 — the SN records."""
        return tuple(SN(record) for record in self.of("SN"))

    @property
    def visits(self) -> tuple[JD, ...]:
        """受診日等 — the JD records."""
        return tuple(JD(record) for record in self.of("JD"))

    @property
    def counter(self) -> MF | None:
        """窓口負担額 — the MF record."""
        found = self.of("MF")
        return MF(found[0]) if found else None

    @cached_property
    def history(self) -> tuple[Record, ...]:
        """履歴請求データ — the rows of the history block."""
        return tuple(record for record in self.records if record.is_history)


_LINE_IDS = frozenset((*LINE_VIEWS, "CO"))


@dataclass(frozen=True, slots=True)
class FileFacts:
    """ファイルの形 — how a file was written: encoding, mark, line ends, EOF.

    ``tail`` holds the bytes after the last line, normally the EOF byte 0x1A.
    """

    encoding: str = "shift_jis"
    has_bom: bool = False
    crlf_count: int = 0
    lf_count: int = 0
    tail: bytes = b"\x1a"


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """請求ファイル — header, receipts and trailer in order, with everything between kept.

    ``before`` are the records ahead of the first receipt (IR, or HI, UK, YK, HM in other kinds of file),
    ``after`` those from the trailer (GO, HG) on.
    """

    before: tuple[Record, ...]
    receipts: tuple[Receipt, ...]
    after: tuple[Record, ...]
    facts: FileFacts = FileFacts()
    findings: tuple[Finding, ...] = ()
    name: str = ""

    @property
    def records(self) -> tuple[Record, ...]:
        """全レコード — every record of the file in order."""
        return (
            *self.before,
            *(record for receipt in self.receipts for record in receipt.records),
            *self.after,
        )

    @property
    def institution(self) -> IR | None:
        """医療機関情報 — the IR record, None when the file has none."""
        return next((IR(record) for record in self.before if record.id == "IR"), None)

    @property
    def trailer(self) -> GO | None:
        """診療報酬請求書 — the GO record, None when the file has none."""
        return next((GO(record) for record in self.after if record.id == "GO"), None)
