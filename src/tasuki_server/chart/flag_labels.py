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
    Flag.EMERGENCY_CALL: "時間外特例に当たる",
    Flag.STATEMENT_DECLINED: "明細書は不要と申し出があった",
    Flag.CONTINUED_TREATMENT: "治療中の疾患がある（継続）",
    Flag.FEVER: "発熱など感染症を疑う症状がある",
}
# 受付で聞くこと、診察で分かること: every flag is asked in exactly one place.
AT_RECEPTION = (
    Flag.MYNA_CARD_USED,
    Flag.SECOND_DEPARTMENT,
    Flag.FEVER,
    Flag.STATEMENT_DECLINED,
    Flag.EMERGENCY_CALL,
)
IN_THE_ROOM = tuple(flag for flag in Flag if flag not in AT_RECEPTION)


def flag_label(flag: str) -> str:
    """申告事実の表記 — the name itself for a flag this release does not know."""
    return FLAG_LABELS.get(Flag(flag), flag) if flag in set(Flag) else flag
