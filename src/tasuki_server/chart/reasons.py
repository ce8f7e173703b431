# SPDX-License-Identifier: Apache-2.0
"""算定理由の文 — why a line stands, fell, or could be billed, as one short Japanese line with its source.

Numbers and names come from the facts of the reason; a fact this table does not know is left to the JSON trace.
"""

from __future__ import annotations

from collections.abc import Iterable

from tasuki.calculation import calculate as _registers_the_rules  # noqa: F401
from tasuki.calculation.rule import all_rules
from tasuki.kernel.because import Because, as_mapping
from tasuki_server.chart.flag_labels import flag_label

_TABLES = {
    "order": "オーダ",
    "table/age": "年齢の条件",
    "table/beds": "病床数の条件",
    "table/bundle": "まるめ",
    "table/elderly": "後期高齢者の条件",
    "table/exclusion": "背反",
    "table/facility_kind": "病院・診療所の別",
    "table/inclusion": "包括",
    "table/judgment": "判断料",
    "table/limit": "算定回数",
    "table/orphan": "元の行為がない加算",
    "table/setting": "入院・外来の別",
    "table/standard": "施設基準の届出",
    "table/step": "きざみ",
    "visit_kind/recorded": "受付・会計で決めた",
    "visit_kind/ordered": "オーダで指定した",
    "visit_kind/no_history": "この医療機関での受診歴がない",
    "visit_kind/same_day": "同じ日に受診している",
    "visit_kind/all_ended": "前回までの病名がすべて終わっている",
    "visit_kind/no_disease_recent": "病名がなく、前回から間がない",
    "visit_kind/no_disease_long_ago": "病名がなく、前回から間がある",
    "visit_kind/month_passed": "前回から1か月以上たっている",
    "visit_kind/under_treatment": "治療中の病名がある",
}
_FACTS = {
    "missing": "足りないもの",
    "age": "年齢",
    "clock": "時刻",
    "lost_to": "優先されたもの",
    "winner": "優先されたもの",
    "limit": "限度",
    "unit": "単位",
    "count": "回数",
    "test": "検査",
    "last": "前回",
    "last_day": "前回",
    "disease": "病名",
    "flag": "確認すること",
}


def reason_title(reason: Because) -> str:
    """算定理由の見出し — the title of the rule or the name of the table."""
    if reason.rule_id in _TABLES:
        return _TABLES[reason.rule_id]
    titles = [rule.title for rule in all_rules() if rule.id == reason.rule_id]
    return titles[0] if titles else reason.rule_id


def reason_text(reason: Because) -> str:
    """算定理由の文 — title, then the facts that people ask for."""
    known = as_mapping(reason)
    parts = [
        f"{label} {_plain(known[name])}"
        for name, label in _FACTS.items()
        if known.get(name) not in (None, "", ())
    ]
    return f"{reason_title(reason)}（{'、'.join(parts)}）" if parts else reason_title(reason)


def _plain(value: object) -> str:
    if isinstance(value, str):
        return flag_label(value)
    if isinstance(value, Iterable):
        return "・".join(_plain(each) for each in value)
    return str(value)
