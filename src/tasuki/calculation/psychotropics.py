# SPDX-License-Identifier: Apache-2.0
"""抗不安薬等 — which ingredients count for 向精神薬多剤投与, and how long controlled drugs may be given.

The kinds are counted by ingredient, told by the first seven characters of 薬価基準収載医薬品コード. The
annex itself (別紙様式36) is not in the published text this project reads: ``CONFIRMED`` holds what public
transcripts of it name, and only that decides a fee. The others are of the class in medicine; where they
would change the tier, a human is asked (docs/reference/unconfirmed.md).

Cite: 医科点数表 F100の1, F400の1; 通知 F100(3)イ 別紙様式36; 療担規則 第20条第2号ヘ
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tasuki.masters.rows import Drug


class PsychotropicClass(StrEnum):
    """抗不安薬等の別 — the four classes of 向精神薬多剤投与."""

    ANXIOLYTIC = "抗不安薬"
    HYPNOTIC = "睡眠薬"
    ANTIDEPRESSANT = "抗うつ薬"
    ANTIPSYCHOTIC = "抗精神病薬"


_A, _H = PsychotropicClass.ANXIOLYTIC, PsychotropicClass.HYPNOTIC
_D, _P = PsychotropicClass.ANTIDEPRESSANT, PsychotropicClass.ANTIPSYCHOTIC

INGREDIENTS: dict[str, PsychotropicClass] = {
    # 抗不安薬: オキサゾラム クロキサゾラム クロラゼプ酸 ジアゼパム ブロマゼパム メダゼパム ロラゼパム
    "1124013": _A, "1124014": _A, "1124015": _A, "1124017": _A, "1124020": _A, "1124021": _A, "1124022": _A,
    # アルプラゾラム フルタゾラム メキサゾラム トフィソパム クロルジアゼポキシド ロフラゼプ酸エチル タンドスピロン
    "1124023": _A, "1124024": _A, "1124025": _A, "1124026": _A, "1124028": _A, "1124029": _A, "1129008": _A,
    # ヒドロキシジン塩酸塩 クロチアゼパム ヒドロキシジンパモ酸塩 エチゾラム ガンマオリザノール
    "1179005": _A, "1179012": _A, "1179019": _A, "1179025": _A, "2900002": _A,
    # 睡眠薬: ブロモバレリル尿素 抱水クロラール エスタゾラム フルラゼパム ニトラゼパム ハロキサゾラム トリアゾラム
    "1121001": _H, "1123001": _H, "1124001": _H, "1124002": _H, "1124003": _H, "1124005": _H, "1124007": _H,
    # フルニトラゼパム ブロチゾラム ロルメタゼパム クアゼパム アモバルビタール バルビタール フェノバルビタール
    "1124008": _H, "1124009": _H, "1124010": _H, "1124030": _H, "1125001": _H, "1125002": _H, "1125003": _H,
    # フェノバルビタール(散・液) ペントバルビタール トリクロホス リルマザホン ゾピクロン ゾルピデム エスゾピクロン
    "1125004": _H, "1125006": _H, "1129004": _H, "1129006": _H, "1129007": _H, "1129009": _H, "1129010": _H,
    # ラメルテオン スボレキサント レンボレキサント メラトニン ダリドレキサント
    "1190016": _H, "1190023": _H, "1190027": _H, "1190028": _H, "1190033": _H,
    # 抗うつ薬: クロミプラミン ロフェプラミン トリミプラミン イミプラミン アモキサピン アミトリプチリン ノルトリプチリン
    "1174002": _D, "1174004": _D, "1174005": _D, "1174006": _D, "1179001": _D, "1179002": _D, "1179004": _D,
    # マプロチリン ドスレピン ミアンセリン セチプチリン トラゾドン フルボキサミン ミルナシプラン パロキセチン
    "1179008": _D, "1179027": _D, "1179033": _D, "1179034": _D, "1179037": _D, "1179039": _D, "1179040": _D,
    "1179041": _D,
    # セルトラリン ミルタザピン デュロキセチン エスシタロプラム ベンラファキシン ボルチオキセチン
    "1179046": _D, "1179051": _D, "1179052": _D, "1179054": _D, "1179055": _D, "1179060": _D,
    # 抗精神病薬: クロルプロマジン(塩酸塩・フェノールフタリン酸塩) プロペリシアジン ペルフェナジン フルフェナジン
    "1171001": _P, "1171005": _P, "1172004": _P, "1172005": _P, "1172006": _P, "1172007": _P, "1172009": _P,
    # プロクロルペラジン レボメプロマジン ピパンペロン スピペロン スルピリド ハロペリドール ゾテピン チミペロン
    "1172010": _P, "1172013": _P, "1172014": _P, "1179006": _P, "1179015": _P, "1179016": _P, "1179020": _P,
    "1179024": _P, "1179026": _P,
    # ブロムペリドール クロカプラミン スルトプリド モサプラミン ネモナプリド リスペリドン クエチアピン ペロスピロン
    "1179028": _P, "1179030": _P, "1179032": _P, "1179035": _P, "1179036": _P, "1179038": _P, "1179042": _P,
    "1179043": _P,
    # オランザピン アリピプラゾール ブロナンセリン クロザピン パリペリドン アセナピン ブレクスピプラゾール ルラシドン
    "1179044": _P, "1179045": _P, "1179048": _P, "1179049": _P, "1179053": _P, "1179056": _P, "1179058": _P,
    "1179061": _P,
}  # fmt: skip

# Named in transcripts of the annex: every 抗不安薬; 睡眠薬 to ラメルテオン; 抗うつ薬 to トラゾドン (平成30年度), and what
# the 通知 of 2020-07-17 added (レンボレキサント, メラトニン, ルラシドン).
CONFIRMED = frozenset(
    {code for code, kind in INGREDIENTS.items() if kind in (_A, _H)} - {"1190023", "1190033"}
) | {
    "1174002", "1174004", "1174005", "1174006", "1179001", "1179002", "1179004", "1179008", "1179027", "1179033",
    "1179034", "1179037", "1179061",
}  # fmt: skip
# One general name under two codes: フェノバルビタール.
SAME_NAME = {"1125004": "1125003"}

# 投薬期間の上限 of 掲示事項等告示 第十第二号, by ingredient and route; controlled drugs named in neither list: fourteen days.
# ジアゼパム ニトラゼパム フェノバルビタール クロナゼパム クロバザム フェニトイン・フェノバルビタール配合剤
NINETY_DAYS = frozenset({
    "1124017", "1124003", "1125003", "1125004", "1139003", "1139006", "1139100", "1139103", "1139104", "1139105",
})  # fmt: skip
THIRTY_DAYS = frozenset({
    # エスタゾラム フルラゼパム ハロキサゾラム トリアゾラム フルニトラゼパム ブロチゾラム ロルメタゼパム オキサゾラム
    "1124001", "1124002", "1124005", "1124007", "1124008", "1124009", "1124010", "1124013",
    # クロキサゾラム ブロマゼパム メダゼパム ロラゼパム アルプラゾラム クロルジアゼポキシド ロフラゼプ酸エチル クアゼパム
    "1124014", "1124020", "1124021", "1124022", "1124023", "1124028", "1124029", "1124030",
    # ゾピクロン ゾルピデム メチルフェニデート クロチアゼパム ペモリン エチゾラム モダフィニル
    "1129007", "1129009", "1179009", "1179012", "1179023", "1179025", "1179047",
    # モルヒネ塩酸塩・硫酸塩 コデイン ジヒドロコデイン オキシコドン (内用), フェンタニル・モルヒネ (外用)
    "8114003", "8114004", "8114005", "8115001", "8115002", "8115003", "8115004", "8119002",
    "8219700", "8219701", "8114700",
    # ヒドロモルフォン タペンタドール
    "8119003", "8219003",
})  # fmt: skip
FEWEST = 3  # of one class
CONTROLLED_NARCOTIC, CONTROLLED_PSYCHOTROPIC = "1", "5"


def ingredient_of(drug: Drug) -> str:
    """成分 — the seven characters of 薬価基準収載医薬品コード that name ingredient and route."""
    return drug.price_list_code[:7]


def has_many_psychotropics(drugs: Collection[Drug]) -> bool:
    """向精神薬多剤投与 — three or more of one class, or four or more of 抗不安薬 and 睡眠薬 together.

    Only ingredients that a transcript of 別紙様式36 names are counted.
    """
    return len(drugs) >= FEWEST and _are_many({ingredient_of(drug) for drug in drugs} & CONFIRMED)


def may_have_many_psychotropics(drugs: Collection[Drug]) -> bool:
    """向精神薬多剤投与の疑い — the same, with the ingredients of the classes that no transcript confirms."""
    if len(drugs) < FEWEST:
        return False
    return _are_many({each for drug in drugs if (each := drug.price_list_code[:7]) in INGREDIENTS})


def _are_many(ingredients: set[str]) -> bool:
    if len(ingredients) < FEWEST:
        return False
    found = {SAME_NAME.get(each, each) for each in ingredients}
    kinds = Counter(INGREDIENTS[each] for each in found)
    return any(count >= FEWEST for count in kinds.values()) or kinds[_A] + kinds[_H] >= 4


def psychotropic_count(drugs: Iterable[Drug]) -> int:
    """向精神薬の種類数 — 抗うつ薬, 抗精神病薬, 抗不安薬 and 睡眠薬 together, by ingredient."""
    return len({ingredient_of(drug) for drug in drugs} & INGREDIENTS.keys())


def kinds_of(drugs: Iterable[Drug], psychotropic: PsychotropicClass) -> int:
    """向精神薬の種類数 — the ingredients of one class."""
    found = {ingredient_of(drug) for drug in drugs} & INGREDIENTS.keys()
    return sum(1 for each in found if INGREDIENTS[each] is psychotropic)


def day_limit(drug: Drug) -> int | None:
    """投与日数の限度 — days a controlled drug may be given at once, None for other drugs.

    Cite: 療担規則 第20条第2号ヘ; 療担規則及び薬担規則並びに療担基準に基づき厚生労働大臣が定める掲示事項等 第十
    """
    if drug.controlled not in (CONTROLLED_NARCOTIC, CONTROLLED_PSYCHOTROPIC):
        return None
    ingredient = ingredient_of(drug)
    if ingredient in NINETY_DAYS:
        return 90
    return 30 if ingredient in THIRTY_DAYS else 14
