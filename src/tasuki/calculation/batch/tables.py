# SPDX-License-Identifier: Apache-2.0
"""一括算定の表 — the columns that go in and come out (``tasuki/visit-table/1``, ``tasuki/statement-table/1``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Sequence

register(
    {
        "calculation.no_pyarrow": "一括算定の表には pyarrow が必要です。`pip install 'tasuki[batch]'`（./tasuki では `.venv/bin/python -m pip install pyarrow`）で入れてください。",
        "calculation.column_missing": "列 {column} がありません（必要な列: {columns}）。",
        "calculation.column_type": "列 {column} の型 {found} は使えません。{wanted} にしてください。",
    }
)


class Column(NamedTuple):
    """列 — its name, its Arrow type as text, and what it holds."""

    name: str
    type: str
    meaning: str


VISIT_FORM = "tasuki/visit-table/1"
STATEMENT_FORM = "tasuki/statement-table/1"
VISIT_COLUMNS = (
    Column("institution", "string", "医療機関コード 7桁。document の institution.code と同じ"),
    Column("patient", "string", "患者の番号。同じ医療機関・患者の行は一つのパーティションに続けて置く"),
    Column("visit", "string", "受診の番号。患者の中で一つ"),
    Column(
        "document", "string", "受診ファイル（tasuki/visit/1 のJSON）。同じ患者の前の行の算定は履歴に加わる"
    ),
)
LINE_FIELDS = (
    Column("verdict", "string", "granted | denied | advised"),
    Column("section", "string", "診療識別。算定しない明細は空"),
    Column("code", "string", "診療行為・医薬品・特定器材・コメントのコード"),
    Column("name", "string", "名称"),
    Column("points", "int64", "明細の点数。算定しない明細は0"),
    Column("times", "int64", "回数"),
    Column("rule", "string", "最後の理由のルールまたは表"),
    Column("cite", "string", "その根拠"),
)
FINDING_FIELDS = (
    Column("code", "string", "指摘のコード"),
    Column("severity", "string", "block | confirm | advice"),
    Column("field", "string", "document の中の箇所"),
    Column("message", "string", "文"),
)
STATEMENT_COLUMNS = (
    Column("institution", "string", "入力のまま"),
    Column("patient", "string", "入力のまま"),
    Column("visit", "string", "入力のまま"),
    Column("row", "int64", "入力のパーティションの中の行（1から）"),
    Column("day", "date32", "診療日。算定できない行は空"),
    Column("revision", "string", "算定した改定"),
    Column("kind", "string", "初再診の別"),
    Column("total_points", "int64", "合計点数。算定できない行は空"),
    Column("lines", "list", "明細: " + ", ".join(field.name for field in LINE_FIELDS)),
    Column("findings", "list", "指摘: " + ", ".join(field.name for field in FINDING_FIELDS)),
)


def arrow() -> Any:
    """Arrowの読込み — PyArrow, or :class:`BadInput` saying how to get it."""
    try:
        import pyarrow
    except ImportError as absent:
        finding = Finding("CAL-0120", Severity.BLOCK, Where(), "calculation.no_pyarrow")
        raise BadInput([finding]) from absent
    return pyarrow


def visit_table_schema() -> Any:
    """受診の表の形 — the Arrow schema of what goes in."""
    return _schema(VISIT_COLUMNS, VISIT_FORM)


def statement_table_schema() -> Any:
    """算定結果の表の形 — the Arrow schema of what comes out."""
    return _schema(STATEMENT_COLUMNS, STATEMENT_FORM)


def table_documents() -> dict[str, Any]:
    """表の説明 — both tables as plain JSON members, for ``./tasuki schema visit-table``."""
    return {
        form: [{"column": name, "type": kind, "meaning": meaning} for name, kind, meaning in columns]
        for form, columns in (
            (VISIT_FORM, VISIT_COLUMNS),
            (STATEMENT_FORM, STATEMENT_COLUMNS),
            (STATEMENT_FORM + "#lines", LINE_FIELDS),
            (STATEMENT_FORM + "#findings", FINDING_FIELDS),
        )
    }


def check_columns(schema: Any, file: str) -> None:
    """列の確認 — raises :class:`BadInput` naming every column that is missing or of another type."""
    pa = arrow()
    findings = []
    for column in VISIT_COLUMNS:
        where = Where(file=file, field=column.name)
        place = schema.get_field_index(column.name)
        if place < 0:
            known = {"column": column.name, "columns": ", ".join(each.name for each in VISIT_COLUMNS)}
            findings.append(Finding("CAL-0121", Severity.BLOCK, where, "calculation.column_missing", known))
        elif not _is_text(pa, schema.field(place).type):
            known = {"column": column.name, "found": str(schema.field(place).type), "wanted": column.type}
            findings.append(Finding("CAL-0122", Severity.BLOCK, where, "calculation.column_type", known))
    if findings:
        raise BadInput(findings)


def _is_text(pa: Any, kind: Any) -> bool:
    is_coded = pa.types.is_dictionary(kind)
    return any(
        check(kind.value_type if is_coded else kind)
        for check in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    )


def _schema(columns: Sequence[Column], form: str) -> Any:
    pa = arrow()
    lists = {"lines": LINE_FIELDS, "findings": FINDING_FIELDS}
    fields = []
    for name, kind, _ in columns:
        if kind == "list":
            inner = [pa.field(each.name, _plain(pa, each.type)) for each in lists[name]]
            fields.append(pa.field(name, pa.list_(pa.struct(inner))))
        else:
            fields.append(pa.field(name, _plain(pa, kind)))
    return pa.schema(fields, metadata={"form": form})


def _plain(pa: Any, kind: str) -> Any:
    return {"string": pa.string(), "int64": pa.int64(), "date32": pa.date32()}[kind]
