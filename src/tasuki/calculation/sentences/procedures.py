# SPDX-License-Identifier: Apache-2.0
"""処置・手術・麻酔・放射線治療の理由の文 — sentences of the rules of parts 9 to 12 of chapter 2, and of A400."""

from __future__ import annotations

_MAIN = "{line}は、同じ日に行った{lost_to_name}が主たるものとなるため算定できません"
_WHICH_MAIN = "{line}と、同じ日にすでに算定した診療行為は、主たるものだけを算定します。どちらを算定するか確かめてください"

SENTENCES: dict[tuple[str, str], str | dict[str, str]] = {
    **{
        (rule_id, verdict): text
        for rule_id in (
            "J000/leg_wounds_day", "J002/drain_day", "J005/puncture_and_test", "J018/airway_day", "J022/enema_day",
            "J038/blood_purification_day", "J054/light_therapy_day", "J060/bladder_day", "J118/traction_day",
            "J119/pain_relief_day", "J129/orthosis_day", "L100/one_block",
        )
        for verdict, text in (("denied", _MAIN), ("advised", _WHICH_MAIN))
    },
    ("G005/tests_of_insertion", "denied"): "{line}は、{lost_to_name}の挿入に伴うものとして算定できません。関連しないのなら申告してください",
    ("G005/tests_of_insertion", "advised"): "挿入に伴って行ったのなら{line}は算定できません。確かめてください",
    ("G020/prepared_injection", "denied"): "{line}は、対象となる注射（点滴注射・中心静脈注射・皮下注射など）を行っていないため算定できません",
    ("J032/perioperative_infant", "denied"): "{line}は、初回（{first_day}）から3月を過ぎたため算定できません",
    ("J117/with_traction", "denied"): "{line}は、併せて行った{lost_to_name}の所定点数に含まれるため算定できません",
    ("M000/twice_a_course", "advised"): "{line}は一連の治療に対して{most}回までです（この6月で{count}回目）。別の一連か確かめてください",
    ("B001-2-8/basic_fee", "denied"): "{line}は、{lost_to_name}の期間の放射線治療のため算定できません。別の疾患も診察したのなら「治療中の疾患の診察」を記録してください",
    ("B001-2-8/seven_days", "denied"): "{line}は、{last_day}に算定してから7日を過ぎていないため算定できません",
    ("B001-2-8/seven_days", "advised"): "{line}を{last_day}の7日後より1日早く算定します。7日目に算定したものとみなせるのは、休日によるものを除き患者1人につき年1回までです。確かめてください",
    ("M001/imrt_patients", "denied"): "{line}は、限局性の固形悪性腫瘍の患者に限るため算定できません",
    ("M001/imrt_patients", "advised"): "{line}は、限局性の固形悪性腫瘍の患者に限ります。対象か確かめてください",
    ("D000/remote_nurse", "denied"): "{line}は、情報通信機器を用いた診療で看護師等が行ったため、{lost_to}（1日につき{points}点）に替わり算定できません",
    ("M001/whole_course", "advised"): "{name}なら、{line}でなく一連につき{points}点で算定します。全体への照射でないこと（ブースト照射など）を部位に記録するか、確かめてください",
    ("table/unmet_standard", "granted"): "{name}は、施設基準「{missing}」の届出がないため{line}により算定します",
    ("table/unmet_standard", "advised"): "{name}は、施設基準「{missing}」の届出がなければ減じた点数で算定します。点数を確かめてください",
    ("table/guideline", "advised"): "{line}は、次の指針・基準によるときに算定します：{name}。これにより行ったことを確かめてください",
    ("A400/day_surgery", "granted"): "{operation}を日帰りで行ったため{line}を算定します",
    ("A400/day_surgery", "advised"): "{operation}の要件（手術室・回復室の使用、同意、翌日の確認）を満たした日帰りなら{line}を算定できます",
    ("A400/listed_operation", "denied"): "{line}は、対象となる手術・検査を行っていないため算定できません",
    ("A400/listed_operation", "advised"): "行った手術と麻酔によれば{line}になります。確かめてください",
    ("J000/one_disease", "granted"): "同一疾病の処置面積を合算すると{total}平方センチメートルのため{line}を算定します",
    ("J000/one_disease", "denied"): "{line}は、同一疾病の処置面積を合算（{total}平方センチメートル）して{lost_to_name}で算定するため、別に算定できません",
    ("J000/one_disease", "advised"): {
        "": "同一疾病の処置なら面積を合算して1つの区分で算定します。{line}について、疾病と部位ごとの面積を確かめてください",
        "total": "同一疾病の処置なら合算した面積（{total}平方センチメートル）の区分だけを算定します。{line}を確かめてください",
    },
    ("J001/two_months", "granted"): "初回（{first_day}）から2月を過ぎたため、創傷処置の例により{line}を算定します",
    ("J001/two_months", "denied"): "{line}は、初回（{first_day}）から2月を過ぎたため、{lost_to_name}に替わります",
    ("J038/contained_drugs", "denied"): "{line}は{lost_to_name}に含まれるため算定できません",
    ("J038/fourteen_a_month", "denied"): "{line}は、持続緩徐式血液濾過と併せて月{count}回までのため算定できません",
    ("J038/fourteen_a_month", "advised"): "{line}は月{count}回までです。妊娠中の患者に当たるか確かめてください",
    ("J201/oxygen_price", "advised"): "{line}の購入単価（{price}円）が告示の単価（{limit}円）を超えています。離島等の届出がなければ告示の単価で算定してください",
    ("J038/exercise_days", "denied"): "{line}は、指導を始めた日（{first_day}）から起算して{days}日を過ぎたため算定できません",
    ("J038/evening_or_holiday", "granted"): "午後5時以降の開始（{time}）又は休日の人工腎臓のため{line}を算定します",
    ("J038/hours_once", "denied"): "{line}は、{lost_to_name}を算定するため算定できません",
    ("J038/introduction_month", "denied"): "{line}は、最初の人工腎臓（{first_day}）から1月を過ぎたため算定できません",
    ("J038/injection_through_circuit", "advised"): "人工腎臓の回路を通して行った注射なら{line}は算定できません。確かめてください",
    ("J116/one_joint", "denied"): "{line}は、同じ関節（{site}）に行った{lost_to_name}を算定するため算定できません",
    ("J116/one_joint", "advised"): "同じ側の関節に行ったのなら{line}は算定できません。部位を確かめてください",
    ("K000/day_of_operation", "denied"): {
        "": "{line}は、手術（{lost_to_name}）の当日に手術に関連して行ったため算定できません。関連しないのなら申告してください",
        "site": "{line}は、手術（{lost_to_name}）と同じ部位（{site}）に当日行ったため算定できません",
    },
    ("K000/day_of_operation", "advised"): "手術に関連して行ったのなら{line}は算定できません。部位を確かめるか、関連しないことを申告してください",
    ("K000/dermal_suture_site", "denied"): "{line}は、露出部でない部位（{site}）の創傷のため算定できません",
    ("K000/dermal_suture_site", "advised"): "{line}は露出部の創傷に限ります。部位を記録してください",
    ("K000/endoscopy_of_operation", "denied"): "{line}は、同時に行った{lost_to_name}に含まれるため算定できません",
    ("K000/near_wounds", "granted"): "近接した創傷（{site}）の長さを合計すると{length}cmのため{line}を算定します",
    ("K000/near_wounds", "denied"): "{line}は、近接した創傷（{site}）を1つの創傷として{lost_to_name}で算定するため算定できません",
    ("K000/near_wounds", "advised"): {
        "": "近接した創傷（{site}）は長さを合計して算定します。{line}でよいか、創傷ごとの長さを入れて確かめてください",
        "site": "{line}が近接した創傷なら、長さを合計して1つの創傷として算定します。部位を記録してください",
    },
    ("K000/infection_precautions", "denied"): "{line}は、閉鎖循環式全身麻酔・硬膜外麻酔・脊椎麻酔を伴う手術に限るため算定できません",
    ("K000/one_course", "advised"): "{line}は一連の治療に対して1回です（{name}）。前回{last_day}と別の一連か確かめてください",
    ("K000/same_field", "denied"): {
        "": "{line}は、同一手術野（{site}）で行った{lost_to_name}を算定するため算定できません。複数手術の特例に当たるなら50％併施加算を付けてください",
        "second": "{line}は算定できません。複数手術の特例で併せて算定する従たる手術は1つに限ります",
    },
    ("K000/same_field", "advised"): "{line}（{points}点）は、もう一方の手術と同一手術野なら算定できません。部位を確かめてください",
    ("K000/tests_of_operation", "denied"): "{line}は、手術（{lost_to_name}）に伴うものとして算定できません。関連しないのなら申告してください",
    ("K000/tests_of_operation", "advised"): "手術に伴って行ったのなら{line}は算定できません。確かめてください",
    ("K005/exposed_part", "advised"): "記録された部位（{site}）と{line}の露出部・露出部以外の別が合いません。確かめてください",
    ("K000/named_disease", "advised"): "{line}は{disease}の患者に限り算定します。病名を確かめてください",
    ("K917/together", "granted"): "体外受精と顕微授精を同時に行ったため{line}を算定します",
    ("K917/together", "denied"): "{line}は、体外受精と顕微授精を同時に行ったため{lost_to_name}になります",
    ("K917-3/upkeep", "denied"): "{line}は1年に1回のため算定できません（前回{last_day}）",
    ("K917-3/upkeep", "advised"): {
        "": "{line}は、凍結保存の開始から1年を経過した場合に算定します（この医療機関での開始は{frozen_on}）。確かめてください",
        "twelve_months": "{line}は1年に1回です。前回（{last_day}）から12か月を経過していません。確かめてください",
    },
    ("K920/computer_crossmatch", "denied"): "{line}は、{lost_to_name}を算定するため算定できません",
    ("K940/skin_antiseptic", "denied"): "{line}は外皮用殺菌剤で、手術の所定点数に含まれるため算定できません",
    ("L000/one_anaesthesia", "denied"): "{line}は、同じ目的で行った{lost_to_name}が主たる麻酔となるため算定できません",
    ("L000/one_anaesthesia", "advised"): {
        "": "麻酔と同じ目的で行ったのなら{line}は算定できません。確かめてください",
        "epidural": "閉鎖循環式全身麻酔に{name}を併せて行ったのなら{line}を算定できます",
    },
    ("L009/anaesthesia_given", "denied"): "{line}は、対象となる麻酔を行っていないため算定できません",
    ("L101/once_a_month", "denied"): "{line}は、同一神経に月1回までのため算定できません（前回{last_day}）。がん性疼痛なら申告してください",
    ("M001/second_of_a_day", "granted"): "1回目と異なる部位（{site}）に対する当日2回目の照射のため{line}を算定します",
    ("M001/second_of_a_day", "denied"): {
        "": "{line}は、同じ部位（{site}）への前回の照射から2時間を超えていないため算定できません",
        "third": "{line}は、当日3回目の照射のため算定できません",
    },
    ("M001/second_of_a_day", "advised"): {
        "": "{line}は当日2回目の照射です。部位を記録してください",
        "time": "同じ部位（{site}）への2回目の照射は、間隔が2時間を超える場合に限り{line}を算定できます。開始時刻を記録してください",
    },
    ("table/addition_serial", "denied"): "{line}は、{lost_to_name}と併せて算定できない加算のため算定できません",
    ("table/general_age", "granted"): "{age}歳のため、{name}に{line}を算定します",
    ("table/general_age", "advised"): "新生児の{name}です。通則7に掲げる手術なら{line}を、それ以外なら乳幼児加算を算定します。確かめてください",
}  # fmt: skip
