# SPDX-License-Identifier: Apache-2.0
"""主たるもののみ — sets of tests of which only some may be billed together (留意事項通知 D007 など).

電子点数表 (03) tells of which two tests only one is billed, and at one time, in one month or week. Only
"of three the main two", and pairs within the list of one item, stand in the 通知 alone. A set is one
row here; a new one needs no code.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tasuki.calculation.rule import rule
from tasuki.calculation.rules.main_only import LimitedSet, main_of_set

if TYPE_CHECKING:
    from tasuki.calculation.case import Case
    from tasuki.calculation.draft import Draft
    from tasuki.calculation.rule import Denial


LIMITED_SETS = (
    LimitedSet(
        "総コレステロール・HDL-コレステロール・LDL-コレステロール",
        ("160022410", "160023410", "160167250"), 2, "通知 D007(5)",
    ),
    LimitedSet("蛋白分画・総蛋白・アルブミン", ("160022810", "160017410", "160018910"), 2, "通知 D007(7)"),
    LimitedSet("TIBC・UIBC", ("160023610", "160023710"), 1, "通知 D007(3)"),
    LimitedSet(
        "屈折検査（散瞳剤等の使用前後を含む）", ("160207910", "160208010", "160082530", "160213430"), 1, "通知 D261(2)",
    ),
    LimitedSet("カルシウム・イオン化カルシウム", ("160021510", "160021610"), 1, "通知 D007(2)"),
    LimitedSet(
        "末梢血液像（自動機械法・鏡検法）", ("160191510", "160008210"), 1,
        "疑義解釈その1 (平成24年3月30日) 医科 問133",
    ),
    LimitedSet(
        "ヒトメタニューモウイルス抗原・インフルエンザウイルス・RSウイルス抗原",
        ("160202550", "160169450", "160117610", "160042210", "160042310"), 2, "通知 D012(17)ア",
        frozenset({"160169450", "160042210", "160042310"}),
    ),
    LimitedSet(
        "リウマトイド因子定量・MMP-3・抗ガラクトース欠損IgG抗体など",
        ("160195610", "160168750", "160195910", "160173150", "160119210", "160143750", "160151650"),
        2, "通知 D014(1)",
    ),
    LimitedSet(
        "抗カルジオリピン抗体・抗β2グリコプロテインⅠ抗体",
        ("160164050", "160228750", "160228850", "160228950"), 3, "通知 D014(11)エ",
    ),
    LimitedSet(
        "百日咳菌抗原・百日咳菌核酸", ("160226350", "160209450", "160234250", "160224150", "160216850"),
        1, "通知 D012(43)イ",
    ),
    LimitedSet(
        "肺炎球菌細胞壁抗原・肺炎球菌莢膜抗原", ("160188850", "160177150", "160201850"), 1, "通知 D012(31)イ",
    ),
    LimitedSet(
        "血小板第4因子-ヘパリン複合体抗体", ("160201150", "160201050", "160236250"), 1, "通知 D011(4)ウ",
    ),
)  # fmt: skip


@rule(
    "D007/limited_set",
    title="併せて測定した場合",
    cite="通知 D007(2)・(3)・(5)・(7), D011(4), D012(17)・(31)・(43), D014(1)・(11), D261(2); "
    "疑義解釈その1 (平成24年3月30日) 医科 問133",
    since=date(2024, 6, 1),
    codes=[code for each in LIMITED_SETS for code in each.codes],
)
def limited_set(_case: Case, draft: Draft) -> tuple[Denial, ...] | None:
    """主たるもの — the tests of fewest points of a set fall until the set holds no more than its number."""
    standing = draft.codes()
    sets = dict.fromkeys(each for code in standing & _SETS_OF.keys() for each in _SETS_OF[code])
    beyond = [each for each in sets if len(standing.intersection(each.codes)) > each.most]
    return tuple(denial for each in beyond for denial in main_of_set(draft, each)) or None


_SETS_OF = {
    code: tuple(each for each in LIMITED_SETS if code in each.codes)
    for code in {code for each in LIMITED_SETS for code in each.codes}
}
