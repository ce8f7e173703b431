# SPDX-License-Identifier: Apache-2.0
"""表示名 — the Japanese words for facts of a closed set: flags, hours, manners, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.calculation.flags import Flag

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAGS: Mapping[str, str] = {
    Flag.SECOND_DEPARTMENT: "同一日の2つ目の診療科",
    Flag.OUTPATIENT_MANAGEMENT_DECLINED: "外来管理加算を算定しない",
    Flag.RESULTS_EXPLAINED_SAME_DAY: "検査結果を当日文書で説明した",
    Flag.GUIDANCE_GIVEN: "療養上の管理・計画的な指導を行い診療録に記載した",
    Flag.LIFESTYLE_PLAN_SIGNED: "療養計画書により説明し同意を得た",
    Flag.MYNA_CARD_USED: "マイナ保険証により診療情報を取得した",
    Flag.DRUG_INFORMATION_GIVEN: "薬剤情報を文書で提供した",
    Flag.NOTEBOOK_RECORDED: "手帳に記載した",
    Flag.EMERGENCY_CALL: "休日当番医などの救急医療として診療した",
    Flag.TIME_ADDITION_DECLINED: "医療機関の都合による時間外等の診療",
    Flag.ONLINE: "情報通信機器を用いた診療",
    Flag.EMERGENCY_TEST: "緊急に院内で検査・画像診断を行った",
    Flag.FAMILY_CAME: "本人は来院せず、看護に当たっている者から症状を聞いた",
    Flag.DISCHARGED_WITHIN_MONTH: "退院した日から1月以内",
    Flag.STATEMENT_DECLINED: "明細書を不要とした",
    Flag.CONTINUED_TREATMENT: "治療中の疾患がある",
    Flag.REGULAR_PATIENT: "往診料 注1の定める患者に当たる",
    Flag.URGENT_CALL: "緊急の往診に当たる",
    Flag.FAR_VISIT_UNAVOIDABLE: "16km超の往診・訪問に絶対的な理由がある",
    Flag.LISTED_HOME_DISEASE: "別表第七の疾病等に当たる",
    Flag.ACUTE_EXACERBATION: "急性増悪等で頻回の訪問が必要と認めた",
    Flag.NO_CONTACT_DOCUMENT: "24時間の連絡先の文書を渡していない",
    Flag.SEVERE_HOME_STATE: "在医総管の別表第八の二の状態に当たる",
    Flag.COMPREHENSIVE_HOME_STATE: "包括的支援加算の別表第八の三の状態に当たる",
    Flag.INTENSIVE_HOME_STATE: "頻回訪問加算の別表第三の一の三の患者に当たる",
    Flag.CARE_INFORMATION_USED: "他職種がICTで記録した情報を活用した",
    Flag.DIED_AT_HOME: "在宅で死亡した",
    Flag.ATTENDED_DEATH: "死亡日に訪問し、患家で看取った",
    Flag.DEATH_CONFIRMED: "死亡日に訪問し、死亡診断を行った",
    Flag.INJECTION_DRUG_CHANGED: "自己注射の薬を変更した（過去1年以内の薬・バイオ後続品との変更を除く）",
    Flag.BIOSIMILAR_EXPLAINED: "バイオ後続品の有効性や安全性を説明した",
    Flag.EMERGENCY_INJECTION: "緊急時の受診による注射である",
    Flag.CPAP_BEGUN: "CPAPの開始・やむを得ない中断からの再開から3月以内",
    Flag.CANNULA_OR_DEEP_ULCER: "気管カニューレの使用又は真皮を越える褥瘡がある",
    Flag.CHEMOTHERAPY_EXPLAINED: "外来化学療法を文書で説明し、専用室で投与した",
    Flag.PRECISE_DRIP: "自動輸液ポンプで1時間30mL以下で注入した",
    Flag.FEVER: "発熱その他感染症を疑わせる症状がある",
    Flag.PRESCRIPTION_CHANGED: "同じ月の前回から処方の内容を変更した",
    Flag.PSYCHOTROPIC_EXCEPTION: "向精神薬多剤投与の除外要件に当たる",
    Flag.PSYCHOTROPICS_REDUCED: "抗不安薬等を減らし、症状の変化の確認を指示した",
    Flag.LONG_TERM_ANXIOLYTIC: "向精神薬長期処方に当たる",
    Flag.GARGLE_FOR_TREATMENT: "うがい薬を治療の目的で投与した",
    Flag.ANTIBIOTIC_NOT_NEEDED: "抗菌薬を使用しない理由を文書で説明した",
    Flag.PATCH_REASON_RECORDED: "貼付剤が63枚を超える理由を記載した",
    Flag.UNRELATED_TO_OPERATION: "手術に関連しない処置・注射である",
    Flag.DAY_SURGERY: "日帰り手術の要件（手術室・回復室・同意・翌日の確認）を満たした",
    Flag.CANCER_PAIN: "がん性疼痛",
    Flag.WOUNDS_OF_ONE_DISEASE: "処置した部位は同一疾病又はこれに起因する病変",
    Flag.HOME_DOCTOR_AGREED: "小児かかりつけ医として同意を書面で得た",
    Flag.COMMUNITY_CARE_AGREED: "地域包括診療の同意を得て担当医が診療した",
    Flag.RECEIVES_LONG_TERM_CARE: "介護給付・予防給付を受けている（要介護・要支援）",
    Flag.DESIGNATED_PHYSICIAN: "精神保健指定医が診療した",
    Flag.TREATED_AGAIN: "治療を終えた後、症状の再発により新たに治療を始めた",
    Flag.REHABILITATION_CONTINUED: "標準的算定日数を超えて改善が期待できると判断した",
    Flag.NEW_REHABILITATION_START: "新たな発症・再発・急性増悪で起算日を改めた",
    Flag.INTRACTABLE_CERTIFIED: "指定難病の認定基準を満たすと診断した",
    Flag.REPEATED_OR_PROLONGED: "3か月以上遷延している、又は1年に3回以上繰り返した",
    Flag.MAINTENANCE_DIALYSIS: "慢性維持透析を行っている",
    Flag.CONTINUED_FROM_ELSEWHERE: "他の医療機関で始めた治療を引き継いだ",
}

WORDS: Mapping[str, str] = {
    **FLAGS,
    "face_to_face": "対面",
    "telephone": "電話等",
    "only": "当日初めて",
    "again": "同じ日の再度",
    "first": "初診",
    "revisit": "再診",
    "none": "初・再診料を算定しない受診",
    "day": "診療時間帯",
    "night": "夜間・早朝",
    "holiday": "休日",
    "midnight": "深夜",
    "out_of_hours": "時間外",
    "night_emergency": "時間外特例",
    "all": "",
    "infant": "6歳未満",
    "paediatric": "小児科の6歳未満",
    "first_visit": "初診",
    "with_beds": "機能強化型の在宅療養支援診療所・病院（病床あり）",
    "without_beds": "機能強化型の在宅療養支援診療所（病床なし）",
    "support": "在宅療養支援診療所・病院",
    "other": "在宅療養支援診療所・病院以外",
    "unlisted": "定める患者以外の患者",
    "call_urgent": "緊急",
    "call_night": "夜間",
    "call_holiday": "休日",
    "call_midnight": "深夜",
    "severe_twice": "別表第八の二の状態・月2回以上",
    "twice": "月2回以上",
    "twice_with_online": "月2回以上（情報通信機器を含む）",
    "once": "月1回",
    "once_with_online": "月1回（2月に1回情報通信機器）",
    "injections_a_month": "当月に指示した自己注射の回数",
    "injections_since": "自己注射を導入した日",
    "patients_that_day": "同じ建物で同じ日に訪問診療した人数",
    "building_patients": "単一建物診療患者数",
    "plan": "在宅診療計画の月の訪問回数",
    "is_prescription_given": "当月の院外処方箋の有無",
    "attached": "併設する施設の入居者",
    "called": "往診",
    "home_visit": "訪問診療",
    "home_visit_shared": "同一建物の訪問診療",
}

NUMBERS: Mapping[str, Mapping[int, str]] = {
    "window": {1: "同じ日", 2: "同じ月", 3: "同時", 4: "1週間以内"},
    "unit": {1: "1日につき", 2: "同じ月に", 3: "同時に", 5: "手術前1週間に", 6: "1手術につき"},
}


def label(value: str) -> str:
    """表示名 — of a flag or another closed value; the value itself when it has none.

    >>> label("fever")
    '発熱その他感染症を疑わせる症状がある'
    """
    return WORDS.get(value, value)
