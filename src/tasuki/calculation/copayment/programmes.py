# SPDX-License-Identifier: Apache-2.0
"""公費負担医療制度 — the national programmes by 法別番号, as data: order, kind of rule, limit class."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ProgrammeKind(StrEnum):
    """公費の負担の型 — how a national programme sets what the patient still pays."""

    ZERO = "zero"  # 患者負担なし
    PERCENT = "percent"  # 医療費の定率（月額上限があれば上限まで）
    MONTH_CAP = "month_cap"  # 月額上限のみ
    TICKET = "ticket"  # 医療券の本人支払額（記載がなければ0）
    DECIDED = "decided"  # 決定通知・受給者証に記載の額


class PartClass(StrEnum):
    """公費併用分の所得区分 — which class limits the share of care under a programme."""

    GENERAL = "general"  # 一般 (70歳未満はウの式)
    LOW = "low"  # 低所得
    OWN = "own"  # 受給者証の適用区分
    NONE = "none"  # 医療保険に先立つ


class Programme(NamedTuple):
    """公費制度 — one national programme; ``caps`` the amounts certificates are known to carry."""

    law_code: str
    name: str
    kind: ProgrammeKind
    part_class: PartClass
    cite: str
    percent: int = 0
    caps: tuple[int, ...] = ()
    is_cap_needed: bool = False
    has_ledger: bool = False
    is_unconfirmed: bool = False


_K = ProgrammeKind
_P = PartClass
_CAPS_SUPPORT = (0, 2_500, 5_000, 10_000, 20_000)
_CAPS_CHILDREN = (0, 500, 1_250, 2_500, 5_000, 10_000, 15_000)
_CAPS_RARE = (0, 1_000, 2_500, 5_000, 10_000, 20_000, 30_000)
_ARMY = "戦傷病者特別援護法"
_ATOMIC = "原子爆弾被爆者に対する援護に関する法律"
_INFECTION = "感染症の予防及び感染症の患者に対する医療に関する法律"
_CHILD = "児童福祉法"
_SUPPORT = "障害者の日常生活及び社会生活を総合的に支援するための法律"

# In legal order (記録条件仕様 公費負担医療の優先順位). The first five come before health insurance.
PROGRAMMES: tuple[Programme, ...] = (
    Programme("13", "戦傷病者 療養給付", _K.ZERO, _P.NONE, f"{_ARMY} 第10条"),
    Programme("14", "戦傷病者 更生医療", _K.ZERO, _P.NONE, f"{_ARMY} 第20条"),
    Programme("18", "原爆 認定疾病", _K.ZERO, _P.NONE, f"{_ATOMIC} 第10条"),
    Programme("29", "新感染症", _K.ZERO, _P.NONE, f"{_INFECTION} 第46条"),
    Programme(
        "30", "医療観察", _K.ZERO, _P.NONE,
        "心神喪失等の状態で重大な他害行為を行った者の医療及び観察等に関する法律 第81条",
    ),
    Programme("10", "結核 適正医療", _K.PERCENT, _P.GENERAL, f"{_INFECTION} 第37条の2", percent=5),
    Programme("11", "結核 入院", _K.DECIDED, _P.GENERAL, f"{_INFECTION} 第37条", is_unconfirmed=True),
    Programme(
        "20", "精神 措置入院", _K.DECIDED, _P.GENERAL,
        "精神保健及び精神障害者福祉に関する法律 第30条", is_unconfirmed=True,
    ),
    Programme(
        "21", "精神通院医療", _K.PERCENT, _P.GENERAL, f"{_SUPPORT} 第58条",
        percent=10, caps=_CAPS_SUPPORT, has_ledger=True,
    ),
    Programme(
        "15", "更生医療", _K.PERCENT, _P.GENERAL, f"{_SUPPORT} 第58条",
        percent=10, caps=_CAPS_SUPPORT, has_ledger=True,
    ),
    Programme(
        "16", "育成医療", _K.PERCENT, _P.GENERAL, f"{_SUPPORT} 第58条",
        percent=10, caps=_CAPS_SUPPORT, has_ledger=True,
    ),
    Programme("24", "療養介護医療", _K.DECIDED, _P.GENERAL, f"{_SUPPORT} 第70条"),
    Programme("22", "麻薬 入院措置", _K.DECIDED, _P.GENERAL, "麻薬及び向精神薬取締法 第58条の17"),
    Programme("28", "感染症 一類・二類等", _K.ZERO, _P.GENERAL, f"{_INFECTION} 第37条"),
    Programme("17", "療育給付", _K.DECIDED, _P.GENERAL, f"{_CHILD} 第20条"),
    Programme("79", "障害児入所医療", _K.DECIDED, _P.GENERAL, f"{_CHILD} 第24条の20"),
    Programme("19", "原爆 一般疾病", _K.ZERO, _P.GENERAL, f"{_ATOMIC} 第18条"),
    Programme("23", "養育医療", _K.ZERO, _P.GENERAL, "母子保健法 第20条"),
    Programme(
        "52", "小児慢性特定疾病", _K.PERCENT, _P.OWN, f"{_CHILD} 第19条の2",
        percent=20, caps=_CAPS_CHILDREN, is_cap_needed=True, has_ledger=True,
    ),
    Programme(
        "54", "特定医療（指定難病）", _K.PERCENT, _P.OWN, "難病の患者に対する医療等に関する法律 第5条",
        percent=20, caps=_CAPS_RARE, is_cap_needed=True, has_ledger=True,
    ),
    Programme("51", "特定疾患等", _K.DECIDED, _P.OWN, "特定疾患治療研究事業実施要綱"),
    Programme(
        "38", "肝炎・肝がん", _K.MONTH_CAP, _P.GENERAL, "肝炎治療特別促進事業実施要綱",
        caps=(10_000, 20_000), is_cap_needed=True, has_ledger=True,
    ),
    Programme("53", "児童保護（措置等）", _K.DECIDED, _P.GENERAL, f"{_CHILD} 第50条"),
    Programme("66", "石綿健康被害", _K.ZERO, _P.GENERAL, "石綿による健康被害の救済に関する法律 第4条"),
    Programme("62", "特定B型肝炎", _K.ZERO, _P.GENERAL, "特定B型肝炎ウイルス感染者給付金等の支給に関する特別措置法 第13条"),
    Programme(
        "25", "中国残留邦人等", _K.TICKET, _P.LOW,
        "中国残留邦人等の円滑な帰国の促進並びに永住帰国した中国残留邦人等及び特定配偶者の自立の支援に関する法律 第14条",
    ),
    Programme("12", "生活保護 医療扶助", _K.TICKET, _P.LOW, "生活保護法 第15条"),
)  # fmt: skip

BY_LAW_CODE: dict[str, Programme] = {programme.law_code: programme for programme in PROGRAMMES}

LEGAL_ORDER: tuple[str, ...] = tuple(programme.law_code for programme in PROGRAMMES)
# Until the R4 edition of the 記録条件仕様 some systems placed 51 and 38 before 52 and 54.
OLDER_ORDER: tuple[str, ...] = tuple(
    code
    for original in LEGAL_ORDER
    for code in {"52": ("51", "38", "52"), "51": (), "38": ()}.get(original, (original,))
)
_LOCAL_RANK = len(PROGRAMMES)


def rank_of(law_code: str, order: tuple[str, ...] = LEGAL_ORDER) -> int:
    """公費の優先順位 — the place of a programme on the receipt; a local one comes after every national one.

    Cite: 記録条件仕様（医科用）公費負担医療の順序

    >>> [rank_of(code) < rank_of("12") for code in ("54", "21", "81")]
    [True, True, False]
    """
    return order.index(law_code) if law_code in BY_LAW_CODE else _LOCAL_RANK


def is_before_insurance(law_code: str) -> bool:
    """医療保険に優先する公費 — whether the programme pays the whole cost and is billed alone.

    >>> is_before_insurance("18"), is_before_insurance("19")
    (True, False)
    """
    programme = BY_LAW_CODE.get(law_code)
    return programme is not None and programme.part_class is PartClass.NONE
