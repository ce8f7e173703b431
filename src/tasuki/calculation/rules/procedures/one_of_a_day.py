# SPDX-License-Identifier: Apache-2.0
"""同一日の処置 — procedures of which the notices let only the main one of a day be billed (医科点数表 第9部処置)."""

from __future__ import annotations

from datetime import date

from tasuki.calculation.rules.main_only import MainOnly, register_main_only

R6 = date(2024, 6, 1)

SETS = (
    MainOnly(
        "J018/airway_day", "喀痰吸引・人工呼吸・ネブライザ等の同一日", "通知 J018(2), J115-2(2)", R6,
        frozenset((
            "J018", "J018-2", "J018-3", "J026", "J026-2", "J026-3", "J026-4", "J027", "J028", "J045", "J050",
            "J114", "J115", "J115-2",
        )),
    ),
    MainOnly(
        "J022/enema_day", "浣腸・摘便等の同一日", "通知 J022", R6,
        frozenset(("J022", "J022-2", "J022-3", "J022-4")),
    ),
    MainOnly(
        "J038/blood_purification_day", "人工腎臓・腹膜灌流・持続緩徐式血液濾過の同一日",
        "通知 J038-2(5), J042(3)", R6, frozenset(("J038", "J038-2", "J042")),
    ),
    MainOnly(
        "J054/light_therapy_day", "皮膚科光線療法と消炎鎮痛等処置の同一日", "通知 J054(7)・(8)", R6,
        frozenset(("J054", "J119")), only_with=frozenset(("J054",)),
    ),
    MainOnly(
        "J060/bladder_day", "膀胱洗浄・留置カテーテル設置・導尿等の同一日", "通知 J060(2)", R6,
        frozenset(("J060", "J060-2", "J063", "J064")),
    ),
    MainOnly(
        "J118/traction_day", "介達牽引・矯正固定・変形機械矯正術の同一日",
        "医科点数表 J118 注, J118-2 注, J118-3 注; 通知 J118(2)・(3)", R6, frozenset(("J118", "J118-2", "J118-3")),
    ),
    MainOnly(
        "J119/pain_relief_day", "消炎鎮痛等処置・固定帯固定・低出力レーザー照射・肛門処置の同一日",
        "医科点数表 J119 注1・注2; 通知 J119-2(2), J119-3(2), J119-4(3)", R6,
        frozenset(("J119", "J119-2", "J119-3", "J119-4")),
    ),
    MainOnly(
        "J129/orthosis_day", "治療用装具の採寸法と採型法の併施", "通知 J129-3(2), J129-4(2)", R6,
        frozenset(("J129-3", "J129-4")),
    ),
    MainOnly(
        "J000/leg_wounds_day", "複数の下肢創傷", "通知 J000-2(4)", R6, frozenset(("J000-2",)),
    ),
    MainOnly(
        "J002/drain_day", "ドレーン法の同一日", "通知 J002(1)・(3)", R6, frozenset(("J002",)),
    ),
)  # fmt: skip

for each in SETS:
    register_main_only(each)
