# SPDX-License-Identifier: Apache-2.0
"""投薬の確認 — what a prescription must say or may not exceed; shown to a human (医科点数表 第5部投薬 通則)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tasuki.calculation.base_fee import FIRST, OUTPATIENT, REVISIT, Manner
from tasuki.calculation.flags import Fact, Flag
from tasuki.calculation.prescribed import DRUG_KINDS
from tasuki.calculation.psychotropics import day_limit
from tasuki.calculation.rule import Advice, rule
from tasuki.chart.orders import Dispensing, OrderKind
from tasuki.kernel.because import facts

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.prescribed import PrescribedDrug
    from tasuki.masters.rows import Drug

MOST_PATCHES = 63
PATCHES = "2649"  # 薬効分類 その他の鎮痛,鎮痒,収斂,消炎剤 (外用)
SHEETS = "枚"
# エンシュア・リキッド, エンシュア・H, ツインラインNF, ラコールNF (液), エネーボ, イノラス: 薬効分類 325 taken by mouth,
# for 「一般に、手術後患者の栄養保持」. 疑義解釈その4 (令和8年4月21日) 医科 問33 names these six.
NUTRIENTS = ("3259109S", "3259114S", "3259117S", "3259118S", "3259119S", "3259120S")
FACE_TO_FACE = frozenset(
    code
    for table in (FIRST, REVISIT, OUTPATIENT)
    for (manner, _), code in table.items()
    if manner is Manner.FACE_TO_FACE
)
NARCOTIC, PSYCHOTROPIC = "1", "5"  # 医薬品マスター col 14


def is_patch(row: Drug) -> bool:
    """貼付剤か — of the class counted by sheets."""
    return row.price_list_code.startswith(PATCHES) and row.unit_name == SHEETS


def is_limited(row: Drug) -> bool:
    """投与日数に限度のある薬か — whether the days of one prescription are limited."""
    return day_limit(row) is not None


def is_never_refilled(row: Drug) -> bool:
    """リフィルできない薬か — one with a limit of days, or a patch."""
    return is_limited(row) or is_patch(row)


def is_nutrient(row: Drug) -> bool:
    """栄養保持を目的とした薬か — one of the six that are named."""
    return row.price_list_code.startswith(NUTRIENTS)


def is_narcotic_or_psychotropic(row: Drug) -> bool:
    """麻薬・向精神薬か — by 医薬品マスター col 14."""
    return row.controlled in (NARCOTIC, PSYCHOTROPIC)


@rule(
    "F000/patches",
    title="貼付剤63枚超",
    cite="医科点数表 第5部投薬 通則5; 通知 第5部 通則10",
    since=date(2024, 6, 1),
    orders=DRUG_KINDS,
    drugs=is_patch,
)
def patches(case: Case, _draft: Draft) -> Advice | None:
    """貼付剤 — more than 63 sheets a prescription need a written reason, else the excess and the fees fall."""
    found = [drug for drug in case.prescribed if is_patch(drug.row)]
    sheets = sum((_amount(drug) for drug in found), Decimal(0))
    if sheets <= MOST_PATCHES or case.has_flag(Flag.PATCH_REASON_RECORDED):
        return None
    return Advice(found[0].row.code, facts(sheets=sheets, most=MOST_PATCHES))


@rule(
    "F200/day_limit",
    title="投与日数の限度",
    cite="療担規則 第20条第2号ヘ; 掲示事項等告示 第十",
    since=date(2024, 6, 1),
    orders=DRUG_KINDS,
    drugs=is_limited,
)
def too_many_days(case: Case, _draft: Draft) -> tuple[Advice, ...] | None:
    """投与日数の限度 — a controlled drug for longer than 14, 30 or 90 days is shown."""
    advice = []
    for drug in case.prescribed:
        limit = day_limit(drug.row)
        if limit is not None and drug.order.kind is OrderKind.INTERNAL and drug.order.count > limit:
            advice.append(Advice(drug.row.code, facts(days=drug.order.count, most=limit)))
    return tuple(advice) or None


@rule(
    "F400/refill_limit",
    title="リフィルできない医薬品",
    cite="通知 F400(15); 療担規則 第20条第3号",
    since=date(2024, 6, 1),
    orders=DRUG_KINDS,
    drugs=is_never_refilled,
)
def refill_limit(case: Case, _draft: Draft) -> tuple[Advice, ...] | None:
    """リフィルできない医薬品 — drugs with a limit of days, and patches, may not be on a refill prescription."""
    advice = [
        Advice(drug.row.code, facts(is_refill=True))
        for drug in case.prescribed
        if drug.order.is_refill and is_never_refilled(drug.row)
    ]
    return tuple(advice) or None


@rule(
    "F400/both_places",
    title="院内投薬と院外処方の併用",
    cite="通知 F400(9)",
    since=date(2024, 6, 1),
    orders=(Dispensing.IN_HOUSE,),
)
def both_places(case: Case, _draft: Draft) -> Advice | None:
    """院内投薬と院外処方の併用 — only in urgency: 処方箋料 with the drugs alone, and the reason on the claim."""
    inside = next((drug for drug in case.prescribed if not drug.is_outside), None)
    if inside is None or not any(drug.is_outside for drug in case.prescribed):
        return None
    return Advice(inside.row.code, facts(day=case.day))


@rule(
    "F200/nutrition",
    title="栄養保持を目的とした医薬品",
    cite="医科点数表(令和8年度) 第5部投薬 通則6; 通知 第5部 通則12",
    since=date(2026, 6, 1),
    orders=DRUG_KINDS,
    drugs=is_nutrient,
)
def nutrition(case: Case, _draft: Draft) -> Advice | None:
    """栄養保持を目的とした医薬品 — billed only after an operation, by tube, or with the doctor's reason written."""
    found = next((drug for drug in case.prescribed if is_nutrient(drug.row)), None)
    return Advice(found.row.code, facts(drug=found.row.name)) if found is not None else None


@rule(
    "F400/online",
    title="情報通信機器を用いた診療での麻薬・向精神薬の処方",
    cite="情報通信機器を用いた診療に係る施設基準; 医療法施行規則 第9条の6の13第3項; 疑義解釈その4 (令和8年4月21日) 医科 問16",
    since=date(2026, 6, 1),
    orders=DRUG_KINDS,
    needs=(Flag.ONLINE, Fact.AT_HOME),
    drugs=is_narcotic_or_psychotropic,
)
def controlled_online(case: Case, draft: Draft) -> tuple[Advice, ...] | None:
    """麻薬・向精神薬 — not prescribed online unless the complaint was seen face to face before."""
    if draft.manner is not Manner.ONLINE:
        return None
    found = [drug.row for drug in case.prescribed if is_narcotic_or_psychotropic(drug.row)]
    if not found or any(case.history.of(code) for code in FACE_TO_FACE):
        return None
    return tuple(Advice(row.code, facts(drug=row.name)) for row in found)


def _amount(drug: PrescribedDrug) -> Decimal:
    return (drug.item.amount or Decimal(0)) * drug.order.count
