# SPDX-License-Identifier: Apache-2.0
"""つながらないときの資格確認 — what may be relied upon instead, and that it was: by whom, when, for which visit.

Cite: 保発0710第1号（令和5年7月10日）マイナンバーカードによるオンライン資格確認を行うことができない場合の対応について;
保険医療機関及び保険医療養担当規則 第3条
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tasuki_server.audit.trail import record
from tasuki_server.confirmation.ask import ask_record
from tasuki_server.confirmation.line import own_line
from tasuki_server.confirmation.models import Confirmation, LineKind, Method
from tasuki_server.confirmation.take import OPEN_VISITS, mark_checked
from tasuki_server.institutions.work import current_work
from tasuki_server.patients.models import InsuranceRecord
from tasuki_server.reception.clock import now, today
from tasuki_server.reception.models import Visit


class Way(NamedTuple):
    """確認のしかた — a method, when it serves, what to look at; ``counts`` is whether the visit is confirmed by it."""

    method: Method
    when: str
    steps: tuple[str, ...]
    counts: bool


WAYS = (
    Way(
        Method.CERTIFICATE,
        "資格確認書を持っている",
        (
            "有効期限、氏名、生年月日、保険者番号・記号・番号・枝番、負担割合を目で確かめます。",
            "写しは取らず、番号を記録と見比べます。",
        ),
        True,
    ),
    Way(
        Method.PORTAL,
        "マイナンバーカードと、スマートフォンがある",
        (
            "患者にマイナポータルの「医療保険の資格情報」の画面（またはPDF）を開いてもらいます。",
            "画面の氏名・生年月日と、マイナンバーカードの顔写真・氏名・生年月日が同じ人か確かめます。",
        ),
        True,
    ),
    Way(
        Method.NOTICE,
        "マイナンバーカードと、「資格情報のお知らせ」がある",
        (
            "お知らせとマイナンバーカードの氏名・生年月日が同じか確かめます。",
            "お知らせだけでは確認できません。",
        ),
        True,
    ),
    Way(
        Method.DECLARATION,
        "マイナンバーカードはあるが、資格を示すものがない",
        (
            "被保険者資格申立書に、分かる範囲で書いてもらいます。以前に来た方は、前回からの変わりがないかを口頭で確かめます。",
            "窓口の負担割合は、年齢などから申し立てのとおりとし、後で確かめます。",
        ),
        False,
    ),
    Way(
        Method.DISASTER,
        "災害などで、カードも書類もない",
        (
            "氏名・生年月日・連絡先（事業所名、国保や後期高齢者なら住所）を聞き取って受け付けます。",
            "カードと書類は、戻ってから確かめます。災害時モードが始まったら、資格確認端末で氏名・生年月日・性別・住所から探せます。",
        ),
        False,
    ),
)
BY_METHOD = {way.method: way for way in WAYS}


def access_unconfirmed() -> list[dict[str, Any]]:
    """まだ確認していない受診 — open visits of today, with what was noted already."""
    visits = (
        Visit.objects.filter(day=today(), state__in=OPEN_VISITS, eligibility_checked_at=None)
        .select_related("patient")
        .order_by("serial")
    )
    noted = {
        each.visit_id: each
        for each in Confirmation.objects.filter(visit__in=[one.id for one in visits]).order_by("at")
    }
    return [{"visit": each, "noted": noted.get(each.id)} for each in visits]


def note_way(visit: Visit, method: Method) -> Confirmation:
    """代わりの方法による確認の記録 — and the number is asked as soon as the line is back."""
    work = current_work()
    made = Confirmation.objects.create(
        patient=visit.patient,
        visit=visit,
        method=method,
        day=visit.day,
        at=now(),
        made_by_id=work.actor.staff_id,
    )
    record("eligibility.confirm", made, visit.patient_id, {"method": str(method)})
    if BY_METHOD[method].counts:
        mark_checked(visit.id, made.at)
    card = _card_of(visit)
    if card is not None and own_line().kind != LineKind.OFF:
        ask_record(card, visit=visit)
    return made


def _card_of(visit: Visit) -> InsuranceRecord | None:
    if visit.insurance_record is None:
        return None
    rows = InsuranceRecord.objects.current().filter(record_id=visit.insurance_record, patient=visit.patient)
    return rows.select_related("patient").first()
