# SPDX-License-Identifier: Apache-2.0
"""本人の画面のコード — asked of the service for a patient at the desk, with what was seen; the code itself is kept nowhere here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from tasuki.sharing.build.around import PublicPayerNumber
from tasuki_server.audit.models import AuditEvent
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Institution
from tasuki_server.patients.access import access_insurances, access_programmes, banner_of, cards_on
from tasuki_server.patients.coverage_values import insurance_value, programme_value
from tasuki_server.patients.models import Patient
from tasuki_server.reception.clock import today
from tasuki_server.records.messages import CodeQuestion, Insured
from tasuki_server.settings_table import flag, text
from tasuki_server.sharing.line import make_portal_code, wire_for
from tasuki_server.sharing.person import INSURED_KINDS, insured_number

OWN, CHILD = "own", "child"
ISSUED = "portal_code.issue"
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('portal-slip ' || %s, 14))"
KINDS = ((OWN, "本人（自分の記録を見る）"), (CHILD, "親権者など（子の記録を見る）"))
# 本人確認書類: with a photograph one, without two.
PAPERS = (
    ("マイナンバーカード", "マイナンバーカード"),
    ("運転免許証", "運転免許証・運転経歴証明書"),
    ("旅券", "旅券（パスポート）"),
    ("在留カード", "在留カード・特別永住者証明書"),
    ("障害者手帳（写真付き）", "障害者手帳（写真付き）"),
    ("写真のない書類2点", "写真のない書類2点（資格確認書と年金手帳など）"),
)


class Slip(NamedTuple):
    """渡す紙 — what stands on it beside the name."""

    code: str
    until: datetime
    address: str
    is_child: bool
    receiver: str


def access_code_page(patient: Patient) -> dict[str, Any]:
    """コードの発行の画面の内容 — the read is recorded."""
    record("portal_code.read", patient, patient.id)
    return {**banner_of(patient), "after": newest_issue(patient)}


def hold_issuing(patient: Patient) -> None:
    """発行の順番 — one after the other for a patient, until the transaction ends; who waited sees what the first one did."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [str(patient.id)])


def newest_issue(patient: Patient) -> int:
    """最後の発行 — by its place in the trail, 0 for none; a page that was made before it issues nothing."""
    issued = AuditEvent.objects.filter(patient_id=patient.id, action=ISSUED).order_by("-number")
    return issued.values_list("number", flat=True).first() or 0


def issue_slip(institution: Institution, patient: Patient, given: Mapping[str, Any], host: str) -> Slip:
    """コードの発行 — recorded with its kind and the kind of paper.

    Raises ``BadInput`` where nobody is meant, ``Refused`` with the service's words, ``NotAnswered`` when it is away.
    """
    is_child = given["kind"] == CHILD
    seen = given["paper"]
    if is_child:
        seen = f"{seen}、親子の関係は{given['relation'].strip()}、受取りは{given['receiver'].strip()}"
    question = CodeQuestion(_insured_of(patient), patient.born, given["kind"], seen[:100])
    told = make_portal_code(wire_for(institution), question)
    record(ISSUED, patient, patient.id, {"kind": given["kind"], "paper": _paper(given["paper"])})
    receiver = given["receiver"].strip() if is_child else ""
    return Slip(told.code, told.until, _address(host, is_child), is_child, receiver)


def _paper(value: str) -> int:
    """By its place in the list: the trail holds no words."""
    return [each for each, _ in PAPERS].index(value)


def _insured_of(patient: Patient) -> Insured:
    cards = [insurance_value(each) for each in cards_on(access_insurances(patient), today())]
    programmes = [programme_value(each) for each in cards_on(access_programmes(patient), today())]
    card = next((each for each in cards if each.kind in INSURED_KINDS), None)
    number = insured_number(card, programmes, refusal="desk.no_payer_today")
    return Insured(number.text, is_public=isinstance(number, PublicPayerNumber))


def _address(host: str, is_child: bool) -> str:
    """Where it is typed: as the setting says, else of the platform this installation speaks to, else of itself."""
    base = text("TASUKI_PORTAL_URL") or text("TASUKI_PLATFORM_URL")
    base = base or f"{'https' if flag('TASUKI_HTTPS') else 'http'}://{host}"
    return f"{base.rstrip('/')}/portal/" + ("proxies/" if is_child else "register/")
