# SPDX-License-Identifier: Apache-2.0
"""四肢の倍率 — which acts of health insurance 労災 pays 1.5 or 2.0 times, by 区分番号 and the site of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.masters.rows import Act

_HAND = ("手指", "指", "手関節", "手背", "手掌", "手の")
_FOOT = ("足", "趾")
_LIMB = (
    "腕",
    "肘",
    "膝",
    "足",
    "脚",
    "下肢",
    "上肢",
    "大腿",
    "下腿",
    "前腕",
    "上腕",
    "肩",
    "鎖骨",
    "股関節",
    "四肢",
)
# At the hand and the fingers 2.0, elsewhere at a limb 1.5.
_DOUBLED = frozenset(
    {"J000", "J000-2", "J001", "J001-4", "J001-7", "J001-8", "J002", "J053", "J116", "J116-2", "J116-3", "J116-4"}
)  # fmt: skip
# 1.5 at every limb, the hand among them; of 消炎鎮痛等処置 湿布処置 (item 3) is doubled.
_HALF_MORE = frozenset({"J001-2", "J001-3", "J054", "J117", "J118", "J118-2", "J118-3", "J119", "J119-3"})
_COMPRESS = ("J119", "3")
_WOUND_SURGERY = frozenset({"K000", "K000-2", "K001", "K002"})
_BONE_SURGERY = range(23, 145)
_NERVE_SURGERY = range(145, 199)
_VESSEL_SURGERY = range(606, 629)
# 疾患別リハビリテーション料.
_REHABILITATION = frozenset({"H000", "H001", "H001-2", "H002", "H003"})


def limb_times(act: Act, site: str) -> str:
    """四肢の倍率 — "2.0", "1.5", or "" where the act or the site has none.

    Cite: 労災診療費算定基準 四肢（鎖骨、肩甲骨及び股関節を含む。）の傷病に係る処置等の加算
    """
    is_hand = any(word in site for word in _HAND) and not any(word in site for word in _FOOT)
    if not is_hand and not any(word in site for word in (*_LIMB, *_FOOT)):
        return ""
    section = act.section
    if section in _DOUBLED or (section, act.item) == _COMPRESS or _is_wound_or_bone(section):
        return "2.0" if is_hand else "1.5"
    if section in _HALF_MORE or section in _REHABILITATION or _surgery_number(section) in _OF_NERVE_OR_VESSEL:
        return "1.5"
    return ""


_OF_NERVE_OR_VESSEL = frozenset((*_NERVE_SURGERY, *_VESSEL_SURGERY))


def _is_wound_or_bone(section: str) -> bool:
    return section in _WOUND_SURGERY or _surgery_number(section) in _BONE_SURGERY


def _surgery_number(section: str) -> int:
    if not section.startswith("K"):
        return -1
    number = section[1:].split("-")[0]
    return int(number) if number.isdecimal() else -1
