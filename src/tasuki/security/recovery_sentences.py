# SPDX-License-Identifier: Apache-2.0
"""復旧計画の文言 — what is wrong with a plan, and what to do."""

from __future__ import annotations

from tasuki.kernel.messages import register

register(
    {
        "security.recovery.RP-01": "システムの符号が二度あります（{name}）。符号を変えてください。",
        "security.recovery.RP-02": "{name}が必要とする「{need}」は計画にありません。計画に加えるか、必要なシステムから外してください。",
        "security.recovery.RP-03": (
            "{name}（{priority}）は、優先度の低い{need}（{need_priority}）を必要としています。"
            "{need}の優先度を{priority}に上げるか、{need}なしで動く方法を決めてください。"
        ),
        "security.recovery.RP-04": (
            "{name}は{goal}で戻す目標ですが、必要とする{need}が戻るのは{need_goal}です。どちらかの目標を変えてください。"
        ),
        "security.recovery.RP-05": "互いに待ち合っていて、順序が決まりません: {ring}。どれか一つの「必要なシステム」を外してください。",
        "security.recovery.RP-06": "{name}に、いつまでに戻すか（目標復旧時間）がありません。",
        "security.recovery.RP-07": "{name}の目標復旧時間 {minutes} 分は使えません。1分から1年までで決めてください。",
        "security.recovery.RP-08": "{name}に、どの時点まで戻すか（目標復旧時点）がありません。",
        "security.recovery.RP-09": "{name}を戻す担当が決まっていません。",
        "security.recovery.RP-10": "{name}が止まっている間の紙の手順の置き場所が書かれていません。",
        "security.recovery.RP-11": "復旧計画を読み取れません（{why}）。",
    }
)
