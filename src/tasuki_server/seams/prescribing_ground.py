# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の模擬の土台 — a made-up clinic with people received today and a pharmacy; every run begins from it anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import psycopg

    from tasuki_server.institutions.work import Actor

TOKYO = ZoneInfo("Asia/Tokyo")
VISITS = 3
# Everything a run writes on either side of the wire; the trail stays, it is append-only also here.
WRITTEN = (
    "eprescribing_dispensingresult", "eprescribing_actstep", "eprescribing_registrationact",
    "eprescribing_registration", "eprescribing_issuechoice", "eprescribing_signingrequest",
    "chart_draft", "chart_note", "orders_placedorder", "orders_warningoverride", "audit_outboxmessage",
    "prescriptions_keptanswer", "prescriptions_preparation", "prescriptions_drugcourse", "prescriptions_dispensing",
    "prescriptions_transition", "prescriptions_prescription", "prescriptions_storeddocument", "prescriptions_patient",
)  # fmt: skip


class PrescribingGround(NamedTuple):
    """電子処方箋の模擬の土台 — the clinic, who acts in it, its visits, and the connection that makes everything as it was."""

    institution_id: UUID
    actor: Actor
    visit_ids: tuple[UUID, ...]
    owner: psycopg.Connection

    def work(self) -> AbstractContextManager[Any]:
        """取引 — of the clinic."""
        from tasuki_server.institutions.work import as_institution

        return as_institution(self.institution_id, self.actor)

    @property
    def pharmacy(self) -> UUID:
        """薬局 — that the patients go to."""
        return uuid5(self.institution_id, "pharmacy")

    def clear(self) -> None:
        """初めに戻す — past every trigger, by the owner."""
        with self.owner.transaction():
            self.owner.execute("SET LOCAL session_replication_role = replica")
            self.owner.execute("; ".join(f"DELETE FROM {table}" for table in WRITTEN))  # type: ignore[arg-type]  # noqa: S608


def prescribing_ground(institution_id: UUID, owner: psycopg.Connection) -> PrescribingGround:
    """電子処方箋の模擬の土台を作る — three people received today, one of them elderly; the doctor has a key of the test HPKI."""
    from django.utils import timezone

    from tasuki_server.eprescribing.setting import set_used
    from tasuki_server.eprescribing.signer_setup import keep_practice_key
    from tasuki_server.institutions.models import Staff
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.prescriptions.trust import ensure_practice_hpki

    actor = system_actor(institution_id)
    ensure_practice_hpki(timezone.now())
    with as_institution(institution_id, actor):
        set_used(is_on=True)
        keep_practice_key(Staff.objects.get(pk=actor.staff_id))
        visits = tuple(_received(place) for place in range(VISITS))
    return PrescribingGround(institution_id, actor, visits, owner)


def _received(place: int) -> UUID:
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.kernel.check_digit import check_digit
    from tasuki.kernel.validity import Validity
    from tasuki_server.patients.records import add_insurance
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    patient = register_patient(
        WhoTheyAre(f"継目 {place}江", "ツギメ", date(1950 + 15 * place, 4, 1), "female")
    )
    insurance = Insurance(
        InsuranceKind.EMPLOYEES, f"0613201{check_digit('0613201')}", symbol="22", number=f"{place + 1}"
    )
    card = add_insurance(patient, insurance, Validity(date(2026, 4, 1)), None)
    at = datetime.now(TOKYO) - timedelta(minutes=place)
    return receive_patient(patient, Arrival(insurance_record=card.record_id), at).id
