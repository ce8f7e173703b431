# SPDX-License-Identifier: Apache-2.0
"""申告事実の表記 — the Japanese words of the facts that only a human knows, and who is asked for them."""

from __future__ import annotations

from tasuki.calculation.flags import Flag

FLAG_LABELS = {
    Flag.SECOND_DEPARTMENT: "同一日2科目の受診",
    Flag.OUTPATIENT_MANAGEMENT_DECLINED: "外来管理加算を算定しない",
    Flag.RESULTS_EXPLAINED_SAME_DAY: "検査結果を当日中に文書で説明した",
    Flag.GUIDANCE_GIVEN: "計画的な指導・療養上の管理を行い、診療録に書いた",
    Flag.LIFESTYLE_PLAN_SIGNED: "療養計画書に患者の署名を受けた",
    Flag.MYNA_CARD_USED: "マイナ保険証で情報を取得した",
    Flag.DRUG_INFORMATION_GIVEN: "薬剤情報を文書で渡した",
    Flag.NOTEBOOK_RECORDED: "お薬手帳に記載した",
    Flag.PRESCRIPTION_CHANGED: "同じ月の前回から処方の内容を変えた",
    Flag.PSYCHOTROPIC_EXCEPTION: "向精神薬多剤投与の除外に当たる",
    Flag.PSYCHOTROPICS_REDUCED: "抗不安薬等を減らし、変化の確認を指示した",
    Flag.LONG_TERM_ANXIOLYTIC: "向精神薬の長期処方に当たる",
    Flag.GARGLE_FOR_TREATMENT: "うがい薬は治療のために出した",
    Flag.ANTIBIOTIC_NOT_NEEDED: "抗菌薬を使わない理由を文書で説明した",
    Flag.PATCH_REASON_RECORDED: "貼付剤63枚超の理由を書いた",
    Flag.HOME_DOCTOR_AGREED: "小児かかりつけ医の同意を書面で得た",
    Flag.COMMUNITY_CARE_AGREED: "地域包括診療の同意がある（担当医の診療）",
    Flag.RECEIVES_LONG_TERM_CARE: "介護サービスを使っている（要介護・要支援）",
    Flag.DESIGNATED_PHYSICIAN: "精神保健指定医が診療した",
    Flag.TREATED_AGAIN: "治療を終えた後、症状の再発により新たに治療を始めた",
    Flag.REHABILITATION_CONTINUED: "標準的算定日数を超えて改善が期待できると判断した",
    Flag.NEW_REHABILITATION_START: "新たな発症・再発・急性増悪で起算日を改めた",
    Flag.INTRACTABLE_CERTIFIED: "指定難病の認定基準を満たす（受給者証なし）",
    Flag.REPEATED_OR_PROLONGED: "3か月以上の遷延・1年に3回以上の反復",
    Flag.MAINTENANCE_DIALYSIS: "慢性維持透析中（他院・腹膜透析を含む）",
    Flag.CONTINUED_FROM_ELSEWHERE: "他院で始めた治療を引き継いだ",
    Flag.DISCHARGED_WITHIN_MONTH: "退院から1か月以内",
    Flag.EMERGENCY_CALL: "休日当番医・救急医療として診療した",
    Flag.TIME_ADDITION_DECLINED: "医院の都合による時間外の診療",
    Flag.ONLINE: "情報通信機器による診療",
    Flag.FAMILY_CAME: "本人は来ず、家族から症状を聞いた",
    Flag.EMERGENCY_TEST: "緊急に院内で検査・画像診断をした",
    Flag.STATEMENT_DECLINED: "明細書は不要と申し出があった",
    Flag.CONTINUED_TREATMENT: "治療中の疾患がある（継続）",
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
    Flag.FEVER: "発熱など感染症を疑う症状がある",
    Flag.UNRELATED_TO_OPERATION: "処置・注射は手術と関係がない",
    Flag.DAY_SURGERY: "日帰り手術の要件を満たした",
    Flag.CANCER_PAIN: "がんの痛み",
    Flag.WOUNDS_OF_ONE_DISEASE: "処置した部位は同じ病気によるもの",
}
# 受付で聞くこと、診察で分かること: every flag is asked in exactly one place.
AT_RECEPTION = (
    Flag.MYNA_CARD_USED,
    Flag.FEVER,
    Flag.SECOND_DEPARTMENT,
    Flag.STATEMENT_DECLINED,
    Flag.FAMILY_CAME,
    Flag.ONLINE,
    Flag.EMERGENCY_CALL,
    Flag.TIME_ADDITION_DECLINED,
)
IN_THE_ROOM = tuple(flag for flag in Flag if flag not in AT_RECEPTION)


def flag_label(flag: str) -> str:
    """申告事実の表記 — the name itself for a flag that has no words yet."""
    return FLAG_LABELS[Flag(flag)] if flag in set(FLAG_LABELS) else flag
