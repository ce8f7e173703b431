# SPDX-License-Identifier: Apache-2.0
"""処方データの文言 — Japanese sentences of what reading and writing prescription files can find."""

from __future__ import annotations

from tasuki.kernel.messages import register

READING = {
    "RX-F-01": "先頭の行「{text}」が処方データのバージョン情報（JAHIS10、SJ1、CJ1、JAHISTC08など）ではありません。",
    "RX-F-02": "文字コードとして読めないバイトがあります（{at}バイト目）。読み取り直してください。",
    "RX-F-03": "大きすぎます（{what}が{limit}を超えています）。処方データではありません。",
    "RX-F-04": "文字コードが{found}です。{format}は{expected}で記録します。",
    "RX-F-05": "改行が規約どおりでない行が{count}行あります。",
    "RX-F-06": "末尾にEOFコード（1A）がありません。",
    "RX-F-07": "レコード番号「{found}」は知られていません。そのまま保持しました。",
    "RX-F-08": "末尾に余分なバイトが{count}個あります。",
    "RX-F-09": "バージョン「{version}」は{format}の{known}ではありません。{known}の様式で読みました。",
}
CHECKING = {
    "RX-C-01": "項目数が{found}です。{count}項目で記録します。",
    "RX-C-02": "「{term}」が空です。必ず記録する項目です。",
    "RX-C-03": "「{term}」は数字で記録します（現在「{text}」）。",
    "RX-C-04": "「{term}」が{bytes}バイトです。{limit}バイト以内で記録します。",
    "RX-C-05": "「{term}」のコード「{text}」は知られていません。",
    "RX-C-06": "「{term}」の年月日「{text}」は読めません。",
    "RX-C-07": "「{term}」は数値で記録します（現在「{text}」）。",
    "RX-C-08": "「{term}」は半角で記録します（現在「{text}」）。",
    "RX-C-09": "「{term}」の前後に空白があります。",
    "RX-C-10": "{term}レコード（{number}）がありません。",
    "RX-C-11": "{term}レコード（{number}）が{count}回あります。1回だけ記録します。",
    "RX-C-12": "{term}レコード（{number}）の順が規約と違います。",
    "RX-C-13": "RP{rp}に{term}レコード（{number}）がありません。",
    "RX-C-14": "RP{rp}の{order}番目の薬品がありません。",
    "RX-C-15": "負担区分のない薬品があります。すべての薬品に記録するか、すべてに記録しないかのどちらかです。",
    "RX-C-16": "用法コード「{text}」の形が正しくありません（{reason}）。",
    "RX-C-17": "補足用法コード「{text}」の形が正しくありません。",
    "RX-C-18": "部位コード「{text}」の形が正しくありません。",
    "RX-C-19": "「{term}」が空です。{reason}には必要です。",
    "RX-C-20": "分割の{nth}番目は{count}回の中にありません。",
    "RX-C-22": "「{term}」{text}の検証番号が合いません。番号を確かめてください。",
    "RX-C-23": "「{term}」は{size}桁の数字です（現在「{text}」）。",
    "RX-C-21": "通番{order}の{term}レコード（{number}）がありません。",
}
WRITING = {
    "RX-W-01": "「{term}」の文字「{characters}」は記録できないため■で記録しました。",
    "RX-W-02": "「{term}」の区切り文字を全角で記録しました。",
    "RX-W-03": "「{term}」の改行や制御文字を取り除きました。",
    "RX-W-04": "「{term}」の前後の空白を取り除きました。",
    "RX-W-05": "区切り文字（,）や改行、制御文字は項目に記録できません。",
    "RX-W-06": "シフトJISにない文字「{characters}」は記録できません。",
}
SYMBOLS = {
    "RX-S-01": "{total}個の２次元シンボルのうち{missing}番目が読み取られていません。",
    "RX-S-02": "別の処方箋の２次元シンボルが混ざっています。読み取り直してください。",
    "RX-S-03": "２次元シンボルの検査値が合いません。読み取り直してください。",
    "RX-S-04": "２次元シンボルが{needed}個必要です。{limit}個以内に収まるように記載を減らしてください。",
    "RX-S-05": "{nth}番目の２次元シンボルが2つあり、内容が違います。",
    "RX-S-06": "２次元シンボルがありません。",
}

register({f"prescription.read.{code}": text for code, text in READING.items()})
register({f"prescription.check.{code}": text for code, text in CHECKING.items()})
register({f"prescription.write.{code}": text for code, text in WRITING.items()})
register({f"prescription.symbol.{code}": text for code, text in SYMBOLS.items()})
