# SPDX-License-Identifier: Apache-2.0
"""窓口負担の範囲 — what of the law on patients' shares is not computed here, and what happens instead."""

from __future__ import annotations

from typing import NamedTuple


class OutOfScope(NamedTuple):
    """計算しないもの — the matter, what happens instead, and the code of the refusal or rule of the advice ("" none)."""

    matter: str
    instead: str
    code: str = ""


NOT_COMPUTED: tuple[OutOfScope, ...] = (
    OutOfScope("令和9年8月以後の高額療養費（所得区分の細分化）", "断る。限度額の表がない", "copay-018"),
    OutOfScope("75歳以上の1割・2割の境（課税所得と年金収入）", "断る。資格情報の負担割合を求める", "copay-008"),
    OutOfScope("70歳以上の現役並みの判定", "20%とし、資格情報で確かめるよう助言する", "copay/share/age-uncertain"),
    OutOfScope("所得区分が示されない70歳未満の現物給付", "行わず、全額の割合で徴収すると助言する", "copay/limit/class-unknown"),
    OutOfScope("多数回該当の月数", "数えない。券面・資格確認の多数回該当だけを使う", "copay/household/repeated"),
    OutOfScope("世帯合算・年間上限・外来年間合算の差引き", "窓口では引かない。世帯合算の画面で参考に示す", "copay/household/refund"),
    OutOfScope("75歳到達月の世帯合算", "計算せず、保険者に確かめるよう助言する", "copay/household/halved"),
    OutOfScope("所得が特に少ない場合の年間上限の該当", "額だけを示す。該当は保険者が決める", "copay/household/year-small"),
    OutOfScope("他の医療機関・薬局の支払（上限額管理票のほか）", "世帯合算の画面に入れた分だけを数える。保存しない"),
    OutOfScope("入院の高額療養費、公費の多数回（特記31〜35）", "外来だけを計算する"),
    OutOfScope("上限額・本人支払額の決まる公費で、券面の額がない", "断る", "copay-014"),
    OutOfScope("規則の登録されていない地方公費", "断る", "copay-005"),
    OutOfScope("額の分からない地方公費", "断る。要綱の額を制度ファイルに入れる", "copay-033"),
    OutOfScope("一覧による地方公費の額", "計算し、毎回未確認と助言する", "copay/local/unconfirmed"),
    OutOfScope("岡山県の地方公費", "一覧にない。制度ファイルに書く"),
    OutOfScope("自賠責の1点の金額", "契約がなければ断る", "copay-017"),
    OutOfScope("マル長と公費を併用する保険単独分", "設定に従い、保険者により異なると助言する", "copay/specific-disease-scope"),
    OutOfScope("令和8年6月以後の食事療養", "計算しない。額が確認されていない（外来にはない）"),
    OutOfScope("OTC類似薬の特別の料金（令和9年3月予定）", "計算しない。告示を確かめてから加える"),
    OutOfScope("差額ベッド・予約・時間外（選定療養）・紹介なしの初診", "料金表の項目として受け取る"),
)  # fmt: skip
