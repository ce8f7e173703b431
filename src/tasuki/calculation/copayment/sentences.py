# SPDX-License-Identifier: Apache-2.0
"""負担の説明文 — the Japanese sentence of every reason and finding of this room; numbers come from facts."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasuki.kernel.because import Because

REASONS: dict[str, str] = {
    "copay/share/answer": "負担割合は資格情報の{percent}%（{by}）。",
    "copay/share/age": "負担割合は年齢から{percent}%（{by}）。",
    "copay/share/age-uncertain": "負担割合を年齢から{percent}%とした（{by}）。現役並み所得は年齢だけでは分からないので資格情報で確かめる。",
    "copay/share/differs": "資格情報の負担割合{percent}%は、年齢・区分から決まる{expected}%（{by}）と異なる。資格情報を確かめる。",
    "copay/share/past-75": "75歳以上なので後期高齢者医療の対象である（生活保護などを除く）。資格情報を確かめる。",
    "copay/share/work-accident": "労災保険の療養であり、窓口負担はない。",
    "copay/reduction/reduced": "一部負担金の減額により、負担{share}円を{reduced}円とする。",
    "copay/reduction/exempt": "一部負担金の免除により、負担{share}円を{reduced}円とする。",
    "copay/reduction/postponed": "一部負担金の徴収猶予により、負担{share}円を窓口では徴収しない。",
    "copay/limit/formula": "限度額は区分{income_class}（{whose}）の{base}円＋（医療費{cost}円－{threshold}円）×1%＝{limit}円{half}。自己負担の月計{share}円は{compared}。",
    "copay/limit/base": "限度額は区分{income_class}（{whose}）の{limit}円{half}（医療費{cost}円は{threshold}円を超えない）。自己負担の月計{share}円は{compared}。",
    "copay/limit/flat": "限度額は区分{income_class}（{whose}）の{limit}円{half}。自己負担の月計{share}円は{compared}。",
    "copay/limit/outpatient": "外来の限度額は区分{income_class}（{whose}）の{limit}円{half}。自己負担の月計{share}円は{compared}。",
    "copay/limit/repeated": "多数回該当の限度額は区分{income_class}（{whose}）の{limit}円{half}。自己負担の月計{share}円は{compared}。",
    "copay/limit/transition": "配慮措置の限度額は{base}円＋（医療費{cost}円－{threshold}円）×10%と外来の限度額の低い方で{limit}円{half}。自己負担の月計{share}円は{compared}。",
    "copay/limit/specific-disease": "特定疾病（マル長）の限度額は{limit}円{half}。自己負担の月計{share}円は{compared}。",
    "copay/limit/class-unknown": "所得区分が示されていないので、高額療養費の現物給付は行わない。自己負担の月計は{share}円。",
    "copay/limit/none": "高額療養費の対象ではない。",
    "copay/programme/zero": "公費{law_code}（{name}）が{pays}円を負担し、患者負担は{patient}円。",
    "copay/programme/percent": "公費{law_code}（{name}）は医療費の{percent}%まで{capped}。月計で公費が{pays}円、患者が{patient}円。",
    "copay/programme/month-cap": "公費{law_code}（{name}）{capped}。月計で公費が{pays}円、患者が{patient}円。",
    "copay/programme/ticket": "公費{law_code}（{name}）の本人支払額{capped}。月計で公費が{pays}円、患者が{patient}円。",
    "copay/programme/decided": "公費{law_code}（{name}）{capped}。月計で公費が{pays}円、患者が{patient}円。",
    "copay/programme/unusual-cap": "公費{law_code}（{name}）の上限額{cap}円は、この制度で知られた額ではない。受給者証を確かめる（按分された額なら正しい）。",
    "copay/local/unconfirmed": "地方公費「{name}」の額は時点の分からない一覧による{note}。受給者証と要綱で確かめる。",
    "copay/local/rule": "地方公費「{name}」が残り{base}円のうち{pays}円を負担し、患者は{patient}円。",
    "copay/local/whole-month": "地方公費「{name}」は現物給付の限度に達したため、月の自己負担の全額を窓口で徴収し（今回{patient}円）、後日償還となる。",
    "copay/local/insurer": "地方公費「{name}」はこの保険者では現物給付にならない。患者が払い、償還を受ける。",
    "copay/local/age": "地方公費「{name}」の対象年齢でない。",
    "copay/local/refund": "地方公費「{name}」は償還払いであり、窓口では助成しない。患者が払い、償還を受ける。",
    "copay/aggregation": "公費併用分{combined}円と保険単独分{alone}円を合算し、限度額{limit}円を超える{refund}円を保険単独分から減らす。",
    "copay/aggregation/within": "公費併用分{combined}円と保険単独分{alone}円を合算しても、限度額{limit}円を超えない。",
    "copay/rounding/ten-yen": "今回の負担{exact}円を10円未満四捨五入し、{collect}円を徴収。",
    "copay/rounding/at-cap": "上限額に達したため、月の合計が上限額ちょうどになるよう{collect}円を徴収（今回の負担{exact}円）。",
    "copay/rounding/under-cap": "10円未満の四捨五入で上限額を超えないよう、{collect}円を徴収（今回の負担{exact}円）。",
    "copay/rounding/local": "地方公費の定める額により{collect}円を徴収（今回の負担{exact}円）。",
    "copay/receipt/insurer": "保険の一部負担金は月計{share}円。{stated}",
    "copay/receipt/tuberculosis": "結核（10）の公費負担金額欄の書き方は審査支払機関に確かめる。",
    "copay/year-cap": "区分{income_class}の年間上限（8月〜翌7月）は{yearly}。窓口では差し引かず、保険者が償還する。",
    "copay/elective/charge": "先発品と後発品の価格差の1/{divisor}（1単位{special}円）を特別の料金とし、{days}日分{points}点、{charge}円に消費税{tax}円を加える。保険分は{insured}点。",
    "copay/elective/before": "長期収載品の選定療養の開始前であり、全額を保険で算定する（{points}点）。",
    "copay/elective/inpatient": "入院中であり、長期収載品の特別の料金はない（{points}点）。",
    "copay/elective/medical_need": "医療上の必要があり、長期収載品の特別の料金はない（{points}点）。",
    "copay/elective/out_of_stock": "後発品の在庫がなく、長期収載品の特別の料金はない（{points}点）。",
    "copay/household/part": "{who}の{what}: 医療費{cost}円、自己負担{paid}円を数える。",
    "copay/household/under-floor": "{who}の{what}: 自己負担{judged}円は21,000円に満たないので合算しない（70歳未満）。",
    "copay/household/personal": "{who}の外来{paid}円は、70歳以上の個人ごとの外来の限度額{limit}円を{refund}円超える。",
    "copay/household/personal-within": "{who}の外来{paid}円は、70歳以上の個人ごとの外来の限度額{limit}円を超えない。",
    "copay/household/elder": "70歳以上の{total}円を合算し、世帯の限度額{limit}円（区分{income_class}{formula}）を超える額は{refund}円。",
    "copay/household/whole": "{added}から、世帯全体の限度額{limit}円（区分{income_class}{formula}）を超える額は{refund}円。",
    "copay/household/refund": "世帯合算で保険者が支給する見込みは{refund}円。窓口では差し引かない。",
    "copay/household/none": "合算する自己負担がない。",
    "copay/household/class-unknown": "{group}の所得区分が示されていないので、世帯の限度額は計算しない。限度額適用認定証または資格確認の所得区分を入れる。",
    "copay/household/classes-differ": "{group}の家族で所得区分が異なる（{classes}）。世帯の区分は一つなので、資格情報を確かめるまで計算しない。",
    "copay/household/repeated": "券面の多数回該当により、多数回の限度額を使う。多数回は保険者が世帯の直近12月で数える。",
    "copay/household/halved": "{who}は75歳到達の特例（限度額1/2）の月なので、世帯合算は計算しない。保険者に確かめる。",
    "copay/household/local": "{who}の地方公費の分は、助成の前の一部負担金{paid}円を数えた。支給の相手（患者・市町村）は保険者に確かめる。",
    "copay/household/year": "{since}〜{until}の自己負担{paid}円は、区分{income_class}の年間上限{cap}円{compared}。",
    "copay/household/year-outpatient": "{since}〜{until}の外来の自己負担{paid}円は、区分{income_class}の外来年間の上限{cap}円{compared}。",
    "copay/household/year-small": "所得が特に少ないと保険者が認めた場合の年間上限は{cap}円{compared}。",
    "copay/specific-disease-elder": "特定疾病療養受療証は{shown}円だが、70歳以上の限度額は{limit}円である。受療証を確かめる。",
    "copay/specific-disease-scope": "マル長と公費を併用する保険単独分の扱いは保険者により異なる。設定を審査支払機関に確かめる。",
}

FINDINGS: dict[str, str] = {
    "copay-001": "保険も公費もない。保険証・資格情報または公費を入力する（自費は自費の明細として入力する）。",
    "copay-002": "診療日{day}は台帳の月{month}の日でない。",
    "copay-003": "診療日{day}が生年月日{born}より前になっている。",
    "copay-004": "診療日{day}が最後の受診{last}より前である。後から入れる受診は月を通して計算し直す。",
    "copay-005": "法別番号{law_code}は国の公費の表にない。地方公費なら規則（local_rule）を入力する。",
    "copay-006": "地方公費の規則「{rule}」が登録されていない。規則を登録するか、登録済みの名を入力する。",
    "copay-007": "所得区分「{income_class}」は{group}の患者の区分ではない。",
    "copay-008": "後期高齢者の負担割合が分からない。資格情報の負担割合（10・20・30）を入力する。",
    "copay-009": "負担割合{percent}は誤り。0・10・20・30のいずれかを入力する。",
    "copay-010": "保険は{day}に有効でない。",
    "copay-011": "公費{law_code}は{day}に有効でない。",
    "copay-012": "点数の組合せに、受診の公費にない、または重複した公費がある: {programmes}",
    "copay-013": "点数{points}は誤り。0以上の整数を入力する。",
    "copay-014": "公費{law_code}（{name}）は受給者証の自己負担上限額（0を含む）を入力する。",
    "copay-015": "医療保険に優先する公費（13・14・18・29・30）は他の公費と組み合わせられない。",
    "copay-016": "公費が{count}件ある。一つの受診に4件まで。",
    "copay-017": "保険種別「{kind}」の窓口負担は点数から決まらない。契約または自費の明細として金額を入力する。",
    "copay-018": "{day}の区分「{income_class}」の高額療養費の限度額は収載されていない。",
    "copay-019": "特定疾病の限度額{yen}は誤り。10000または20000を入力する。",
    "copay-020": "同じ公費が二度入力されている。",
    "copay-021": "生年月日{born}の患者は65歳に達しておらず、後期高齢者医療の被保険者になれない。",
    "copay-022": "上限額・他機関の支払額は0以上を入力する。",
    "copay-023": "労災と公費は組み合わせられない。",
    "copay-026": "地方公費の規則「{rule}」は{day}に有効でない。",
    "copay-027": "減免は、減額なら率か額の一方を、免除・徴収猶予なら率も額もなしで入力する。",
    "copay-028": "保険のない受診の点数に公費が指定されていない。",
    "copay-032": "同じ月の台帳に別の患者の受診がある（生年月日{born}、台帳は{known}）。",
    "copay-030": "{detail}。",
    "copay-031": "JSONとして読めない（{detail}）。",
    "copay-033": "地方公費「{name}」は制度の番号と名称だけが知られ、負担額が登録されていない{note}。要綱の額を制度ファイルに入れて取り込む。",
    "copay-034": "地方公費の規則「{rule}」は都道府県{prefecture}・法別{expected}の制度だが、負担者番号は{number}で始まる。",
    "copay-029": "公費負担者番号「{number}」は8桁の数字でない。",
}

register(FINDINGS)


_FORMULA = "、{base}円＋（医療費{cost}円－{threshold}円）×1%"


def explain(reason: Because) -> str:
    """説明文 — a reason of this room in Japanese.

    Raises ``KeyError`` for a reason of another room.
    """
    template = REASONS[reason.rule_id]
    pairs = dict(reason.facts)
    return template.format_map({name: _text(value) for name, value in pairs.items()} | _phrases(pairs))


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    whole, rest = divmod(value, 1)
    if not rest:
        return f"{int(whole):,}"
    if rest.denominator in (2, 4, 5, 10, 20):
        return f"{int(whole):,}.{int(rest * 100):02}".rstrip("0").rstrip(".")
    return f"{int(whole):,}と{rest}"


def _phrases(pairs: Mapping[str, object]) -> dict[str, str]:
    """Words that depend on a fact: halved or not, reached or not, capped or not."""
    phrases = {
        "half": "（75歳到達月のため1/2）" if pairs.get("halved") else "",
        "compared": "限度額に達している" if pairs.get("reached") else "限度額に満たない",
        "stated": "限度額を適用したので負担金額欄に記載する。"
        if pairs.get("limited")
        else "負担金額欄には記載しない。",
    }
    if "young" in pairs:
        young, elder = _text(pairs["young"]), pairs.get("elder")
        whole = f"70歳以上の残り{_text(elder)}円と70歳未満の{young}円を合わせた{_text(pairs['total'])}円"
        phrases["added"] = whole if elder else f"70歳未満の自己負担{young}円"
    over = pairs.get("over")
    if isinstance(over, int):
        phrases["compared"] = f"を{_text(over)}円超える" if over else "を超えない"
    if "base" in pairs and "cost" in pairs:
        given = {name: _text(pairs[name]) for name in ("base", "cost", "threshold") if name in pairs}
        phrases["formula"] = _FORMULA.format_map(given) if pairs.get("threshold") else ""
    cap = pairs.get("cap")
    if isinstance(cap, int):
        elsewhere = pairs.get("elsewhere")
        other = f"、他機関で{_text(elsewhere)}円支払済み" if elsewhere else ""
        phrases["capped"] = f"、月額上限{_text(cap)}円{other}" if cap >= 0 else ""
    if "outpatient" in pairs:
        parts = [f"{_text(pairs['year'])}円"] if pairs.get("year") else []
        if pairs.get("small"):
            parts.append(f"所得が特に少ない場合{_text(pairs['small'])}円")
        if pairs.get("outpatient"):
            parts.append(f"外来{_text(pairs['outpatient'])}円")
        phrases["yearly"] = "、".join(parts)
    return phrases
