# SPDX-License-Identifier: Apache-2.0
"""入力する特記事項 — the marks that only a person knows, and whether one may stand on an outpatient receipt.

Income marks (17-19, 22-24, 26-35, 41-44) and 21 come from the card and the copayment; 15 and 20 have ended, 25 and
31-35 belong to inpatients: none of these is entered. 01, 02 and 16 are derived where a card tells, and entered where
nothing registered does.

Cite: 記録条件仕様（医科用） 別表9 レセプト特記事項; 診療報酬請求書等の記載要領 別紙1
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.checks import notes
from tasuki.claims.checks.catalogue import CATALOGUE
from tasuki.claims.receipt import Receipt
from tasuki.kernel.finding import Finding, Severity, Where
from tasuki.kernel.messages import register

if TYPE_CHECKING:
    from collections.abc import Collection

    from tasuki.claims.checks.rule import Context

MOST_MARKS = 5
_ITEM = 12
register(
    {
        "claims.mark.UKE-J-01": "特記事項{text}はここでは入力できません。所得区分などは保険・公費の登録から付きます。",
        "claims.mark.UKE-J-02": "特記事項{text}は医療保険のあるレセプトだけに使います（このレセプトは公費単独）。保険の登録を確かめてください。",
        "claims.mark.UKE-J-03": "特記事項{text}は公費単独のレセプトだけに使います。別の特記事項を選んでください。",
        "claims.mark.UKE-J-04": "特記事項が{count}個になります。{limit}個以内にしてください。要らないものを先に外してください。",
    }
)


class Needs(StrEnum):
    """要る負担者 — which receipts a mark may stand on."""

    ANY = "any"
    INSURER = "insurer"
    PROGRAMME_ALONE = "programme_alone"


class EnteredMark(NamedTuple):
    """入力する特記事項 — when it is written, and on which receipts."""

    when: str
    needs: Needs = Needs.ANY


ENTERED_MARKS = {
    "01": EnteredMark("レセプトに出ない公費の助成があり、限度額を超えた", Needs.INSURER),
    "02": EnteredMark("特定疾病療養受療証（1万円）の限度額を超えた", Needs.INSURER),
    "03": EnteredMark("自己連続携行式腹膜灌流の患者で、院外処方だけのため自己負担を受けない", Needs.INSURER),
    "04": EnteredMark("公費単独で、高齢者医療確保法の例により請求する", Needs.PROGRAMME_ALONE),
    "07": EnteredMark("介護老人保健施設の入所者（併設の医療機関）"),
    "08": EnteredMark("介護老人保健施設の入所者（併設以外の医療機関）"),
    "09": EnteredMark("特別養護老人ホームなどの入所者"),
    "10": EnteredMark("第三者の行為（交通事故など）による傷病"),
    "11": EnteredMark("医薬品の治験"),
    "12": EnteredMark("医療機器の治験"),
    "13": EnteredMark("先進医療"),
    "14": EnteredMark("回数の制限を超える診療（選定療養）"),
    "16": EnteredMark("特定疾病療養受療証（2万円）の限度額を超えた", Needs.INSURER),
    "36": EnteredMark("再生医療等製品の治験"),
    "37": EnteredMark("患者申出療養"),
    "38": EnteredMark("介護医療院の入所者（併設の医療機関）"),
    "39": EnteredMark("介護医療院の入所者（併設以外の医療機関）"),
    "96": EnteredMark("災害による一部負担金の免除など（災１、通知による）"),
    "97": EnteredMark("災害による一部負担金の免除など（災２、通知による）"),
}


def refused_mark(
    mark: str, kept: Collection[str], receipt: Receipt | None, context: Context
) -> Finding | None:
    """特記事項の可否 — why a mark cannot stand beside those ``kept`` on a receipt; None when it can.

    The checks of the file decide about months, types and marks that exclude each other. Before a receipt is made
    nothing is known of its type.
    """
    about = ENTERED_MARKS.get(mark)
    if about is None:
        return _refusal("UKE-J-01", text=mark[:2])
    marks = {*kept, mark}
    if len(marks) > MOST_MARKS:
        return _refusal("UKE-J-04", count=len(marks), limit=MOST_MARKS)
    if receipt is None:
        return None
    kind = receipt.type
    if kind is not None and about.needs is Needs.INSURER and not kind.has_insurer:
        return _refusal("UKE-J-02", text=mark)
    if kind is not None and about.needs is Needs.PROGRAMME_ALONE and kind.has_insurer:
        return _refusal("UKE-J-03", text=mark)
    told = {one.code for one in notes.marks(_with_marks(receipt, kept), context)}
    for one in notes.marks(_with_marks(receipt, marks), context):
        if one.code not in told:
            check = CATALOGUE[one.code]
            where = Where("", 0, "RE", str(_ITEM))
            return Finding(check.public_code, Severity.BLOCK, where, check.message_key, dict(one.facts))
    return None


def _with_marks(receipt: Receipt, marks: Collection[str]) -> Receipt:
    first, *rest = receipt.records
    values = (*first.values[: _ITEM - 1], "".join(sorted(marks)), *first.values[_ITEM:])
    return Receipt([first._replace(values=values), *rest])


def _refusal(code: str, **facts: object) -> Finding:
    return Finding(code, Severity.BLOCK, Where("", 0, "RE", str(_ITEM)), f"claims.mark.{code}", facts)
