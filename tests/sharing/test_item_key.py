# SPDX-License-Identifier: Apache-2.0
"""同じ項目の鍵 — what joins two institutions' items, and what must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from sharing.made_facts import MADE_NAMES
from tasuki.chart.orders import OrderKind
from tasuki.chart.visit import Diagnosis
from tasuki.sharing.build import names
from tasuki.sharing.build.codes import StandardCode
from tasuki.sharing.build.facts import AllergenKind, AllergyFacts, ConditionFacts, LabFacts, PrescribedDrug
from tasuki.sharing.build.parts import JAPAN
from tasuki.sharing.codes import find_lab_codes
from tasuki.sharing.item_key import keys_of

DAY, AT = date(2026, 11, 1), datetime(2026, 11, 1, 9, tzinfo=JAPAN)


def _disease(code: str = "8833421", name: str = "高血圧症") -> ConditionFacts:
    return ConditionFacts("1", Diagnosis(code, DAY, name=name))


def _result(name: str, unit: str) -> LabFacts:
    return LabFacts("1", "L", name, AT, Decimal(6), unit)


def _drug(name: str) -> PrescribedDrug:
    return PrescribedDrug("1", 1, 1, OrderKind.INTERNAL, "", name, Decimal(1), "錠", 7, "", AT, DAY)


def _is_same(one, other) -> bool:  # type: ignore[no-untyped-def]
    return bool(set(keys_of(*one)) & set(keys_of(*other)))


NUMBER = StandardCode(names.DISEASE_NUMBER, "20061593", "高血圧症")
RECEIPT = StandardCode(names.DISEASE_RECEIPT, "8833421", "高血圧症")
NONE = StandardCode(names.DISEASE_NUMBER, names.NO_DISEASE_NUMBER, "高血圧症")


def test_a_disease_is_the_same_by_either_of_its_codes():
    told = _disease(code="")
    assert _is_same((told, [NUMBER]), (_disease(), [NUMBER, RECEIPT]))
    assert _is_same((told, [RECEIPT]), (_disease(), []))
    assert not _is_same((told, [NUMBER]), (_disease("0059003", "高血圧症"), []))


@given(MADE_NAMES)
def test_words_join_words_and_never_a_code(name):
    words = _disease("0000999", name)
    assert _is_same((words, [NONE]), (replace(words, id="2"), []))
    assert not _is_same((words, [NONE]), (_disease(name=name), [NUMBER]))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("YCM2171022F2017", "YCM2171022F2033", True),
        ("YCM2171022F2017", "YCM2171014F2017", False),
        ("YCM2171022F2017", "J9FA19140000", False),
    ],
)
def test_an_allergy_to_a_drug_is_one_to_its_ingredient(one, other, same):
    def told(code: str):  # type: ignore[no-untyped-def]
        kind = AllergenKind.FOOD if code.startswith("J9F") else AllergenKind.DRUG
        system = names.FOOD_ALLERGEN if code.startswith("J9F") else names.DRUG_ALLERGEN
        return AllergyFacts("1", kind, "架空"), [StandardCode(system, code, "架空")]

    assert _is_same(told(one), told(other)) is same


def test_an_allergen_without_a_code_is_its_words_and_the_dummy_is_no_code():
    dummy = StandardCode(names.FOOD_ALLERGEN, "D9F000000000", "食品ダミーコード")
    soba, kani = (AllergyFacts("1", AllergenKind.FOOD, word) for word in ("そば", "かに"))
    assert _is_same((soba, [dummy]), (replace(soba, substance="ソバ"), []))
    assert not _is_same((soba, [dummy]), (kani, [dummy]))


def test_an_item_in_two_units_is_two_and_methods_are_one():
    codes = [each for each in find_lab_codes("HbA1c", "%", "全血") if each.display == "HbA1c-NGSP"]
    assert len(codes) > 1
    first, second = (StandardCode(each.system, each.code, each.display) for each in codes[:2])
    assert _is_same((_result("HbA1c", "%"), [first]), (_result("A1c", "％"), [second]))
    assert not _is_same((_result("HbA1c", "%"), [first]), (_result("HbA1c", "mmol/mol"), [first]))
    assert not _is_same((_result("HbA1c", "%"), []), (_result("HbA1c", "%"), [first]))
    assert _is_same((_result("ペプシノゲンI", "ng/mL"), []), (_result("ペプシノゲンＩ", "ng/ml"), []))


def test_products_and_the_general_name_of_one_strength_stand_together():
    product = StandardCode(names.YJ, "2171022F2017", "アムロジピン錠５ｍｇ「サワイ」")
    general = StandardCode(names.GENERAL_NAME, "2171022F2ZZZ", "【般】アムロジピン錠５ｍｇ")
    stronger = StandardCode(names.YJ, "2171022F5016", "アムロジピン錠１０ｍｇ")
    one = (_drug("アムロジピン錠５ｍｇ「サワイ」"), [product])
    assert _is_same(one, (_drug("【般】アムロジピン錠５ｍｇ"), [general]))
    assert not _is_same(one, (_drug("アムロジピン錠１０ｍｇ"), [stronger]))
