# SPDX-License-Identifier: Apache-2.0
"""申告事実 — facts of a visit that only a human knows, by the names a visit carries in ``flags``."""

from __future__ import annotations

from enum import StrEnum


class Flag(StrEnum):
    """申告事実 — each is set on a screen, with its Japanese label in the message table of the server."""

    SECOND_DEPARTMENT = "second_department"  # 同一日2科目
    OUTPATIENT_MANAGEMENT_DECLINED = "outpatient_management_declined"  # 外来管理加算を算定しない
    RESULTS_EXPLAINED_SAME_DAY = "results_explained_same_day"  # 検査結果を当日文書で説明した
    GUIDANCE_GIVEN = "guidance_given"  # 療養上の管理・計画的な指導を行い診療録に記載した
    LIFESTYLE_PLAN_SIGNED = "lifestyle_plan_signed"  # 療養計画書に患者の署名
    MYNA_CARD_USED = "myna_card_used"  # マイナ保険証により情報を取得した
    DRUG_INFORMATION_GIVEN = "drug_information_given"  # 薬剤情報を文書で提供した
    NOTEBOOK_RECORDED = "notebook_recorded"  # 手帳に記載した
    PRESCRIPTION_CHANGED = "prescription_changed"  # 同月の前回から処方の内容を変更した
    PSYCHOTROPIC_EXCEPTION = (
        "psychotropic_exception"  # 向精神薬多剤投与の除外要件に当たる(F100通知(3)ア(イ)〜(ニ))
    )
    PSYCHOTROPICS_REDUCED = "psychotropics_reduced"  # 抗不安薬等を減らし、変化の確認を指示した
    LONG_TERM_ANXIOLYTIC = "long_term_anxiolytic"  # 向精神薬長期処方に当たる(F100通知(6))
    GARGLE_FOR_TREATMENT = "gargle_for_treatment"  # うがい薬を治療の目的で投与した
    ANTIBIOTIC_NOT_NEEDED = "antibiotic_not_needed"  # 抗菌薬を使わない理由を文書で説明した
    PATCH_REASON_RECORDED = "patch_reason_recorded"  # 貼付剤63枚超の理由を記載した
    DISCHARGED_WITHIN_MONTH = "discharged_within_month"  # 退院した日から1月以内
    EMERGENCY_CALL = "emergency_call"  # 休日当番医・救急医療対策事業として診療した
    TIME_ADDITION_DECLINED = "time_addition_declined"  # 医療機関の都合による時間外等の診療
    ONLINE = "online"  # 情報通信機器を用いた診療
    FAMILY_CAME = "family_came"  # 本人は来ず、看護に当たっている者から症状を聞いた
    EMERGENCY_TEST = "emergency_test"  # 緊急に院内で検査・画像診断を行った
    STATEMENT_DECLINED = "statement_declined"  # 明細書を不要とした
    CONTINUED_TREATMENT = "continued_treatment"  # 治療中の疾患がある
    REGULAR_PATIENT = "regular_patient"  # 外来で継続して診ている患者、又は連携する施設・医療機関の在宅患者
    URGENT_CALL = "urgent_call"  # 急性心筋梗塞等が予想される、又は終末期の患者への緊急の往診
    FAR_VISIT_UNAVOIDABLE = (
        "far_visit_unavoidable"  # 16kmを超える往診・訪問診療を必要とする絶対的な理由がある
    )
    LISTED_HOME_DISEASE = "listed_home_disease"  # 別表第七の疾病等(末期の悪性腫瘍・難病等)に当たる
    ACUTE_EXACERBATION = "acute_exacerbation"  # 急性増悪等により頻回の訪問を必要と認めた
    NO_CONTACT_DOCUMENT = "no_contact_document"  # 連絡先・往診体制の文書を渡していない患者
    SEVERE_HOME_STATE = "severe_home_state"  # 別表第八の二の状態
    COMPREHENSIVE_HOME_STATE = "comprehensive_home_state"  # 別表第八の三の状態
    INTENSIVE_HOME_STATE = "intensive_home_state"  # 別表第三の一の三の患者
    CARE_INFORMATION_USED = "care_information_used"  # 他職種がICTで記録した90日以内の情報を計画に活用した
    DIED_AT_HOME = "died_at_home"  # 在宅で死亡した(往診・訪問診療後24時間以内の在宅以外の死亡を含む)
    ATTENDED_DEATH = "attended_death"  # 事前に説明と同意を得て、死亡日に訪問し患家で看取った
    DEATH_CONFIRMED = "death_confirmed"  # 死亡日に訪問し死亡診断を行った
    INJECTION_DRUG_CHANGED = "injection_drug_changed"  # 自己注射の薬(別表第九)を変更した。過去1年以内の処方・バイオ後続品との変更を除く
    BIOSIMILAR_EXPLAINED = "biosimilar_explained"  # バイオ後続品の有効性・安全性を説明した
    EMERGENCY_INJECTION = "emergency_injection"  # 自己注射の患者の緊急時の受診による注射
    CPAP_BEGUN = "cpap_begun"  # CPAPの開始から3月以内、又は予め分かっていた中断からの再開
    CANNULA_OR_DEEP_ULCER = "cannula_or_deep_ulcer"  # 気管カニューレを使用、又は真皮を越える褥瘡の状態
    CHEMOTHERAPY_EXPLAINED = (
        "chemotherapy_explained"  # 外来化学療法について文書で説明し同意を得て専用室で投与した
    )
    PRECISE_DRIP = "precise_drip"  # 自動輸液ポンプで1時間30mL以下の速度で注入した
    FEVER = "fever"  # 発熱その他感染症を疑わせる症状
    UNRELATED_TO_OPERATION = "unrelated_to_operation"  # 手術に関連しない処置・注射・検体採取
    DAY_SURGERY = "day_surgery"  # 日帰り手術の要件(手術室・回復室・同意・翌日の確認)を満たした
    CANCER_PAIN = "cancer_pain"  # がん性疼痛
    WOUNDS_OF_ONE_DISEASE = "wounds_of_one_disease"  # 処置した部位は同一疾病又はこれに起因する病変
    HOME_DOCTOR_AGREED = "home_doctor_agreed"  # 小児かかりつけ診療料の同意を書面で得た
    COMMUNITY_CARE_AGREED = "community_care_agreed"  # 地域包括診療の同意を得た
    RECEIVES_LONG_TERM_CARE = "receives_long_term_care"  # 介護給付・予防給付を受けている要介護被保険者等
    DESIGNATED_PHYSICIAN = "designated_physician"  # 精神保健指定医が診療した
    TREATED_AGAIN = "treated_again"  # 治療を終えた後、症状の再発により新たに治療を始めた
    REHABILITATION_CONTINUED = "rehabilitation_continued"  # 標準的算定日数を超えて改善が期待できると判断した
    NEW_REHABILITATION_START = "new_rehabilitation_start"  # 新たな発症・再発・急性増悪で起算日を改めた
    INTRACTABLE_CERTIFIED = "intractable_certified"  # 指定難病の認定基準を満たすと診断した
    REPEATED_OR_PROLONGED = "repeated_or_prolonged"  # 3か月以上遷延、又は1年に3回以上繰り返した
    MAINTENANCE_DIALYSIS = "maintenance_dialysis"  # 慢性維持透析を行っている(他の医療機関・腹膜透析を含む)
    CONTINUED_FROM_ELSEWHERE = "continued_from_elsewhere"  # 他の医療機関で始めた治療を引き継いだ


class Fact(StrEnum):
    """受診の事実 — what a rule may need besides flags: recorded in a place of its own on the visit."""

    AT_HOME = "fact:at_home"  # 往診・訪問診療等
    SELF_CARE = "fact:self_care"  # 自己注射・自己測定の回数
    SEEN_TODAY = "fact:seen_today"  # 同じ日の別の受診の算定歴
    OFF_HOURS = "fact:off_hours"  # 平日8時〜18時・土曜8時〜12時の外、又は時間外加算の時間
