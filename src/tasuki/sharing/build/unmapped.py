# SPDX-License-Identifier: Apache-2.0
"""標準コードのない項目 — what would be sent without a standard code, why, and what it most probably is."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.sharing.build import names
from tasuki.sharing.build.allergy import ALLERGEN_SYSTEMS, allergen_code
from tasuki.sharing.build.codes import CodeKind, CodeMap, StandardCode
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, ConditionFacts, Facts, LabFacts
from tasuki.sharing.build.laboratory import lab_codes
from tasuki.sharing.build.units import merit9_of, ucum_of
from tasuki.sharing.lab_items import LabItem, lab_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_SUGGESTIONS = 5
LEAST_SCORE = 60
_PUNCTUATION = re.compile(r"[^\w+%]|_")
_BRACKETED = re.compile(r"[(（]([^)）]*)[)）]")
# JLAC10 材料コード of the specimens a clinic takes.
_MATERIALS = {"血清": ("023",), "血漿": ("022",), "全血": ("018", "019"), "尿": ("001",)}
# Names that clinics use beside the official ones.
_OTHER_NAMES = {
    "HbA1c-NGSP": ("ヘモグロビンA1c", "グリコヘモグロビン"),
    "LDL-C": ("LDLコレステロール", "悪玉コレステロール"),
    "HDL-C": ("HDLコレステロール", "善玉コレステロール"),
    "GGT": ("ガンマGTP",),
    "WBC": ("白血球",),
    "RBC": ("赤血球",),
    "PLT": ("血小板",),
    "Hb": ("ヘモグロビン", "血色素"),
    "Cre": ("クレアチニン", "Cr"),
    "UA": ("尿酸",),
    "BG": ("グルコース",),
    "PT-INR": ("INR",),
    "梅毒STS(定性)": ("RPR定性",),
    "梅毒STS(定量)": ("RPR",),
    "梅毒TP抗体(定性)": ("TPHA", "TPLA", "TP抗体定性"),
    "梅毒TP抗体(定量)": ("TP抗体",),
}
# Of ions with one charge a milliequivalent is a millimole.
_SAME_UNITS = {("Na", "meq/L"), ("K", "meq/L"), ("Cl", "meq/L")}
_TABLES = {
    CodeKind.DISEASE: "傷病名マスター（病名管理番号）",
    CodeKind.MODIFIER: "修飾語マスター（修飾語管理番号）",
    CodeKind.DRUG: "医薬品マスター（YJコード・一般名コード）",
    CodeKind.ALLERGEN: "J-FAGYアレルゲンコード",
    CodeKind.LAB: "検査の院内コード対応表",
    CodeKind.USAGE: "電子処方箋の用法マスター",
    CodeKind.UNIT: "医薬品の単位コード（MERIT-9）",
}
_SYSTEMS = {
    CodeKind.DISEASE: (names.DISEASE_NUMBER,),
    CodeKind.MODIFIER: (names.MODIFIER_NUMBER,),
    CodeKind.DRUG: (names.YJ, names.GENERAL_NAME),
    CodeKind.ALLERGEN: ALLERGEN_SYSTEMS,
    CodeKind.USAGE: (names.USAGE,),
}


class Suggestion(NamedTuple):
    """候補 — a standard code that an item may be; ``choices`` are all codes of the item that fit the specimen, of which
    ``code`` is the first: the method decides, and only the institution knows it.
    """

    code: StandardCode
    name: str
    score: int
    reason: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmapped:
    """標準コードのない項目 — one local code or name, how often it stands in the facts, and what it may be."""

    kind: CodeKind
    local_code: str
    local_name: str
    unit: str
    reason: str
    count: int
    suggestions: tuple[Suggestion, ...] = ()


class _Want(NamedTuple):
    kind: CodeKind
    local_code: str
    local_name: str
    unit: str
    specimen: str = ""


def unmapped(
    facts: Iterable[Facts], codes: CodeMap, candidates: CodeMap | None = None
) -> tuple[Unmapped, ...]:
    """標準コードのない項目の一覧 — the most frequent first; ``candidates`` are mappings whose names may fit."""
    counted = Counter(want for each in facts for want in _wants(each, codes))
    offered = candidates if candidates is not None else codes
    return tuple(
        Unmapped(
            want.kind,
            want.local_code,
            want.local_name,
            want.unit,
            _reason(want, codes),
            count,
            _suggestions(want, offered),
        )
        for want, count in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def missing_tables(facts: Iterable[Facts], codes: CodeMap) -> tuple[str, ...]:
    """不足している表 — the official tables that the facts need and nobody has imported, in Japanese."""
    kinds = {want.kind for each in facts for want in _wants(each, codes)}
    return tuple(_TABLES[kind] for kind in CodeKind if kind in kinds and not _has_table(kind, codes))


def _has_table(kind: CodeKind, codes: CodeMap) -> bool:
    if kind is CodeKind.LAB:
        return any(each.kind is kind for each in codes)
    return kind is CodeKind.UNIT or any(codes.has_system(kind, system) for system in _SYSTEMS[kind])


def _reason(want: _Want, codes: CodeMap) -> str:
    table = _TABLES[want.kind]
    if not _has_table(want.kind, codes):
        return f"{table}が取り込まれていません。"
    if not want.local_code:
        return "コードのない自由記載です。"
    return f"{table}に「{want.local_code}」に当たる行がありません。"


def _wants(facts: Facts, codes: CodeMap) -> Iterator[_Want]:
    """What of a fact has no standard code."""
    if isinstance(facts, ConditionFacts):
        given = facts.diagnosis
        if codes.standard(CodeKind.DISEASE, given.code, names.DISEASE_NUMBER) is None:
            yield _Want(CodeKind.DISEASE, given.code, given.name, "")
        for each in given.modifiers:
            if codes.standard(CodeKind.MODIFIER, each, names.MODIFIER_NUMBER) is None:
                found = codes.find(CodeKind.MODIFIER, each)
                yield _Want(CodeKind.MODIFIER, each, found.local_name if found else "", "")
    elif isinstance(facts, AllergyFacts):
        if allergen_code(facts, codes) is None:
            kind = CodeKind.DRUG if facts.kind is AllergenKind.DRUG and facts.code else CodeKind.ALLERGEN
            yield _Want(kind, facts.code, facts.substance, "")
    elif isinstance(facts, LabFacts):
        if not lab_codes(facts.local_code, codes):
            yield _Want(CodeKind.LAB, facts.local_code, facts.local_name, facts.unit, facts.specimen)
    else:
        system = names.GENERAL_NAME if facts.is_generic_name else names.YJ
        if codes.standard(CodeKind.DRUG, facts.code, system) is None:
            yield _Want(CodeKind.DRUG, facts.code, facts.name, facts.unit)
        if not facts.usage_code and codes.standard(CodeKind.USAGE, facts.usage_text, names.USAGE) is None:
            yield _Want(CodeKind.USAGE, "", facts.usage_text, "")
        if facts.amount is not None and not merit9_of(facts.unit):
            yield _Want(CodeKind.UNIT, facts.unit, facts.unit, "")


@lru_cache(maxsize=50_000)
def name_key(name: str) -> str:
    """名前の照合キー — one spelling for comparing names: search key without brackets and punctuation.

    >>> name_key("γ−ＧＴＰ") == name_key("γ-GTP")
    True
    """
    return _PUNCTUATION.sub("", search_key(name))


def _aliases(item: LabItem) -> tuple[str, ...]:
    """The names an item goes by: the whole, without what is in brackets, and what is in them."""
    plain = _BRACKETED.sub("", item.name)
    inner = [] if item.is_infection else list(_BRACKETED.findall(item.name))
    others = _OTHER_NAMES.get(item.display, ())
    listed = (item.display, item.name, plain if not item.is_infection else "", *inner, *others)
    return tuple(dict.fromkeys(key for each in listed if len(key := name_key(each)) > 1 or each in "K"))


def _score(key: str, alias: str) -> int:
    if not key or not alias:
        return 0
    if key == alias:
        return 100
    shorter, longer = sorted((key, alias), key=len)
    if len(shorter) >= 3 and shorter in longer:
        return 70 + 20 * len(shorter) // len(longer)
    matcher = SequenceMatcher(None, key, alias)
    return round(80 * matcher.ratio()) if matcher.quick_ratio() >= 0.6 else 0


def _suggestions(want: _Want, offered: CodeMap) -> tuple[Suggestion, ...]:
    key = name_key(want.local_name)
    found = list(_lab_suggestions(want, key)) if want.kind is CodeKind.LAB else []
    for each in offered:
        if each.kind is not want.kind or each.local_code == want.local_code:
            continue
        systems = _SYSTEMS.get(want.kind)
        coded = [one for one in each.codes if systems is None or one.system in systems]
        score = _score(key, name_key(each.local_name))
        if coded and score >= LEAST_SCORE:
            how = "一致" if score == 100 else "近い"
            found.append(Suggestion(coded[0], each.local_name, score, f"{each.source}の名前が{how}"))
    found.sort(key=lambda one: (-one.score, one.code))
    return tuple(found[:MOST_SUGGESTIONS])


def _lab_suggestions(want: _Want, key: str) -> Iterator[Suggestion]:
    materials = _MATERIALS.get(want.specimen, ())
    parts = (_BRACKETED.sub("", want.local_name), *_BRACKETED.findall(want.local_name))
    keys = dict.fromkeys((key, *(each for part in parts if len(each := name_key(part)) > 1)))
    for item in lab_items():
        score = max(_score(each, alias) for each in keys for alias in _aliases(item))
        if score < LEAST_SCORE:
            continue
        reasons = ["名前が一致" if score == 100 else "名前が近い"]
        if want.unit and item.unit:
            ucum = ucum_of(want.unit).replace("[iU]", "U")
            agrees = name_key(want.unit) == name_key(item.unit) or (
                ucum != "" and (ucum == ucum_of(item.unit) or (item.display, ucum) in _SAME_UNITS)
            )
            score += 5 if agrees else -15
            reasons.append("単位が一致" if agrees else f"単位が違う（一覧は{item.unit}）")
        fitting = tuple(sorted(code for code in item.jlac10 if not materials or code[9:12] in materials))
        if materials and not fitting:
            score -= 15
            reasons.append(f"材料「{want.specimen}」のコードがない")
        choices = fitting or tuple(sorted(item.jlac10))
        if score >= LEAST_SCORE:
            code = StandardCode(item.system, choices[0], item.display)
            yield Suggestion(code, item.name, score, "、".join(reasons), choices)
