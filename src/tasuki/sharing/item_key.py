# SPDX-License-Identifier: Apache-2.0
"""同じ項目の鍵 — by which diseases, allergies, results and drugs of several institutions are known to be the same.

A key is a standard code, or the folded words where no code was given: what is coded here and in words elsewhere is not
joined, because nobody said that it is the same. Drugs and drug allergens join by the head of 薬価基準収載医薬品コード (nine
digits: ingredient, form and strength; seven: ingredient and route), so that products of several makers stand together.
Results join by the shared item and its unit: one item in two units is two.

Cite: JP-CLINS 1.10.0 傷病名・アレルギー・検査・処方のコード; 薬価基準収載医薬品コード（先頭7桁 成分・投与経路、9桁 剤形・規格）
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.sharing.build import names
from tasuki.sharing.build.allergy import DUMMIES
from tasuki.sharing.build.facts import AllergyFacts, ConditionFacts, Information, LabFacts, PrescribedDrug
from tasuki.sharing.codes.lab_codes import folded, folded_unit
from tasuki.sharing.lab_items import item_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tasuki.sharing.build.codes import StandardCode
    from tasuki.sharing.build.facts import Facts

# 未コード化傷病名: the receipt's code for a disease in words.
_UNCODED_DISEASE = "0000999"
_DUMMIES = frozenset(each.code for each in DUMMIES.values())
_DRUG_ALLERGENS = {names.DRUG_ALLERGEN, names.INGREDIENT_ALLERGEN}


class ItemKey(NamedTuple):
    """同じ項目の鍵 — the information, the code or the words, and the unit of a result; ``is_coded`` says which."""

    information: Information
    value: str
    unit: str = ""
    is_coded: bool = True

    @property
    def text(self) -> str:
        """鍵の文字列 — for storing and for addresses.

        >>> ItemKey(Information.LABORATORY, "HbA1c-NGSP", "%").text
        'laboratory|c|HbA1c-NGSP|%'
        """
        return "|".join((self.information, "c" if self.is_coded else "w", self.value, self.unit))


def keys_of(facts: Facts, codes: Sequence[StandardCode]) -> tuple[ItemKey, ...]:
    """項目の鍵 — every key of a fact, the chief one first; two facts with a key in common are the same item.

    ``codes`` are the standard codes that came with it, or that the institution's own map gives. A disease has one key for
    each code, as 病名管理番号 and レセ電傷病名コード name it alike; everything else has one.
    """
    if isinstance(facts, ConditionFacts):
        return _disease(facts, codes)
    if isinstance(facts, AllergyFacts):
        return (_allergy(facts, codes),)
    return (_result(facts, codes) if isinstance(facts, LabFacts) else _drug(facts, codes),)


def _disease(facts: ConditionFacts, codes: Iterable[StandardCode]) -> tuple[ItemKey, ...]:
    given = list(codes)
    found = [
        f"{short}:{each.code}"
        for system, short in ((names.DISEASE_NUMBER, "n"), (names.DISEASE_RECEIPT, "r"))
        for each in given
        if each.system == system and each.code not in (names.NO_DISEASE_NUMBER, _UNCODED_DISEASE, "")
    ]
    own = facts.diagnosis.code
    if own and own != _UNCODED_DISEASE:
        found.append(f"r:{own}")
    if not found:
        return (ItemKey(Information.CONDITION, search_key(facts.diagnosis.name), is_coded=False),)
    return tuple(ItemKey(Information.CONDITION, each) for each in dict.fromkeys(found))


def _allergy(facts: AllergyFacts, codes: Iterable[StandardCode]) -> ItemKey:
    kind = Information.DRUG_ALLERGY if facts.kind == "medication" else Information.OTHER_ALLERGY
    for each in codes:
        if not each.code or each.code in _DUMMIES:
            continue
        # YCM and GCM stand before a code of which the first seven digits name ingredient and route.
        if each.system in _DRUG_ALLERGENS and len(each.code) == 15:
            return ItemKey(Information.DRUG_ALLERGY, each.code[3:10])
        if each.system != names.YJ:
            return ItemKey(kind, each.code)
        return ItemKey(Information.DRUG_ALLERGY, each.code[:7])
    return ItemKey(kind, search_key(facts.substance), is_coded=False)


def _result(facts: LabFacts, codes: Iterable[StandardCode]) -> ItemKey:
    unit = folded_unit(facts.unit)
    for each in codes:
        item = item_of(each.code)
        if item is not None:
            kind = Information.INFECTION if item.is_infection else Information.LABORATORY
            return ItemKey(kind, item.display, unit)
        if each.code and each.code != names.NO_LAB[0]:
            return ItemKey(Information.LABORATORY, each.code, unit)
    words = f"{folded(facts.local_name)}/{search_key(facts.specimen)}"
    return ItemKey(Information.LABORATORY, words, unit, is_coded=False)


def _drug(facts: PrescribedDrug, codes: Iterable[StandardCode]) -> ItemKey:
    for each in codes:
        if each.system in (names.YJ, names.GENERAL_NAME) and len(each.code) == 12:
            return ItemKey(Information.PRESCRIPTION, each.code[:9])
    return ItemKey(Information.PRESCRIPTION, search_key(facts.name), is_coded=False)
