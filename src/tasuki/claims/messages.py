# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの文言 — Japanese sentences of what reading and writing a claim file can find."""

from __future__ import annotations

from tasuki.kernel.messages import register

READING = {
    "UKE-F-01": "文字コードがUTF-8です。提出できるのはシフトJISだけです。claims rewrite --conform で書き直してください。",
    "UKE-F-02": "先頭にBOMがあります。claims rewrite --conform で取り除いてください。",
    "UKE-F-03": "改行がCRLFでない行が{lines}行あります。claims rewrite --conform で書き直してください。",
    "UKE-F-04": "ファイルの末尾にEOFコード（1A）がありません。claims rewrite --conform で補ってください。",
    "UKE-F-05": "EOFコード（1A）のほかに余分なバイトが末尾に{count}個あります。取り除いてください。",
    "UKE-F-06": "旧様式の和暦年月が{records}レコードにあります。読み取りましたが、提出には西暦が必要です。",
    "UKE-F-07": "文字コードとして読めないバイト、または他の行と異なる文字コードがあります。作成元の出力設定を確かめてください。",
    "UKE-F-08": "最初のレセプト（RE）より前に {found} レコードがあります。REの後へ移してください。",
    "UKE-F-09": "GOレコードの後にレセプトが続いています。GOはファイルの最後に1件だけ記録してください。",
    "UKE-F-10": "レコード識別情報「{found}」は知られていません。そのまま保持しました。作成元に確かめてください。",
    "UKE-F-11": "1行が1メガバイトを超えています。請求ファイルではありません。ファイルを選び直してください。",
    "UKE-F-12": "医科のファイルではないため、医科の点検は行っていません。内容は読み取ったまま保持しています。",
}

WRITING = {
    "UKE-W-01": "「{term}」に請求ファイルで使えない文字「{characters}」があります。JIS第1・第2水準の文字に直してください。",
    "UKE-W-02": "「{term}」が{bytes}バイトです。{limit}バイト（全角{wide}文字）以内にしてください。",
    "UKE-W-03": "「{term}」は数字で記録します（現在「{text}」）。",
    "UKE-W-04": "「{term}」は半角で記録します（現在「{text}」）。",
    "UKE-W-05": "「{term}」が{bytes}バイトです。ちょうど{limit}バイトで記録します。",
    "UKE-W-06": "「{term}」が空です。必ず記録する項目です。",
    "UKE-W-07": "「{term}」の字形選択子を外して記録しました。字形が異なる場合があります。",
    "UKE-W-08": "「{term}」の「{characters}」はJIS X 0208-1990で加わった字です。受け付けられないことがあります。",
    "UKE-W-09": "「{term}」の文字「{characters}」は区切りや引用符です。取り除いてください。",
    "UKE-W-10": "「{term}」の年月日「{text}」は西暦に直せません。正しい日付に直してください。",
    "UKE-W-11": "項目数が{found}です。{count}項目ちょうどで記録します。",
}

BUILDING = {
    "UKE-B-01": "明細の点数{lines}が負担計算の点数{share}と違います。会計を計算し直してください。",
    "UKE-B-02": "特記事項が{count}個あります。5個以内にしてください。",
    "UKE-B-03": "カタカナ氏名「{text}」に全角カタカナ以外があるため記録しませんでした。",
    "UKE-B-04": "公費（{programme}）の受給者証が受診の資格にありません。資格の登録を確かめてください。",
    "UKE-B-05": "薬剤（{codes}）は15円以下で点数がないため記録しませんでした。",
    "UKE-B-06": "{code} の数量 {amount} は整数で記録します。数量を直してください。",
    "UKE-B-07": "労災・自賠責・自費はこの請求ファイルの対象外です。別に請求してください。",
    "UKE-B-08": "負担計算のない請求先（{key}）の算定があります。会計を計算し直してください。",
    "UKE-B-10": "請求する点数がないため、レセプトを作成しませんでした。",
    "UKE-B-11": "受診日等（JD）の受診日{counted}日が診療実日数{days}日と違います。受診の登録を確かめてください。",
    "UKE-B-09": "負担者のない算定があります。公費の指定を確かめてください。",
}

RETURNING = {
    "UKE-R-01": "返戻レセプトに検索番号がないため再請求できません。返戻ファイルを取り込み直してください。",
    "UKE-R-02": "検索番号「{found}」が返戻レセプトの「{expected}」と違います。返戻されたときの検索番号に戻してください。",
    "UKE-R-03": "診療年月が返戻レセプトと違います。同じ月のレセプトを選んでください。",
}

register(
    {
        "claims.month.UKE-M-01": "請求月ファイルの形が違います（{detail}）。スキーマ（claims build --schema）を確かめてください。"
    }
)
register({f"claims.build.{code}": text for code, text in BUILDING.items()})
register({f"claims.read.{code}": text for code, text in READING.items()})
register({f"claims.write.{code}": text for code, text in WRITING.items()})
register({f"claims.returns.{code}": text for code, text in RETURNING.items()})
