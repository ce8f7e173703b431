# SPDX-License-Identifier: Apache-2.0
"""窓口負担の資料 — limits, programmes, local kinds, settings and reasons, from the tables themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import StrEnum

from tasuki.calculation.copayment.limits import TABLES
from tasuki.calculation.copayment.local_file import listed_rules
from tasuki.calculation.copayment.local_programmes import PATTERNS
from tasuki.calculation.copayment.programmes import PROGRAMMES
from tasuki.calculation.copayment.scope import NOT_COMPUTED
from tasuki.calculation.copayment.sentences import REASONS
from tasuki.calculation.copayment.settings import (
    AtCap,
    IncomeMark,
    ReceiptAmount,
    SpecificDiseaseScope,
    TuberculosisAmount,
)

_OPTIONS: dict[str, type[StrEnum]] = {
    "at_cap": AtCap,
    "specific_disease_scope": SpecificDiseaseScope,
    "income_mark": IncomeMark,
    "receipt_amount": ReceiptAmount,
    "tuberculosis_amount": TuberculosisAmount,
}


def copayment_lines() -> list[str]:
    """窓口負担の資料 — the lines of the page."""
    return [
        *_limits(),
        "## 国の公費 / National programmes (in legal order)",
        "",
        "| 法別 | 制度 | 型 | 患者の割合 | 知られた上限額 | 併用分の区分 | 管理票 | 典拠 | 未確認 |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {p.law_code} | {p.name} | `{p.kind}` | {f'{p.percent}%' if p.percent else ''} | "
            f"{' '.join(f'{cap:,}' for cap in p.caps)} | `{p.part_class}` | {'○' if p.has_ledger else ''} | "
            f"{p.cite} | {'◆' if p.is_unconfirmed else ''} |"
            for p in PROGRAMMES
        ),
        "",
        "## 地方公費の型 / Patterns of local programmes",
        "",
        "| id | 名 | 段 |",
        "|---|---|---|",
        *(f"| `{r.id}` | {r.name} | {' → '.join(type(s).__name__ for s in r.steps)} |" for r in PATTERNS),
        "",
        *_prefectures(),
        *_not_computed(),
        *_options(),
        "## 理由 / Reasons",
        "",
        "| id | 文 |",
        "|---|---|",
        *(f"| `{rule}` | {text} |" for rule, text in sorted(REASONS.items())),
    ]


def _prefectures() -> Iterator[str]:
    """Counts only: the programmes themselves are shown by the command."""
    yield "## 都道府県の制度 / Local programmes by prefecture"
    yield ""
    yield (
        "一覧（時点不明）から型と額を読み取れた制度。どれも未確認として計算のたびに告げる。額の分からない制度は、"
        "要綱の額を入れるまで計算しない。`./tasuki copay programmes list --prefecture 13`"
    )
    yield ""
    yield "| 都道府県番号 | 制度 | 額が分かる | 額が未登録 |"
    yield "|---|---|---|---|"
    for number in range(1, 48):
        mine = [rule for rule in listed_rules() if rule.prefecture == f"{number:02}"]
        known = sum(bool(rule.steps) for rule in mine)
        yield f"| {number:02} | {len(mine)} | {known} | {len(mine) - known} |"
    yield ""


def _not_computed() -> Iterator[str]:
    yield "## 計算しないもの / What is not computed"
    yield ""
    yield "| 事項 | 代わりに | 符号 |"
    yield "|---|---|---|"
    for each in NOT_COMPUTED:
        yield f"| {each.matter} | {each.instead} | {f'`{each.code}`' if each.code else ''} |"
    yield ""


def _limits() -> Iterator[str]:
    yield "## 高額療養費の限度額 / Limits"
    yield ""
    for table in TABLES:
        until = table.validity.until.isoformat() if table.validity.until else ""
        yield f"### {table.group.value} {table.validity.since.isoformat()} – {until}"
        yield ""
        yield f"Cite: {table.cite}"
        yield ""
        yield "| 区分 | 定額 | 基準額（超過の1%） | 多数回 | 外来 | 年間 | 外来年間 | 年間（所得が特に少ない） |"
        yield "|---|---|---|---|---|---|---|---|"
        for row in table.rows:
            cells = "".join(f" {yen:,} |" if yen is not None else " – |" for yen in row[1:])
            yield f"| {row.income_class.value} |{cells}"
        yield ""


def _options() -> Iterator[str]:
    yield "## 設定 / Settings where payers differ"
    yield ""
    yield "| 名 | 値（最初が既定） | 意味 / meaning |"
    yield "|---|---|---|"
    for name, option in _OPTIONS.items():
        meaning = " ".join((inspect.getdoc(option) or "").split())
        yield f"| `{name}` | {' '.join(f'`{value}`' for value in option)} | {meaning} |"
    yield ""
