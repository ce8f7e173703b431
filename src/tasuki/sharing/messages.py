# SPDX-License-Identifier: Apache-2.0
"""FHIR点検の文言 — Japanese sentences of what checking a resource or importing a guide can find, with the remedy."""

from __future__ import annotations

from tasuki.kernel.messages import register

FILE = {
    "FHIR-J-01": "JSONとして読めません（{reason}）。UTF-8のJSONとして書き出し直してください。",
    "FHIR-J-02": "指摘が{limit}件に達したため、残りは点検していません。ここまでを直してからもう一度点検してください。",
}
STRUCTURE = {
    "FHIR-S-01": "resourceType「{found}」はFHIR R4のリソースではありません。正しいリソース名にしてください。",
    "FHIR-S-02": "項目「{name}」はここにありません。つづりと置き場所を確かめ、なければ削除してください。",
    "FHIR-S-03": "{found}があります。{wanted}にしてください。",
    "FHIR-S-04": "{found}があります。繰り返せる項目なので、1件でも配列 [ … ] にしてください。",
    "FHIR-S-05": "配列があります。1件だけの項目なので、[ ] を外してください。",
    "FHIR-S-06": "{found}があります。値がなければ項目ごと削除してください。",
    "FHIR-S-07": "{found}があります。{wanted}にしてください。",
    "FHIR-S-08": "「{value}」は使えません。{wanted}にしてください。",
    "FHIR-S-09": "{found}が同時にあります。どれか一つだけにしてください。",
    "FHIR-S-10": "「_{name}」の形が違います。「{name}」と同じ形・同じ件数で、id と extension だけを入れてください。",
}
CARDINALITY = {
    "FHIR-C-01": "{least}件以上必要ですが{count}件です。追加してください。",
    "FHIR-C-02": "{most}件までですが{count}件あります。減らしてください。",
    "FHIR-C-03": "このプロファイルでは使えません。削除してください。",
    "FHIR-T-01": "型が{found}です。このプロファイルでは{wanted}にしてください。",
}
VALUES = {
    "FHIR-V-01": "値が「{found}」です。「{wanted}」にしてください。",
    "FHIR-V-02": "値「{found}」に「{wanted}」が含まれていません。含めてください。",
    "FHIR-V-03": "{length}文字あります。{most}文字以内にしてください。",
    "FHIR-V-04": "値{found}は範囲（{least}〜{most}）の外です。直してください。",
    "FHIR-B-01": "コード「{found}」は値セット {value_set} にありません。値セットのコードから選んでください。",
    "FHIR-B-02": "コード「{found}」は値セット {value_set} にありません。当てはまるコードが値セットにあれば、それを使ってください。",
    "FHIR-B-03": "コード「{found}」が値セット {value_set} にあるかは確認できません（コードの一覧がここにありません）。",
    "FHIR-B-04": "コード体系 {code_system} にコード「{found}」はありません。コードと体系の組合せを確かめてください。",
}
SLICES = {
    "FHIR-L-01": "「{slice}」（{how}）が{least}件以上必要ですが{count}件です。追加するか、識別する値のつづりを直してください。",
    "FHIR-L-02": "「{slice}」は{most}件までです。余分を削除してください。",
    "FHIR-L-03": "決められた種類（{slices}）のどれにも当たりません。種類を識別する値を直すか、削除してください。",
    "FHIR-L-04": "「{slice}」の順番が違います。プロファイルの順に並べてください。",
    "FHIR-L-05": "「{slice}」は、決められた種類以外のものより前に置いてください。",
}
REFERENCES = {
    "FHIR-R-01": "{found}を参照しています。{wanted}を参照してください。",
    "FHIR-R-02": "「{found}」に当たる内包リソース（contained）がありません。contained の id と合わせてください。",
    "FHIR-R-03": "「{found}」に当たるエントリがBundleにありません。参照先のエントリを加えるか、fullUrl と合わせてください。",
    "FHIR-R-03W": "「{found}」に当たるエントリが文書の中にありません。参照先を文書に入れてください。",
    "FHIR-R-04": "「{found}」は参照として読めません。「リソース名/id」、URL、urn:uuid:、「#id」のどれかにしてください。",
    "FHIR-R-05": "参照先がプロファイル（{profiles}）に合っていません。参照先を直してください。",
    "FHIR-R-06": "type は{told}ですが、参照先は{found}です。どちらかを直してください。",
}
INVARIANTS = {
    "FHIR-I-01": "条件 {key} を満たしていません（式: {expression}）。条件に合うように直してください。",
    "FHIR-I-02": "条件 {key}（注意）を満たしていません（式: {expression}）。このままでよいか確かめてください。",
    "FHIR-I-03": "条件 {key} は確認できません（{reason}）。",
    "FHIR-I-11": "{why}（条件 {key}）",
    "FHIR-I-12": "{why}（条件 {key}、注意）",
}
EXTENSIONS = {
    "FHIR-E-01": "拡張 {url} の定義がここにありません。URLのつづりを確かめるか、定義のあるガイドを取り込んでください。",
    "FHIR-E-02": "拡張には、値（value…）か内側の拡張（extension）のどちらか一方だけを入れてください。",
    "FHIR-E-03": "{url} は拡張ではありません。拡張のURLにしてください。",
    "FHIR-E-04": "拡張 {url} はここには置けません（置ける場所: {wanted}）。正しい場所に移すか、削除してください。",
    "FHIR-N-01": "説明文（text.div）に誤りがあります（{reason}）。XHTMLとして直すか、text ごと削除してください。",
}
PROFILES = {
    "FHIR-P-01": "プロファイル {profile} の定義がないため、確認できません。定義のあるガイドを取り込んでください。",
    "FHIR-P-02": "プロファイル {profile} は{wanted}のものですが、リソースは{found}です。meta.profile を直してください。",
    "FHIR-P-03": "どのプロファイル（{profiles}）にも合っていません。どれかに合わせてください。",
    "FHIR-P-04": "プロファイル {profile} がありません。URLを確かめるか、compile-ig で取り込んでください。",
    "FHIR-P-07": "型 {type} が分からないため、取り込みませんでした。元になるパッケージを先に取り込んでください。",
    "FHIR-P-08": "制約表として読めません（{detail}）。compile-ig で作り直してください。",
    "FHIR-P-09": "FHIRパッケージとして読めません（{detail}）。ファイルを確かめてください。",
}
BUNDLES = {
    "FHIR-D-02": "fullUrl「{url}」が二度あります。エントリごとに別のものにしてください。",
    "FHIR-D-03": "fullUrl「{url}」とリソースの id「{id}」が違います。合わせてください。",
    "FHIR-D-04": "Bundle（{kind}）のエントリには fullUrl が必要です。urn:uuid: などを入れてください。",
    "FHIR-D-05": "文書のエントリには resource が必要です。入れるか、エントリを削除してください。",
    "FHIR-D-06": "{method}には resource が必要です。入れてください。",
    "FHIR-D-07": "{method}に resource は入れられません。削除してください。",
    "FHIR-D-08": "request.url「{url}」がリソースの種類とidに合っていません。「リソース名/id」にしてください。",
    "FHIR-D-11": "内包リソースには id が必要です。入れて、「#id」で参照してください。",
    "FHIR-D-12": "内包リソースの中に、さらに内包リソースは入れられません。外側の contained に移してください（条件 dom-2）。",
    "FHIR-D-13": "内包リソース「{id}」はどこからも参照されていません。「#{id}」で参照するか、削除してください（条件 dom-3）。",
    "FHIR-D-14": "内包リソースの meta に {name} は入れられません。削除してください（条件 dom-4・dom-5）。",
    "FHIR-D-15": "内包リソースの id「{id}」が二度あります。別のものにしてください。",
}
SERVICE = {
    "FHIR-K-01": "ローカルコード（JP_CLINS_ObsLabResult_LocalCode_CS）がありません。情報共有サービスへ送る検査には入れてください。",
    "FHIR-K-02": "項目名「{display}」は共有項目の一覧にありません。一覧の名前と一字一句同じにしてください。版により名前が変わっています。",
    "FHIR-K-03": "長期保存（LTS）は、感染症の共有項目だけに付けられます。外してください。",
    "FHIR-K-04": "基準値の単位が結果の単位（{unit}）と違います。同じにしてください。",
    "FHIR-K-05": "アレルギーに「{flag}」の印は付けられません。外してください。付けられるのは長期保存（LTS）だけです。",
    "FHIR-K-06": "情報共有サービスへ送るには受診（encounter）が必要です。内包した受診を参照してください。",
    "FHIR-K-07": "情報共有サービスへ送る検査には実施者（performer）が必要です。入れてください。",
    "FHIR-K-08": "情報共有サービスへ送る検査に hasMember は使えません。項目ごとに分けてください。",
    "FHIR-K-10": "患者だけの送信単位です。同じ識別番号で以前に送った内容がすべて削除されます。削除するのでなければ、情報を加えてください。",
    "FHIR-K-09": "情報共有サービスへ送る検査には、内包した医師など（Practitioner）が必要です。contained に入れてください。",
}

for _part in (
    FILE,
    STRUCTURE,
    CARDINALITY,
    VALUES,
    SLICES,
    REFERENCES,
    INVARIANTS,
    EXTENSIONS,
    PROFILES,
    BUNDLES,
    SERVICE,
):
    register({f"sharing.{code}": text for code, text in _part.items()})
READY = True
