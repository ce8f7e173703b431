# SPDX-License-Identifier: Apache-2.0
"""他社の医薬品知識の取込み — rows of a CSV file in somebody else's layout, by a declared mapping of its columns.

The mapping is data (:class:`ColumnMapping`, a JSON file): which table the file fills, which heading gives which of our
columns, which of its words mean 禁忌, 注意 or 情報, and what is the same for every row. The rows of 支払基金's チェックマスタ
are taken over as ``tasuki.claims.indications`` read them (:func:`check_master_rows`): one importer, not two.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.printable import printable
from tasuki.kernel.strict_json import NotStrict, read_strictly
from tasuki.prescriptions.safety.knowledge import KnowledgeTables
from tasuki.prescriptions.safety.reading import TABLES, TIERS, Cell, read_row, token_faults
from tasuki.prescriptions.safety.rows import DiseaseCaution, Interaction, Tier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_MOST_FINDINGS = 200


class ColumnMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """列の対応 — ``columns``: our column → the heading of the file; ``fixed``: our column → a value for every row;
    ``tiers``: a word of the file → 禁忌, 注意 or 情報 (a word mapped to "" leaves the row out)."""

    table: str
    columns: dict[str, str]
    fixed: dict[str, str] = {}
    tiers: dict[str, str] = {}
    encoding: str = "cp932"
    delimiter: str = ","


class _ForbiddenPair(Protocol):
    @property
    def drug(self) -> str: ...
    @property
    def other(self) -> str: ...
    @property
    def source(self) -> str: ...


class _Contraindication(Protocol):
    @property
    def drug(self) -> str: ...
    @property
    def disease(self) -> str: ...
    @property
    def source(self) -> str: ...


def read_mapping(data: bytes, file: str = "") -> ColumnMapping:
    """列の対応の読取り — from JSON. Raises :class:`BadInput` for what is no mapping or names no table of ours."""
    try:
        mapping = msgspec.convert(read_strictly(data), ColumnMapping, strict=True)
    except (NotStrict, msgspec.ValidationError) as wrong:
        raise BadInput([_finding("RX-K-12", Where(file), why=str(wrong))]) from wrong
    kind = TABLES.get(mapping.table)
    if kind is None:
        raise BadInput([_finding("RX-K-08", Where(file, record="table"), names="、".join(TABLES))])
    known = {*kind.__struct_fields__, "since", "until"} - {"validity"}
    unknown = sorted({*mapping.columns, *mapping.fixed} - known)
    strange = sorted(set(mapping.tiers.values()) - {*TIERS, ""})
    findings = [_finding("RX-K-02", Where(file, record="columns"), text=printable(name)) for name in unknown]
    findings += [
        _finding("RX-K-10", Where(file, record="tiers"), text=printable(word), known="・".join(TIERS))
        for word in strange
    ]
    if findings:
        raise BadInput(findings)
    return mapping


def read_vendor_file(
    data: bytes, mapping: ColumnMapping, file: str, groups: Collection[str] = ()
) -> KnowledgeTables:
    """他社の医薬品知識の読取り — one CSV with a heading line; rows without a fault, or :class:`BadInput` with every fault."""
    try:
        text = data.decode("utf-8-sig" if mapping.encoding.lower() in ("utf-8", "utf8") else mapping.encoding)
    except (UnicodeDecodeError, LookupError) as trouble:
        raise BadInput([_finding("RX-K-11", Where(file), encoding=printable(mapping.encoding))]) from trouble
    rows = csv.reader(io.StringIO(text), delimiter=mapping.delimiter)
    header = next(rows, [])
    findings = [
        _finding("RX-K-09", Where(file, 1, field=ours), column=ours, text=printable(theirs))
        for ours, theirs in mapping.columns.items()
        if theirs not in header
    ]
    if findings:
        raise BadInput(findings)
    places = {ours: header.index(theirs) for ours, theirs in mapping.columns.items()}
    kind = TABLES[mapping.table]
    made: list[Any] = []
    for number, cells in enumerate(rows, start=2):
        if not any(cells):
            continue
        where = Where(file, number)
        values = {ours: cells[at] if at < len(cells) else "" for ours, at in places.items()}
        values |= mapping.fixed
        if "tier" in values and mapping.tiers:
            word = values["tier"].strip()
            if word not in mapping.tiers:
                place = Where(file, number, kind.__name__, "tier")
                findings.append(
                    _finding("RX-K-10", place, text=printable(word), known="・".join(mapping.tiers))
                )
                continue
            if not mapping.tiers[word]:
                continue
            values["tier"] = mapping.tiers[word]
        row, faults = read_row(kind, [Cell(*pair) for pair in values.items()], where)
        if row is not None:
            faults = list(token_faults(row, where, groups))
        findings += faults
        if row is not None and not faults:
            made.append(row)
    if findings:
        raise BadInput(findings[:_MOST_FINDINGS])
    return KnowledgeTables(**{mapping.table: tuple(made)})


def check_master_rows(
    pairs: Iterable[_ForbiddenPair], contraindications: Iterable[_Contraindication]
) -> KnowledgeTables:
    """チェックマスタからの医薬品知識 — 併用禁忌 and 禁忌病名 as the importer of 支払基金's チェックマスタ gives them.

    Cite: 社会保険診療報酬支払基金 コンピュータチェックに関する公開（チェックマスタ）
    """
    return KnowledgeTables(
        interactions=tuple(
            Interaction(drug=each.drug, other=each.other, tier=Tier.STOP, source=each.source)
            for each in pairs
        ),
        diseases=tuple(
            DiseaseCaution(
                drug=each.drug,
                disease=each.disease,
                disease_name=each.disease,
                tier=Tier.STOP,
                source=each.source,
            )
            for each in contraindications
        ),
    )


def _finding(code: str, where: Where, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, where, f"prescription.safety.{code}", facts)
