# SPDX-License-Identifier: Apache-2.0
"""算定ルール一覧 — every rule and every kind of table statement a line can name as its reason, to search and to open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from tasuki.calculation import rules as _rules  # noqa: F401  (registers every rule)
from tasuki.calculation.rule import Stage, all_rules
from tasuki.kernel.kana import search_key

if TYPE_CHECKING:
    from tasuki.calculation.rule import Rule
    from tasuki.kernel.validity import Validity

STAGES = {
    Stage.BASE: "基本診療料の提案",
    Stage.ADDITION: "加算などの提案",
    Stage.CONDITION: "要件の確認",
    Stage.CHECK: "残った明細の確認",
}
# Chapters of the fee table by the package that holds their rules; a new one shows under its own name until named.
CHAPTERS = {
    "basic": "初・再診料",
    "management": "医学管理等",
    "home": "在宅医療",
    "tests": "検査",
    "imaging": "画像診断",
    "drugs": "投薬",
    "injections": "注射",
    "rehabilitation": "リハビリテーション",
    "psychiatry": "精神科専門療法",
    "procedures": "処置",
    "surgery": "手術",
    "anaesthesia": "麻酔",
    "radiation": "放射線治療",
    "pathology": "病理診断",
    "general": "通則・その他",
    "table": "マスターと電子点数表",
}
# What the tables say, by the name a reason carries; one handler each.
TABLES = {
    "order": "オーダのとおり",
    "table/age": "年齢の範囲",
    "table/age_addition": "年齢加算",
    "table/beds": "病床数の条件",
    "table/bundle": "検査のまるめ",
    "table/elderly": "後期高齢者の条件",
    "table/excluded_before": "以前の算定との背反",
    "table/exclusion": "背反（電子点数表）",
    "table/facility_kind": "病院・診療所の条件",
    "table/general_age": "通則の年齢加算",
    "table/included_before": "以前の算定による包括",
    "table/inclusion": "包括（電子点数表）",
    "table/judgment": "判断料と対象検査",
    "table/limit": "算定回数の上限",
    "table/orphan": "加算のもとがない",
    "table/payer": "労災の診療行為",
    "table/repeated": "二回目以降の逓減",
    "table/setting": "入院・外来の条件",
    "table/standard": "施設基準の届出",
    "table/step": "きざみ",
}
_TABLE_CITE = "医科診療行為マスター、医科電子点数表（列と行は明細の理由に示します）"


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """算定ルールの項目 — one rule with every period it has; ``chapter`` is a key of :data:`CHAPTERS`."""

    id: str
    title: str
    chapter: str
    chapter_label: str
    stage: str
    cites: tuple[str, ...]
    periods: tuple[Validity, ...]
    about: str
    sections: tuple[str, ...]


@cache
def rule_catalogue() -> dict[str, RuleEntry]:
    """算定ルール一覧 — by id, rules in the order of their ids and then the tables."""
    grouped: dict[str, list[Rule]] = {}
    for rule in all_rules():
        grouped.setdefault(rule.id, []).append(rule)
    found = {rule_id: _entry(rules) for rule_id, rules in grouped.items()}
    for name, title in TABLES.items():
        if name not in found:
            found[name] = RuleEntry(name, title, "table", CHAPTERS["table"], "表", (_TABLE_CITE,), (), "", ())
    return found


def find_rules(text: str = "", chapter: str = "") -> list[RuleEntry]:
    """ルールの検索 — entries that hold every word in their id, title, source or 区分番号."""
    words = [search_key(word) for word in text.split()]
    return [
        entry
        for entry in rule_catalogue().values()
        if (not chapter or entry.chapter == chapter) and all(word in _key(entry) for word in words)
    ]


def chapters_present() -> list[tuple[str, str, int]]:
    """章の一覧 — key, label and number of rules of the chapters that have any, in the order of the fee table."""
    counts: dict[str, int] = {}
    labels = dict(CHAPTERS)
    for entry in rule_catalogue().values():
        counts[entry.chapter] = counts.get(entry.chapter, 0) + 1
        labels.setdefault(entry.chapter, entry.chapter_label)
    return [(chapter, label, counts[chapter]) for chapter, label in labels.items() if chapter in counts]


def _entry(rules: list[Rule]) -> RuleEntry:
    last = rules[-1]
    parts = last.function.__module__.split(".")
    chapter = parts[parts.index("rules") + 1] if "rules" in parts[:-1] else "general"
    about = (last.function.__doc__ or "").strip().splitlines()
    return RuleEntry(
        id=last.id,
        title=last.title,
        chapter=chapter,
        chapter_label=CHAPTERS.get(chapter, chapter),
        stage=STAGES[last.stage],
        cites=tuple(dict.fromkeys(rule.cite for rule in rules)),
        periods=tuple(rule.validity for rule in rules),
        about=about[0] if about else "",
        sections=tuple(sorted({each for rule in rules for each in rule.hangs_on})),
    )


@cache
def _key(entry: RuleEntry) -> str:
    return search_key(" ".join((entry.id, entry.title, *entry.cites, *entry.sections, entry.chapter_label)))
