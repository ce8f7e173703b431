# SPDX-License-Identifier: Apache-2.0
"""四肢の倍率 — which acts of health insurance 労災 pays 1.5 or 2.0 times, by 区分番号 and the site of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.masters.rows import Act

_HAND = ("手指", "指", "手関節", "手背", "手掌", "手の")
_FOOT = ("足", "趾")
_LIMB = (
    *("腕", "肘", "膝", "脚", "下肢", "上肢", "大腿", "下腿", "前腕", "上腕", "肩", "鎖骨", "股関節", "四肢"),
    *_FOOT,
)
# At the hand and the fingers 2.0, elsewhere at a limb 1.5: of surgery that of wounds, and of muscles, bones and joints.
_DOUBLED = frozenset(
    {"J000", "J000-2", "J001", "J001-4", "J001-7", "J001-8", "J002", "J053", "J116", "J116-2", "J116-3", "J116-4",
     "K000", "K000-2", "K001", "K002"}
)  # fmt: skip
_BONE_SURGERY = frozenset(range(23, 145))
# 1.5 at every limb, the hand among them, as 疾患別リハビリテーション料 has; of 消炎鎮痛等処置 湿布処置 (item 3) is doubled.
_HALF_MORE = frozenset(
    {"J001-2", "J001-3", "J054", "J117", "J118", "J118-2", "J118-3", "J119", "J119-3",
     "H000", "H001", "H001-2", "H002", "H003"}
)  # fmt: skip
_NERVE_OR_VESSEL_SURGERY = frozenset((*range(145, 199), *range(606, 629)))
_COMPRESS = ("J119", "3")


def limb_times(act: Act, site: str) -> str:
    """四肢の倍率 — "2.0", "1.5", or "" where the act or the site has none.

    Cite: 労災診療費算定基準 四肢（鎖骨、肩甲骨及び股関節を含む。）の傷病に係る処置等の加算
    """
    is_hand = any(word in site for word in _HAND) and not any(word in site for word in _FOOT)
    if not is_hand and not any(word in site for word in _LIMB):
        return ""
    section, number = act.section, _surgery_number(act.section)
    if section in _DOUBLED or (section, act.item) == _COMPRESS or number in _BONE_SURGERY:
        return "2.0" if is_hand else "1.5"
    return "1.5" if section in _HALF_MORE or number in _NERVE_OR_VESSEL_SURGERY else ""


def _surgery_number(section: str) -> int:
    if not section.startswith("K"):
        return -1
    number = section[1:].split("-")[0]
    return int(number) if number.isdecimal() else -1
