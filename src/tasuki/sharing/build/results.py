# SPDX-License-Identifier: Apache-2.0
"""コード型の結果 — the answers that the guide lists for tests whose result is no number.

Cite: JP-CLINS 1.10.0 結果コード JP_PosNegHold_CS, JP_Urine_Code_CS, JP_BldABO_CS, JP_BldRh_CS
"""

from __future__ import annotations

import unicodedata

from tasuki.sharing.build.facts import Choice

_ROOT = "http://jpfhir.jp/fhir/LaboResult/CodeSystem/"
POSITIVE_NEGATIVE = _ROOT + "JP_PosNegHold_CS"
URINE = _ROOT + "JP_Urine_Code_CS"
ABO = _ROOT + "JP_BldABO_CS"
RH = _ROOT + "JP_BldRh_CS"
_LISTS = {
    POSITIVE_NEGATIVE: ("陽性", "陰性", "判定保留"),
    URINE: ("－", "±", "＋", "２＋", "３＋", "４＋", "５＋"),
    ABO: ("Ａ", "Ｂ", "ＡＢ", "Ｏ"),
    RH: ("＋", "－"),
}
_URINE_ITEMS = frozenset(("U-TP", "U-TP-半定量", "U-Glu", "U-Glu-半定量", "U-Bld", "U-Bld-半定量"))
_SYNONYMS = {
    POSITIVE_NEGATIVE: {"(+)": "1", "+": "1", "(-)": "2", "-": "2", "±": "3", "(±)": "3", "保留": "3"},
    URINE: {"陰性": "1", "+-": "2", "1+": "3", "(-)": "1", "(±)": "2", "(+)": "3"},
    ABO: {"A型": "1", "B型": "2", "AB型": "3", "O型": "4"},
    RH: {"陽性": "1", "陰性": "2", "(+)": "1", "(-)": "2", "RH+": "1", "RH-": "2"},
}


def _key(words: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", words).split()).upper()
    return plain.replace("−", "-").replace("ー", "-").replace("‐", "-")


def result_list(display: str) -> str:
    """結果コードの体系 — of a shared item by its official name; the five infections answer 陽性・陰性・判定保留."""
    if display in _URINE_ITEMS:
        return URINE
    if display.startswith("血液型-"):
        return ABO if display.endswith("ABO") else RH
    return POSITIVE_NEGATIVE


def choices(system: str) -> tuple[Choice, ...]:
    """選択肢 — of one list."""
    return tuple(Choice(system, str(at), words) for at, words in enumerate(_LISTS[system], 1))


def choice_of(words: str, display: str) -> Choice | None:
    """結果の言葉からのコード — None when the list of the item has no such answer; never guessed.

    >>> choice_of("2+", "U-TP").display, choice_of("（－）", "HBs抗原(定性)").display
    ('２＋', '陰性')
    """
    system, key = result_list(display), _key(words)
    known = _SYNONYMS[system].get(key)
    return next((each for each in choices(system) if each.code == known or _key(each.display) == key), None)
