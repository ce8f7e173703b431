# SPDX-License-Identifier: Apache-2.0
"""資格有効性と次の一手 — what each of the six answers means at the desk, and what to do next.

Cite: オンライン資格確認等システム 技術解説書 資格有効性; 保険医療機関及び保険医療養担当規則 第3条
"""

from __future__ import annotations

from typing import NamedTuple

from tasuki.eligibility.answer import Eligibility


class Guidance(NamedTuple):
    """次の一手 — of an answer: its badge, a heading, and what to do, in order."""

    badge: str
    heading: str
    steps: tuple[str, ...]


GUIDANCE: dict[Eligibility | None, Guidance] = {
    Eligibility.VALID: Guidance("good", "有効", ()),
    Eligibility.INVALID: Guidance(
        "bad",
        "無効（資格がなくなっています）",
        (
            "会社を辞めた、引っ越したなど、保険が変わっていないか患者に尋ねます。",
            "新しい資格確認書や、マイナンバーカードがあれば、それで確認し直します。",
            "どちらもなければ、被保険者資格申立書を書いてもらうか、いったん全額を預かります。",
            "喪失日が回答にあるときは、下の「有効終了日」を取り込むと、登録済みの保険をその前日で終了にできます。",
        ),
    ),
    Eligibility.REPLACED: Guidance(
        "bad",
        "無効（新しい資格あり）",
        (
            "この番号の資格はなくなり、別の保険に新しい資格があります。新しい資格の内容は、この回答には含まれません。",
            "患者に新しい保険を尋ね、マイナンバーカードか新しい資格確認書で確認し直します。",
            "新しい保険は自動では登録しません。確認できた内容で登録します。",
        ),
    ),
    Eligibility.NOT_FOUND: Guidance(
        "bad",
        "該当する資格がありません",
        (
            "保険者番号・記号・番号・枝番・生年月日の入力を、資格確認書と見比べて直します。",
            "資格を取ったばかりで、まだ登録されていないことがあります。加入した日を患者に尋ねます。",
            "確認できないときは、被保険者資格申立書を書いてもらいます。",
        ),
    ),
    Eligibility.SEVERAL: Guidance(
        "warn",
        "複数の資格に該当します",
        (
            "枝番（2桁）と記号を資格確認書から入れて、もう一度照会します。",
            "枝番がないときは、マイナンバーカードで確認します。",
        ),
    ),
    Eligibility.NOT_REGISTERED: Guidance(
        "good",
        "有効（未登録）— 医療扶助",
        (
            "医療扶助の資格はありますが、この月の医療券がまだ登録されていません。",
            "福祉事務所に、医療券（診療依頼書）の発行を確かめます。",
        ),
    ),
    None: Guidance(
        "warn",
        "資格有効性が回答にありません",
        ("処理結果の文を確かめ、もう一度照会します。",),
    ),
}


def guidance_of(eligibility: Eligibility | None) -> Guidance:
    """次の一手 — of an answer."""
    return GUIDANCE[eligibility]


def guidance_of_code(code: str) -> Guidance:
    """次の一手 — of a code as rows keep it."""
    known = {each.value: each for each in Eligibility}
    return GUIDANCE[known.get(code)]
