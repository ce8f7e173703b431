# SPDX-License-Identifier: Apache-2.0
"""健診結果の文言 — Japanese sentences of what reading, checking and converting a checkup can find, with the remedy."""

from __future__ import annotations

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register

XML = {
    "CHK-X-01": "XMLとして読めません（{reason}）。UTF-8の特定健診XML（V08）として書き出し直してください。",
    "CHK-X-02": "{what}は受け付けません。宣言のないXMLとして書き出し直してください。",
    "CHK-X-03": "{limit}を超えています。1人1ファイルの特定健診XMLか確かめてください。",
    "CHK-X-04": "{found}は特定健診の健診結果（ClinicalDocument、urn:hl7-org:v3）ではありません。ファイルを確かめてください。",
    "CHK-X-05": "{name}がありません。入れてください。",
    "CHK-X-06": "{name}が{count}個あります。1個にしてください。",
    "CHK-X-07": "「{value}」は{wanted}として読めません。直してください。",
    "CHK-X-08": "値の型（xsi:type）が「{found}」です。PQ・CD・CO・STのどれかにしてください。",
    "CHK-X-09": "一連検査グループの中に、さらにグループがあります。1段にしてください。",
    "CHK-X-10": "XMLに書けない文字（U+{code}）があります。除いてください。",
}
REPORT = {
    "CHK-F-01": "健診結果報告書（Bundle、文書）ではありません（{found}）。ファイルを確かめてください。",
    "CHK-F-02": "{name}がないため、健診結果報告書を作れません。{remedy}",
    "CHK-F-03": "プログラム種別「{code}」は健診結果報告書のコードにありません。010（特定健康診査）などにしてください。",
    "CHK-F-04": "{name}「{value}」は健診結果報告書に書けません。{remedy}",
    "CHK-F-05": "{name}がありません。入れてください。",
}
CARRIED = {
    "CHK-L-01": "健診結果として扱わない内容です（{value}）。書き出すと失われます。必要なら元のファイルを保管してください。",
    "CHK-L-02": "{wire}では表せないため、失われます（{before}）。必要なら元のファイルを保管してください。",
    "CHK-L-03": "{wire}では「{before}」が「{after}」になります。このままでよいか確かめてください。",
}
CONTENT = {
    "CHK-C-01": "項目コード「{code}」は健診項目表（第4期）にありません。コードを確かめてください。",
    "CHK-C-02": "値が{found}です。この項目は{wanted}で記録してください。",
    "CHK-C-03": "単位が「{found}」です。「{wanted}」にしてください。",
    "CHK-C-04": "「{found}」は小数{wanted}桁を超えています。四捨五入した値にしてください。",
    "CHK-C-05": "コード「{found}」は選択肢（{names}）にありません。選び直してください。",
    "CHK-C-06": "{found}バイトあります。全角を2バイトと数えて{most}バイト以内にしてください。",
    "CHK-C-07": "検査方法「{found}」はこの項目のもの（{wanted}）ではありません。項目と方法の組合せを確かめてください。",
    "CHK-C-08": "選択肢の表が「{found}」です。「{wanted}」にしてください。",
    "CHK-C-11": "特定健診に必要な項目がありません（{names}）。測れないときは測定不可能、行わないときは未実施として記録してください。",
    "CHK-C-12": "BMI {found} は身長と体重から計算した {wanted} と違います。どれかを確かめてください。",
    "CHK-C-13": "{item}は空腹時（食後10時間以上）の項目ですが、採血時間は「{found}」です。随時の項目か、採血時間を確かめてください。",
    "CHK-C-14": "同じ項目が{count}回あります。1回にするか、そのままでよいか確かめてください。",
    "CHK-C-21": "「{value}」は{wanted}ではありません。直してください。",
    "CHK-C-22": "{earlier}が{later}より後です。日付を確かめてください。",
    "CHK-C-23": "{name}がありません。入れてください。",
}

ARCHIVE = {
    "CHK-A-01": "送付用アーカイブ（ZIP）として読めません（{reason}）。作り直してください。",
    "CHK-A-02": "暗号化されたZIPは読めません。暗号化を解いてください。",
    "CHK-A-03": "健診結果（DATA/h….xml）が1件もありません。アーカイブを作り直してください。",
    "CHK-A-04": "フォルダ名「{name}」が決められた形（提出元10桁_提出先8桁_年月日8桁と回数1桁_実施区分）ではありません。",
    "CHK-A-05": "ファイル名「{name}」が決められた形（h・機関番号10桁・年月日8桁・連番8桁）ではありません。",
    "CHK-A-06": "交換用基本情報（ix08_V08.xml）がありません。入れてください。",
    "CHK-A-07": "交換用基本情報の総ファイル数は{count}ですが、健診結果は{found}件です。どちらかを確かめてください。",
}

for _table in (ARCHIVE, XML, REPORT, CARRIED, CONTENT):
    register({f"sharing.{code}": text for code, text in _table.items()})

READY = True


def told(code: str, where: Where, severity: Severity = Severity.BLOCK, /, **facts: object) -> Finding:
    """健診結果の指摘 — a finding of this room."""
    return Finding(code, severity, where, f"sharing.{code}", facts)


def refuse(code: str, where: Where, /, **facts: object) -> BadInput:
    """健診結果の入力誤り — the exception of one finding."""
    return BadInput((told(code, where, **facts),))
