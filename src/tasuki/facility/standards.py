# SPDX-License-Identifier: Apache-2.0
"""施設基準コード — names of the standards our rules ask for, and our own keys where no number is known.

Official numbers are those of マスターファイル仕様説明書 R6 別紙. A key with the prefix ``tasuki-`` stands
for a standard that is met without notice, for a tier that one official number does not tell apart, or
for one of 令和8年度 whose number is not published yet (docs/reference/unconfirmed.md).
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tasuki.kernel.validity import Validity

R6 = Validity(date(2024, 6, 1), date(2026, 5, 31))
R8 = Validity(date(2026, 6, 1), None)
BOTH = Validity(date(2024, 6, 1), None)


class KnownStandard(NamedTuple):
    """施設基準 — a code, its Japanese name, the days it can be held, and a note when it is our own key."""

    code: str
    name: str
    validity: Validity
    note: str = ""


AFTER_HOURS = ("3001", "4036", "3155", "3002")
NIGHT_EMERGENCY = "tasuki-night-emergency"
FREE_STATEMENT = "tasuki-free-statement"
MEDICAL_INFORMATION = "tasuki-medical-information"
R6_DIGITAL = tuple(f"tasuki-digital-promotion-{tier}" for tier in range(1, 7))
R8_DIGITAL = tuple(f"tasuki-digital-coordination-{tier}" for tier in range(1, 4))
DISEASE_MANAGEMENT = "tasuki-disease-management"
LIFESTYLE_MANAGEMENT = "tasuki-lifestyle-management"
LIFESTYLE_FULFILLED = tuple(f"tasuki-lifestyle-fulfilled-{tier}" for tier in range(1, 4))
PAEDIATRIC_OUTPATIENT_SYSTEM = "tasuki-paediatric-outpatient"
NO_DISPENSING = "tasuki-no-dispensing"
PSYCHOTHERAPY_BY_OTHERS = "tasuki-psychotherapy-by-others"
# 体制を要する指導管理料 (B001 の番号) from 令和8年度.
GUIDED_SYSTEMS = {
    "8_skin_first": "tasuki-dermatology-management",
    "8_skin_second": "tasuki-dermatology-management",
    "21_ear_nose_throat": "tasuki-ear-nose-throat-management",
}
GENERIC_NAMES = "tasuki-generic-names"
HOME_SUPPORT_BEDS = "tasuki-home-support-beds"
HOME_DIGITAL_ONE = "tasuki-home-digital-1"
HOME_FEW_SEVERE = "tasuki-home-few-severe"
HOME_MAINLY = "tasuki-home-mainly"
FULL_TIME_PHARMACIST = "tasuki-full-time-pharmacist"
BASE_UP = "4307"
BASE_UP_CONTINUED = "tasuki-wage-continuation"
BASE_UP_SECOND = (
    "4308", "4309", "4310", "4311", "4312", "4313", "4314", "4315",
    *(f"tasuki-base-up-second-{tier}" for tier in range(9, 25)),
)  # fmt: skip

_WITHOUT_NOTICE = "届出不要の基準"
_TIER = "届出は一つ、区分は実績による"
_UNNUMBERED = "令和8年度の番号は未確認"

STANDARDS: tuple[KnownStandard, ...] = (
    KnownStandard("3001", "時間外対応加算１", R6),
    KnownStandard("4036", "時間外対応加算２", R6),
    KnownStandard("3155", "時間外対応加算３", R6),
    KnownStandard("3002", "時間外対応加算４", R6),
    KnownStandard("3001", "時間外対応体制加算１", R8),
    KnownStandard("4036", "時間外対応体制加算２", R8),
    KnownStandard("3155", "時間外対応体制加算３", R8),
    KnownStandard("3002", "時間外対応体制加算４", R8),
    KnownStandard("3195", "地域包括診療加算２", BOTH),
    KnownStandard("3522", "機能強化加算", BOTH),
    KnownStandard("3523", "地域包括診療加算１", BOTH),
    KnownStandard("3825", "情報通信機器を用いた診療に係る基準", BOTH),
    KnownStandard("3826", "外来感染対策向上加算", BOTH),
    KnownStandard("3827", "連携強化加算", BOTH),
    KnownStandard("3828", "サーベイランス強化加算", BOTH),
    KnownStandard("4034", "抗菌薬適正使用体制加算", BOTH),
    KnownStandard("4035", "医療ＤＸ推進体制整備加算", R6),
    KnownStandard(BASE_UP, "外来・在宅ベースアップ評価料（Ⅰ）", BOTH),
    KnownStandard(NIGHT_EMERGENCY, "時間外特例医療機関", BOTH, "都道府県の医療計画による"),
    KnownStandard(FREE_STATEMENT, "明細書発行体制等加算", BOTH, _WITHOUT_NOTICE),
    KnownStandard(MEDICAL_INFORMATION, "医療情報取得加算", R6, _WITHOUT_NOTICE),
    *(
        KnownStandard(code, f"医療ＤＸ推進体制整備加算{tier}", R6, _TIER)
        for code, tier in zip(R6_DIGITAL, "１２３４５６", strict=True)
    ),
    *(
        KnownStandard(code, f"電子的診療情報連携体制整備加算{tier}", R8, _UNNUMBERED)
        for code, tier in zip(R8_DIGITAL, "１２３", strict=True)
    ),
    KnownStandard(GENERIC_NAMES, "一般名処方加算（掲示等）", BOTH, _WITHOUT_NOTICE),
    KnownStandard(FULL_TIME_PHARMACIST, "調剤技術基本料（薬剤師の常時勤務）", BOTH, _WITHOUT_NOTICE),
    KnownStandard(DISEASE_MANAGEMENT, "特定疾患療養管理料（注１の体制）", R8, _WITHOUT_NOTICE),
    KnownStandard(
        PAEDIATRIC_OUTPATIENT_SYSTEM, "小児科外来診療料（６歳未満を包括で算定）", BOTH, _WITHOUT_NOTICE
    ),
    KnownStandard(
        PSYCHOTHERAPY_BY_OTHERS, "通院・在宅精神療法（注１３の減算に当たらない届出）", R8, _UNNUMBERED
    ),
    KnownStandard(NO_DISPENSING, "院内処方を行わない", BOTH, "医院の実態"),
    KnownStandard(
        "tasuki-dermatology-management", "皮膚科特定疾患指導管理料（注１の体制）", R8, _WITHOUT_NOTICE
    ),
    KnownStandard(
        "tasuki-ear-nose-throat-management", "耳鼻咽喉科特定疾患指導管理料（注１の体制）", R8, _WITHOUT_NOTICE
    ),
    KnownStandard(LIFESTYLE_MANAGEMENT, "生活習慣病管理料（注１の体制）", BOTH, _WITHOUT_NOTICE),
    *(
        KnownStandard(code, f"充実管理加算{tier}", R8, _UNNUMBERED)
        for code, tier in zip(LIFESTYLE_FULFILLED, "１２３", strict=True)
    ),
    KnownStandard(HOME_SUPPORT_BEDS, "在宅療養支援診療所（連携する医療機関に病床を有する）", BOTH, _TIER),
    KnownStandard(HOME_DIGITAL_ONE, "在宅医療ＤＸ情報活用加算１（電子処方箋）", BOTH, _TIER),
    KnownStandard(HOME_FEW_SEVERE, "在宅時医学総合管理料等（注16の基準を満たさない）", R8, _UNNUMBERED),
    KnownStandard(
        HOME_MAINLY, "在宅時医学総合管理料等（主として往診・訪問診療を実施する診療所）", BOTH, _WITHOUT_NOTICE
    ),
    KnownStandard("tasuki-ct-128", "ＣＴ撮影（128列以上マルチスライス型機器）", R8, _UNNUMBERED),
    KnownStandard(
        BASE_UP_CONTINUED, "外来・在宅ベースアップ評価料（Ⅰ）注５（継続的賃上げ）", R8, _UNNUMBERED
    ),
    *(
        KnownStandard(
            code,
            f"外来・在宅ベースアップ評価料（Ⅱ）{tier}",
            BOTH if tier <= 8 else R8,
            "" if tier <= 8 else _UNNUMBERED,
        )
        for tier, code in enumerate(BASE_UP_SECOND, start=1)
    ),
)

_NAMES: dict[str, tuple[KnownStandard, ...]] = {}
for _standard in STANDARDS:
    _NAMES[_standard.code] = (*_NAMES.get(_standard.code, ()), _standard)


def standard_name(code: str, day: date) -> str | None:
    """施設基準の名称 — the Japanese name of a standard on a day, None when this table does not hold it.

    >>> standard_name("3001", date(2026, 6, 1))
    '時間外対応体制加算１'
    """
    return next((s.name for s in _NAMES.get(code, ()) if day in s.validity), None)
