# SPDX-License-Identifier: Apache-2.0
"""標準用法コード — the 16 digits taken apart, the eight of 補足用法 and the three of 部位 held against their structure.

Cite: JAMI 標準用法マスタ 内服及び外用編 標準用法コード・補足用法コード・部位コード; 電子処方箋 用法マスタ（自由記載のコード）
"""

from __future__ import annotations

import re
from typing import NamedTuple


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


# 詳細区分: the first two characters together.
METHODS: dict[str, str] = _pairs(
    "10:経口 11:舌下 12:バッカル 13:経口内塗布 2A:貼付 2B:塗布 2C:湿布 2D:撒布 2E:噴霧 2F:消毒 2G:点耳 2H:点眼 "
    "2J:点鼻 2K:うがい 2L:吸入 2M:トローチ 2N:膀胱洗浄 2P:鼻腔内洗浄 2Q:浣腸 2R:肛門挿入 2S:肛門注入 2T:膣内挿入 "
    "2U:膀胱注入 30:静脈注射 31:中心静脈注射 32:皮下注射 33:筋肉内注射 34:皮内注射 35:動脈注射 3A:硬膜外注射 "
    "3B:脳脊髄腔注射 3C:骨髄内注射 3D:関節腔内注射 3E:腱鞘内注射 3F:腱鞘周囲注射 3G:硝子体内注射 3H:結膜下注射 "
    "3J:テノン氏のう内注射 3K:耳茸内注射 3L:咽頭注射 3M:胸腔内注射 3N:痔核注射 3P:角膜内注射 3Q:球後注射 "
    "3R:腹腔内注射 3Z:局所・病巣内注射 40:腹膜透析 41:気管内注入 42:涙のう内注入 43:鼓室内注入 "
    "44:滑液囊穿刺後の注入 45:腹腔内注入 4Z:病巣内注入"
)
BASIC: dict[str, str] = {"1": "内服", "2": "外用", "3": "注射", "4": "注入"}
# 頓用・イベントの時: what digits five and six say.
OCCASIONS: dict[str, str] = _pairs(
    "11:疼痛時 12:頭痛時 13:歯痛時 14:胸痛時 15:腹痛時 16:腰痛時 17:関節痛時 21:喘鳴時 22:喘息発作時 "
    "23:喉がゴロゴロする時 24:咳込時 31:血圧上昇時 32:血糖上昇時 41:便秘時 42:お腹がゴロゴロする時 43:下痢時 "
    "44:排便時 45:嘔吐時 46:口腔乾燥時 47:吐き気時 48:空腹時 49:出血時 51:乏尿時 52:多尿時 53:むくみ時 61:不眠時 "
    "62:不安時 63:不穏時 64:いらいら時 65:けいれん時 66:めまい時 67:疲労時 71:発熱時 72:悪寒時 81:かゆい時 "
    "82:発疹時 91:発作時 92:症状ある時 A1:検査前 A2:検査時 A3:検査後 A4:手術前 A5:手術中 A6:手術後 A7:処置前 "
    "A8:処置時 A9:処置後 B1:起床時 B2:入浴前 B3:食事前 B4:食事後 B5:就寝前 B6:外出時 B7:哺乳時 W1:必要時 W2:適宜"
)
TIMINGS: dict[str, str] = {
    "1": "食事",
    "2": "時間間隔",
    "3": "時刻",
    "4": "イベント",
    "5": "頓用",
    "6": "生活",
    "7": "回数",
    "8": "時間間隔",
}
_MEALS = {"1": "食前", "2": "食直前", "3": "食直後", "4": "食後", "5": "食２時間後"}
# A usage without a code of its own, written as text beside it.
FREE_TEXT = "0X0XXXXXXXXX0000"
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
# One letter for each hour from A for midnight; known from one published code (P for 15時).
_HOURS = "ABCDEFGHIJKLMNOPQRSTUVWX"
_FORM = re.compile(r"[0-9A-Z]{16}")
_SUPPLEMENTS = (
    re.compile(r"V[1-9](?=[0-9])[0-9.]{1,6}N{0,6}"),
    re.compile(r"W[01]{7}"),
    re.compile(r"I[0-9]{7}"),
    re.compile(r"D[0-9A-Z]{7}"),
    re.compile(r"C[A-Z][0-9]{6}"),
)
_SITE = re.compile(r"[0-9A-Z]{2}[0RLB]")


class UsageCode(NamedTuple):
    """用法コードの内容 — kind, method, timing, times a day (0 when not told), and each occasion in the order of the day."""

    text: str
    method: str
    timing: str
    times_a_day: int
    occasions: tuple[str, ...]


class BadUsage(NamedTuple):
    """用法コードの誤り — what about the structure is wrong, in words of the standard."""

    reason: str


def read_usage_code(code: str) -> UsageCode | BadUsage:
    """用法コードの読取 — the structure of the sixteen digits; what a type does not publish is not judged.

    >>> read_usage_code("1013044400000000").text
    '内服・経口・１日３回朝食後、昼食後、夕食後'
    >>> read_usage_code("1022000000000000").text, read_usage_code("1041480000000000").text
    ('内服・経口・１日２回１２時間毎', '内服・経口・１日１回空腹時')
    >>> read_usage_code("1013004400000000")
    BadUsage(reason='1日3回とありますが、時は2つです')
    """
    if code == FREE_TEXT:
        return UsageCode("（用法名称による）", "", "", 0, ())
    if not _FORM.fullmatch(code):
        return BadUsage("半角の英数字16桁ではありません")
    method = METHODS.get(code[:2])
    if method is None:
        return BadUsage(f"1・2桁目の{code[:2]}は詳細区分にありません")
    timing = TIMINGS.get(code[2])
    if timing is None:
        return BadUsage(f"3桁目の{code[2]}はタイミング指定区分にありません")
    if not code[3].isdecimal():
        return BadUsage(f"4桁目の{code[3]}は回数ではありません")
    return _timed(code, f"{BASIC[code[0]]}・{method}", timing)


def _timed(code: str, head: str, timing: str) -> UsageCode | BadUsage:
    times = int(code[3])
    said: tuple[str, ...] = ()
    match code[2]:
        case "1":
            found = _meals(code)
            if isinstance(found, BadUsage):
                return found
            said = found
            if len(said) != times:
                return BadUsage(f"1日{times}回とありますが、時は{len(said)}つです")
        case "2":
            if times == 0 or 24 % times:
                return BadUsage(f"1日{times}回では時間の間隔が定まりません")
            said = (f"{24 // times}時間毎".translate(_WIDE),)
        case "4" | "5":
            occasion = OCCASIONS.get(code[4:6])
            if occasion is None:
                return BadUsage(f"5・6桁目の{code[4:6]}は頓用・イベントのコードにありません")
            said = (occasion,)
    count = f"１日{times}回".translate(_WIDE) if times else ""
    return UsageCode(f"{head}・{count}{'、'.join(said) or timing}", head, timing, times, said)


def _meals(code: str) -> tuple[str, ...] | BadUsage:
    said: list[str] = []
    if code[8] not in "09":
        return BadUsage(f"9桁目（起床時）の{code[8]}は使えません")
    if code[8] == "9":
        said.append("起床時")
    for meal, at in (("朝", 7), ("昼", 6), ("夕", 5)):
        if code[at] == "0":
            continue
        if code[at] not in _MEALS:
            return BadUsage(f"{at + 1}桁目（{meal}食）の{code[at]}は使えません")
        said.append(f"{meal}{_MEALS[code[at]]}")
    for at in range(9, 16):
        if code[at] == "0":
            continue
        if code[at] not in _HOURS:
            return BadUsage(f"{at + 1}桁目の{code[at]}は時刻ではありません")
        said.append(f"{_HOURS.index(code[at])}時".translate(_WIDE))
    if code[4] not in "01":
        return BadUsage(f"5桁目（就寝）の{code[4]}は使えません")
    if code[4] == "1":
        said.append("就寝前")
    return tuple(said)


def is_supplement_code(code: str) -> bool:
    """補足用法コードの形 — 不均等 V, 曜日 W, 間隔 I, 日付 D, 週の回数 C; eight characters.

    >>> [is_supplement_code(c) for c in ("V11.5NNN", "W0100100", "I1100000", "D0AK0000", "CW100000", "V1NNNNNN", "X0000000")]
    [True, True, True, True, True, False, False]
    """
    return len(code) == 8 and any(form.fullmatch(code) for form in _SUPPLEMENTS)


def is_site_code(code: str) -> bool:
    """部位コードの形 — two characters and 0, R 右, L 左 or B 両.

    >>> is_site_code("42L"), is_site_code("010"), is_site_code("42X")
    (True, True, False)
    """
    return bool(_SITE.fullmatch(code))


def weekdays_of(code: str) -> str:
    """曜日 — the days of a W code, Sunday first; "" for another code.

    >>> weekdays_of("W0100100")
    '月木'
    """
    if not _SUPPLEMENTS[1].fullmatch(code):
        return ""
    return "".join(day for day, flag in zip("日月火水木金土", code[1:], strict=True) if flag == "1")
