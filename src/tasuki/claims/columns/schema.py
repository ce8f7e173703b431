# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの列の定義 — the Arrow schemas of ``tasuki/claim-columns/2``: receipts, payers, diseases, lines.

Names of people are not among them. ``patient`` tells who the rows of one institution belong to, ``bucket`` in
which partition they lie. Points and yen are Int64, always.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

FORM = "tasuki/claim-columns/2"
TABLES = ("receipts", "payers", "diseases", "lines")

register(
    {
        "claims.columns.no_library": "大量の点検には {name} が必要です。`pip install 'tasuki[claims]'` で入れてください。",
    }
)


class Column(NamedTuple):
    """列 — its name, its Arrow type as text, what it holds, and whether a row may have nothing there."""

    name: str
    type: str
    meaning: str
    is_optional: bool = False


_KEYS = (
    Column("receipt", "int64", "ファイル番号×2^32＋REレコードの行番号"),
    Column("patient", "int64", "患者の鍵（医療機関の中で同じ人を指す）"),
)
_PLACE = (*_KEYS, Column("line", "int32", "ファイルの行番号（1から）"))
COLUMNS: dict[str, tuple[Column, ...]] = {
    "receipts": (
        *_PLACE,
        Column("file", "int32", "ファイル番号"),
        Column("bucket", "int32", "パーティション"),
        Column("institution", "string", "都道府県2桁＋点数表1桁＋医療機関コード7桁"),
        Column("number", "int64", "レセプト番号", is_optional=True),
        Column("type", "string", "レセプト種別"),
        Column("month", "int32", "診療年月 YYYYMM。読めないときは0"),
        Column("sex", "string", "男女区分"),
        Column("born_on", "date32[day]", "生年月日", is_optional=True),
        Column("chart_number", "string", "カルテ番号等"),
        Column("insurer", "string", "保険者番号。なければ第1公費の負担者番号"),
        Column("is_past", "bool", "縦覧のための過去のレセプトか"),
    ),
    "payers": (
        *_PLACE,
        Column("position", "int32", "0 保険者、1から 公費の順"),
        Column("number", "string", "保険者番号・公費負担者番号"),
        Column("symbol", "string", "記号"),
        Column("holder", "string", "番号・公費受給者番号"),
        Column("visit_days", "int64", "診療実日数", is_optional=True),
        Column("total_points", "int64", "合計点数", is_optional=True),
        Column("share_yen", "int64", "負担金額", is_optional=True),
        Column("meal_yen", "int64", "食事・生活療養の合計金額", is_optional=True),
    ),
    "diseases": (
        *_PLACE,
        Column("code", "string", "傷病名コード"),
        Column("since_on", "date32[day]", "診療開始日", is_optional=True),
        Column("outcome", "string", "転帰区分"),
        Column("modifiers", "string", "修飾語コード"),
        Column("name", "string", "傷病名称（未コード化のとき）"),
        Column("is_main", "bool", "主傷病か"),
    ),
    "lines": (
        *_PLACE,
        Column("kind", "string", "SI・IY・TO"),
        Column("section", "string", "診療識別（剤の先頭から引き継ぐ）"),
        Column("payer_code", "string", "負担区分"),
        Column("code", "int32", "9桁のコード。読めないときは空", is_optional=True),
        Column("amount", "string", "数量・使用量"),
        Column("points", "int64", "点数（算定単位の最後のレコードだけ）", is_optional=True),
        Column("times", "int64", "回数", is_optional=True),
        Column("month", "int32", "診療年月 YYYYMM"),
        Column("day", "date32[day]", "算定日。算定日の記録がないときは空", is_optional=True),
        Column("count", "int64", "その日の回数。算定日の記録がないときは回数"),
    ),
}


def arrow() -> Any:
    """PyArrow — imported when it is needed. Raises :class:`BadInput` saying how to get it."""
    return _library("pyarrow")


@cache
def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as missing:
        finding = Finding(
            "UKE-C-01", Severity.BLOCK, Where(), "claims.columns.no_library", {"name": name}
        )  # fmt: skip
        raise BadInput([finding]) from missing


def duckdb() -> Any:
    """DuckDB — imported when it is needed. Raises :class:`BadInput` saying how to get it."""
    return _library("duckdb")


@cache
def table_schema(table: str) -> Any:
    """表のスキーマ — the Arrow schema of one of :data:`TABLES`."""
    pa = arrow()
    types = {
        "int64": pa.int64(), "int32": pa.int32(), "string": pa.string(), "bool": pa.bool_(), "date32[day]": pa.date32()
    }  # fmt: skip
    return pa.schema(
        [pa.field(each.name, types[each.type], nullable=each.is_optional) for each in COLUMNS[table]]
    )
