# SPDX-License-Identifier: Apache-2.0
"""検査のやさしい説明 — what a test looks at, in words of every day; never what a value means for the person.

By the lists of the shared items (43 and five infections); an item of no list has no words here.
"""

from __future__ import annotations

_PLAIN: dict[str, tuple[str, str]] = {
    "tp": ("血液の中のたんぱく質の量です。", "The amount of protein in the blood."),
    "alb": (
        "血液の中の主なたんぱく質で、肝臓で作られます。",
        "The main protein of the blood, made by the liver.",
    ),
    "ck": ("筋肉や心臓の細胞にある酵素です。", "An enzyme of muscle and heart cells."),
    "ast": ("肝臓・心臓・筋肉の細胞にある酵素です。", "An enzyme of liver, heart and muscle cells."),
    "alt": ("主に肝臓の細胞にある酵素です。", "An enzyme found mainly in liver cells."),
    "ld": ("体の多くの細胞にある酵素です。", "An enzyme found in many cells of the body."),
    "alp": ("肝臓・胆道・骨などにある酵素です。", "An enzyme of liver, bile ducts and bone."),
    "ggt": ("肝臓や胆道にある酵素です。", "An enzyme of the liver and bile ducts."),
    "che": ("肝臓で作られる酵素です。", "An enzyme made by the liver."),
    "amy": ("すい臓やだ液腺から出る消化の酵素です。", "A digestive enzyme of pancreas and salivary glands."),
    "cre": (
        "腎臓から出される老廃物です。腎臓の働きを見ます。",
        "Waste that the kidneys remove; shows how they work.",
    ),
    "cys_c": ("腎臓の働きを見る検査です。", "Shows how the kidneys work."),
    "ua": ("細胞の成分が分解されてできる尿酸の量です。", "Uric acid, left when parts of cells break down."),
    "bun": (
        "たんぱく質が分解されてできる老廃物です。腎臓から出されます。",
        "Waste from protein, removed by the kidneys.",
    ),
    "bg": ("血液の中のぶどう糖の量です。", "The amount of sugar in the blood."),
    "fbg": (
        "食事をとらずに測った、血液の中のぶどう糖の量です。",
        "Blood sugar measured without having eaten.",
    ),
    "cbg": ("食事に関係なく測った、血液の中のぶどう糖の量です。", "Blood sugar at any time of the day."),
    "hba1c_ngsp": (
        "過去1〜2か月の血糖のようすを表します。",
        "Shows blood sugar over the past one or two months.",
    ),
    "tg": ("血液の中の脂肪の量です。食事の影響を受けます。", "Fat in the blood; food changes it."),
    "ftg": (
        "食事をとらずに測った、血液の中の脂肪の量です。",
        "Fat in the blood, measured without having eaten.",
    ),
    "ctg": ("食事に関係なく測った、血液の中の脂肪の量です。", "Fat in the blood at any time of the day."),
    "t_cho": ("血液の中のコレステロールの全体の量です。", "All cholesterol in the blood."),
    "hdl_c": ("余ったコレステロールを肝臓に運ぶものの量です。", "Carries spare cholesterol to the liver."),
    "ldl_c": ("コレステロールを体に運ぶものの量です。", "Carries cholesterol to the body."),
    "na": ("体の水分の調節に関わる塩分の成分です。", "A salt that keeps the balance of water."),
    "k": ("筋肉や神経、心臓の働きに関わる成分です。", "A salt that muscles, nerves and heart need."),
    "cl": ("体の水分などの調節に関わる成分です。", "A salt that keeps the balance of fluids."),
    "ca": ("骨や筋肉、神経の働きに関わる成分です。", "Needed by bones, muscles and nerves."),
    "t_bil": ("古い赤血球からできる黄色い色素の量です。", "A yellow pigment from old red blood cells."),
    "d_bil": (
        "肝臓で処理されたあとの黄色い色素の量です。",
        "The yellow pigment after the liver has treated it.",
    ),
    "wbc": ("体を守る白血球の数です。", "The number of white blood cells, which defend the body."),
    "rbc": ("酸素を運ぶ赤血球の数です。", "The number of red blood cells, which carry oxygen."),
    "hb": ("赤血球の中で酸素を運ぶたんぱく質の量です。", "The protein of red cells that carries oxygen."),
    "plt": ("血を止める働きをする血小板の数です。", "The number of platelets, which stop bleeding."),
    "aptt": ("血が固まるまでの時間を見ます。", "How long blood takes to clot."),
    "pt_sec": ("血が固まるまでの時間を見ます。", "How long blood takes to clot."),
    "pt_ratio": ("血の固まりやすさを比で表します。", "How readily blood clots, as a ratio."),
    "pt_act": ("血の固まりやすさを割合で表します。", "How readily blood clots, in percent."),
    "pt_inr": ("血の固まりやすさを、世界共通の値で表します。", "How readily blood clots, on a common scale."),
    "dd": ("血のかたまりが溶けたときに増えるものの量です。", "Rises when blood clots dissolve."),
    "dd_class": (
        "血のかたまりが溶けたときに出るものがあるかを見ます。",
        "Looks for what dissolving clots leave.",
    ),
    "utp": ("尿にたんぱく質が出ているかを見ます。", "Looks for protein in the urine."),
    "utp_HalfQty": (
        "尿にたんぱく質がどのくらい出ているかを見ます。",
        "About how much protein is in the urine.",
    ),
    "u_glu": ("尿に糖が出ているかを見ます。", "Looks for sugar in the urine."),
    "u_glu_HalfQty": ("尿に糖がどのくらい出ているかを見ます。", "About how much sugar is in the urine."),
    "u_bld": ("尿に血が混じっているかを見ます。", "Looks for blood in the urine."),
    "u_bld_HalfQty": ("尿に血がどのくらい混じっているかを見ます。", "About how much blood is in the urine."),
    "u_pc": (
        "尿のたんぱく質の量を、薄さの違いをならして表します。",
        "Protein in urine, corrected for dilution.",
    ),
    "u_ac": (
        "尿のアルブミンの量を、薄さの違いをならして表します。",
        "Albumin in urine, corrected for dilution.",
    ),
    "bnp": ("心臓に負担がかかると増えるものの量です。", "Rises when the heart is under strain."),
    "nt_probnp": ("心臓に負担がかかると増えるものの量です。", "Rises when the heart is under strain."),
    "crp": ("体に炎症があると増えるたんぱく質の量です。", "A protein that rises with inflammation."),
    "crp_class": (
        "体に炎症があると増えるたんぱく質の段階です。",
        "A protein that rises with inflammation, in steps.",
    ),
    "abo_bld": ("A・B・O・AB の血液型です。", "Blood group A, B, O or AB."),
    "rh_bld": ("Rh の血液型です。", "Rh blood group."),
}
_INFECTIONS: dict[str, tuple[str, str]] = {
    "梅毒STS": ("梅毒についての検査です。", "A test about syphilis."),
    "梅毒TP抗体": ("梅毒についての検査です。", "A test about syphilis."),
    "HBs": ("B型肝炎についての検査です。", "A test about hepatitis B."),
    "HCV": ("C型肝炎についての検査です。", "A test about hepatitis C."),
    "HIV": ("HIV についての検査です。", "A test about HIV."),
}


def plain_words(item: str, language: str, group: str = "") -> str:
    """検査のやさしい説明 — of an item by the name of its list, or of an infection by its group; empty for others.

    >>> plain_words("cre", "ja")
    '腎臓から出される老廃物です。腎臓の働きを見ます。'
    """
    both = _PLAIN.get(item) or _INFECTIONS.get(group)
    return "" if both is None else both[1 if language == "en" else 0]


def explained_items() -> frozenset[str]:
    """説明のある項目 — by the names of their lists."""
    return frozenset(_PLAIN)


def explained_groups() -> frozenset[str]:
    """説明のある感染症 — by their groups."""
    return frozenset(_INFECTIONS)
