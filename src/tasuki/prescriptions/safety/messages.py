# SPDX-License-Identifier: Apache-2.0
"""処方の安全性の文言 — Japanese sentences of the alerts, and of what can be wrong with a drug-knowledge table.

A key ends in where the other drug comes from: ``own`` given here before, ``other`` given by another institution;
without an ending both drugs stand in the prescription.
"""

from __future__ import annotations

from tasuki.kernel.messages import register

TABLES = {
    "RX-K-01": "UTF-8として読めません（{at}バイト目）。UTF-8で保存し直してください。",
    "RX-K-02": "見出し「{text}」は知られていない列です。列の名前を確かめてください。",
    "RX-K-03": "「{text}」は{expected}ではありません。直して読み込み直してください。",
    "RX-K-04": "列「{column}」がありません。見出しの行に加えてください。",
    "RX-K-05": "薬の群「{text}」は群の表にありません。群の表に加えるか、コードで書いてください。",
    "RX-K-06": "「{text}」は薬価基準収載医薬品コードの先頭（3・4・7・8・9・12文字）でも9桁のコードでもありません。",
    "RX-K-07": "「{text}」はICD-10の先頭、その範囲、7桁の傷病名コードのどれでもありません。",
    "RX-K-08": "医薬品知識の表がありません。{names} のどれかの名前のTSVを指定してください。",
    "RX-K-09": "列「{column}」に対応する見出し「{text}」がファイルにありません。対応の指定を直してください。",
    "RX-K-10": "「{text}」を表す値が対応の指定にありません。{known} のどれかに対応させてください。",
    "RX-K-11": "{encoding}として読めません。文字コードの指定を確かめてください。",
    "RX-K-12": "対応の指定が読めません（{why}）。",
    "RX-K-13": "JSONとして読めません（{why}）。",
    "RX-K-14": "{why}。",
    "RX-K-15": "薬の code か name を入れてください。",
    "RX-K-16": "前に出た薬は on に日付を入れてください。",
    "RX-K-17": "日数 {days} は使えません。1から999で入れてください。",
    "RX-K-18": "数 {amount} は使えません。0より大きい数を入れてください。",
    "RX-K-19": "ほかの医療機関の薬は institution に医療機関の名前を入れてください。",
    "RX-K-20": "生年月日 {born} が処方の日 {day} より後です。",
}
_OTHER_HIDDEN = "ほかの医療機関の薬（閲覧の同意がないため名前は表示できません）"
ALERTS = {
    "RX-A-01": "「{drug}」と「{other}」は同じ成分の薬です。",
    "RX-A-02.own": "前に出した「{other}」（同じ成分）が{until}まで残っています（{days}日の重なり）。",
    "RX-A-03.other": "{institution}から「{other}」（同じ成分）が{until}まで出ています（{days}日の重なり）。",
    "RX-A-03.other.open": "{institution}から{since}に「{other}」（同じ成分）が出ています。使っているか確かめてください。",
    "RX-A-03.other.withheld": f"{_OTHER_HIDDEN}と「{{drug}}」が同じ成分です。",
    "RX-A-04": "「{drug}」と「{other}」は同じ系統（{group}）の薬です。",
    "RX-A-04.own": "前に出した「{other}」は「{drug}」と同じ系統（{group}）の薬で、{until}まで残っています。",
    "RX-A-04.other": "{institution}から「{drug}」と同じ系統（{group}）の「{other}」が{until}まで出ています。",
    "RX-A-04.other.withheld": f"{_OTHER_HIDDEN}が「{{drug}}」と同じ系統（{{group}}）です。",
    "RX-A-05": "併用禁忌: 「{drug}」と「{other}」。{text}",
    "RX-A-05.own": "併用禁忌: 「{drug}」と、前に出した「{other}」（{until}まで）。{text}",
    "RX-A-05.own.open": "併用禁忌: 「{drug}」と、{since}に出した「{other}」（使っているか確かめてください）。{text}",
    "RX-A-05.other": "併用禁忌: 「{drug}」と、{institution}の「{other}」（{until}まで）。{text}",
    "RX-A-05.other.open": "併用禁忌: 「{drug}」と、{institution}の「{other}」（{since}。使っているか確かめてください）。{text}",
    "RX-A-05.other.withheld": f"併用禁忌: 「{{drug}}」と、{_OTHER_HIDDEN}。{{text}}",
    "RX-A-06": "併用注意: 「{drug}」と「{other}」。{text}",
    "RX-A-06.own": "併用注意: 「{drug}」と、前に出した「{other}」（{until}まで）。{text}",
    "RX-A-06.own.open": "併用注意: 「{drug}」と、{since}に出した「{other}」（使っているか確かめてください）。{text}",
    "RX-A-06.other": "併用注意: 「{drug}」と、{institution}の「{other}」（{until}まで）。{text}",
    "RX-A-06.other.open": "併用注意: 「{drug}」と、{institution}の「{other}」（{since}。使っているか確かめてください）。{text}",
    "RX-A-06.other.withheld": f"併用注意: 「{{drug}}」と、{_OTHER_HIDDEN}。{{text}}",
    "RX-A-07": "禁忌病名: {name}（病名「{disease}」）。{text}",
    "RX-A-08": "病名に注意: {name}（病名「{disease}」）。{text}",
    "RX-A-09": "禁忌病名の疑い: {name}（病名「{disease}」の疑い）。{text}",
    "RX-A-10": "アレルギー: {substance} の記録があります。",
    "RX-A-10.stop": "禁忌: {substance} の記録があります。",
    "RX-A-11": "アレルギー: {substance} の記録があります。「{drug}」は{group}です。{text}",
    "RX-A-11.stop": "禁忌: {substance} の記録があります。「{drug}」は{group}です。{text}",
    "RX-A-12": "極量・上限: {name} 1日{amount}{unit}は上限{limit}{unit}を超えています。{text}",
    "RX-A-13": "極量・上限: {name} 1回{amount}{unit}は上限{limit}{unit}を超えています。{text}",
    "RX-A-14": "年齢: {age}歳。{text}",
    "RX-A-15": "妊娠中です。{text}",
    "RX-A-16": "授乳中です。{text}",
    "RX-A-17": "腎機能: {measure} {value}（{on}）。{text}",
    "RX-A-18": "腎機能: {measure}が分からないためeGFR {value}（{on}）で見ました。{text}",
    "RX-A-19.own": "前に出した「{other}」（同じ成分）が{until}まで{days}日残っています。",
    "RX-A-31": "腎機能で量が変わる薬です。{measure}が分かりません。診療の数字に{wanted}を入れると点検します。",
    "RX-A-32": "体重あたりの上限がある薬です（{name}）。診療の数字に体重を入れると点検します。",
    "RX-A-33": "妊娠しているときは出せない薬です。診療の数字で妊娠の有無を選ぶと点検します。",
    "RX-A-34": "「{drug}」の成分が分かりません。この薬は相互作用・禁忌・上限を点検していません。",
    "RX-A-35": "「{drug}」の{name}の含量が分からず、上限を点検していません。量を確かめてください。",
    "RX-A-36": "腎機能の値（{measure} {value}）は{on}のもので古くなっています。新しい値を診療の数字に入れてください。",
}

register({f"prescription.safety.{key}": text for key, text in {**TABLES, **ALERTS}.items()})
