# SPDX-License-Identifier: Apache-2.0
"""支払者の算定理由の文 — why a line of 労災 stands, or could stand, in Japanese."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasuki.calculation.sentences.render import Sentence

SENTENCES: dict[tuple[str, str], Sentence] = {
    (
        "payers/work-accident/base",
        "granted",
    ): "労災では{health}（{points}点）に代えて、円で定めた{line}{yen}円を算定します",
    (
        "payers/work-accident/emergency",
        "advised",
    ): "初診の傷病労働者に救急医療を行ったときは、{line}{yen}円を同一傷病につき1回算定できます。行ったときはオーダに加えてください",
    (
        "payers/work-accident/claim-form",
        "advised",
    ): "療養の給付請求書（様式第5号・第16号の3）を取り扱ったときは、{line}{yen}円を1回算定できます（再発・転医を除く）。受け取ったらオーダに加えてください",
    (
        "payers/work-accident/guidance",
        "advised",
    ): "再診時に療養上の指導を行ったときは、{line}{yen}円を算定できます。行ったときはオーダに加えてください",
    (
        "payers/work-accident/management",
        "advised",
    ): "{act}（{points}点）は外来管理加算の点数に満たないため、労災では特例で{line}を併せて算定できることがあります。確かめて別のオーダに加えてください",
    (
        "payers/work-accident/read-as",
        "advised",
    ): "{act}（{points}点）も外来管理加算の点数に満たないため、労災ではその点数を{line}に読み替えられることがあります。確かめて同じオーダに加えてください",
    (
        "payers/work-accident/read-as",
        "granted",
    ): "労災では同じオーダの行為の{points}点を{line}{more}点に読み替えます",
    (
        "payers/work-accident/limb",
        "advised",
    ): "部位が「{site}」の{act}には、労災で四肢の倍率が認められることがあります。対象の処置・手術・リハビリテーションなら、{line}を同じオーダに加えてください",
}
