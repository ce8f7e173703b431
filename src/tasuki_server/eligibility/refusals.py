# SPDX-License-Identifier: Apache-2.0
"""処理結果コード — what this service says when it cannot answer. The official list (別紙6-1) is not public: these are ours.

``TSKQ`` speaks of a whole file, ``TSKP`` of one person in it, ``TSKN`` tells something beside an answer.
"""

from __future__ import annotations

from typing import NamedTuple

TEXTS = {
    "TSKQ001": "電文を読めません。{reason}",
    "TSKQ002": "ファイル名「{name}」の要求は、このサービスでは扱いません。OQSsiquc01req_….xml などの名前で送ってください。",
    "TSKQ003": "医療機関コード「{found}」は、接続している医療機関（{expected}）のものではありません。",
    "TSKQ004": "要求の中に {element} がありません。",
    "TSKQ005": "単件の要求に{count}件あります。一括照会を使ってください。",
    "TSKQ006": "一括の要求は{limit}件までです（{count}件あります）。分けて送ってください。",
    "TSKQ007": "受付番号「{number}」の要求は受け付けていません。",
    "TSKQ008": "「{term}」の「{text}」は読めません。",
    "TSKQ009": "資格確認日「{text}」は明日以降の日です。",
    "TSKQ010": "「{term}」が入っていません。",
    "TSKQ011": "災害時モードではないため、氏名・住所では検索できません。",
    "TSKQ012": "「{text}」の形では出力しません。XMLを指定してください。",
    "TSKQ020": "{text}",
    "TSKQ021": "サービスの側の誤りです。時間をおいて、もう一度送ってください。",
    "TSKP001": "「{term}」が入っていません。",
    "TSKP002": "「{term}」の「{text}」は読めません。",
    "TSKP003": "この方は、資格情報の提供を停止しています。ご本人に確かめてください。",
    "TSKP004": "このカードは利用を停止しています。",
    "TSKP005": "このカードの登録はありません。",
    "TSKP006": "このカードの電子証明書は有効期限（{until}）が過ぎています。",
    "TSKP007": "照会番号を登録できません。該当する資格がありません。",
    "TSKP008": "照会番号を登録できません。複数の方が該当します。記号と枝番も入れてください。",
    "TSKP009": "有効な資格がないため、閲覧できません。",
    "TSKP010": "閲覧の同意がありません（{term}）。",
    "TSKP011": "閲覧できる期限（{until}）が過ぎています（{term}）。",
    "TSKP012": "該当する資格がありません。保険者番号・記号・番号・枝番を確かめてください。",
    "TSKP013": "救急時医療情報閲覧の権限がありません。権限のある病院だけが使えます。",
    "TSKN001": "このカードの電子証明書は{until}に期限が切れます。更新をご案内ください。",
}


class Refusal(NamedTuple):
    """断り — code and Japanese sentence, which says what to do."""

    code: str
    text: str


class Refused(Exception):
    """断った要求 — of a whole file."""

    def __init__(self, code: str, **facts: object) -> None:
        self.refusal = refuse(code, **facts)
        super().__init__(code)


def refuse(code: str, **facts: object) -> Refusal:
    """断り — the sentence of a code with its facts; a value from outside is cut.

    >>> refuse("TSKQ006", limit=10, count=11).text
    '一括の要求は10件までです（11件あります）。分けて送ってください。'
    """
    shown = {name: fact[:80] if isinstance(fact, str) else fact for name, fact in facts.items()}
    return Refusal(code, TEXTS[code].format(**shown))
