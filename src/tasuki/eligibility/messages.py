# SPDX-License-Identifier: Apache-2.0
"""資格確認の文言 — Japanese sentences of what reading and writing a message of オンライン資格確認 can find."""

from __future__ import annotations

from tasuki.kernel.messages import register

READING = {
    "OQS-F-01": "XMLとして読めません（{line}行{column}文字目、{reason}）。ファイルが途中で切れていないか確かめてください。",
    "OQS-F-02": "文書型宣言または実体宣言があります。安全のため読みません。電文には使われないものです。",
    "OQS-F-03": "大きすぎます（{what}が{limit}を超えています）。一括照会を分けて行ってください。",
    "OQS-F-04": "文字コード{encoding}として読めないバイトがあります（{at}バイト目）。",
    "OQS-F-05": "文字コード「{encoding}」は使えません。UTF-8 か Shift_JIS です。",
    "OQS-F-06": "最上位の要素が「{found}」です。XmlMsg ではないため、電文として読めません。",
    "OQS-F-07": "要素「{found}」は知られていません。そのまま保持しました。",
    "OQS-F-08": "要素「{found}」が{count}回あります。最初のものを使いました。",
    "OQS-F-09": "文字コード識別は{said}ですが、ファイルは{encoding}です。",
    "OQS-F-10": "JSONとして読めません（{reason}）。",
    "OQS-F-11": "ZIPを開けません（{reason}）。",
    "OQS-F-12": "ZIPの中に電文（XML）がありません。",
    "OQS-F-13": "要素の間に文字「{text}」があります。",
}
VALUES = {
    "OQS-V-01": "「{term}」の日付「{text}」は読めません。",
    "OQS-V-02": "「{term}」のコード「{text}」は知られていません。",
    "OQS-V-03": "「{term}」が{length}文字です。{limit}文字以内です。",
    "OQS-V-04": "「{term}」は{limit}桁の数字です（現在「{text}」）。",
    "OQS-V-05": "「{term}」は数字です（現在「{text}」）。",
    "OQS-V-06": "「{term}」は8桁です。短い番号は左に空白を補います（現在「{text}」）。",
    "OQS-V-07": "「{term}」{text}の検証番号が合いません。番号を確かめてください。",
    "OQS-V-08": "「{term}」は BASE64 として読めません。",
}
WRITING = {
    "OQS-W-01": "「{field}」に{encoding}で書けない文字「{characters}」があります。",
    "OQS-W-02": "「{field}」にXMLで書けない制御文字（U+{point}）があります。取り除いてください。",
    "OQS-W-03": "要素名「{field}」は使えません。",
}

register({f"eligibility.read.{code}": text for code, text in READING.items()})
register({f"eligibility.value.{code}": text for code, text in VALUES.items()})
register({f"eligibility.write.{code}": text for code, text in WRITING.items()})
