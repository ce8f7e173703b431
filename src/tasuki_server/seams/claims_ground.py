# SPDX-License-Identifier: Apache-2.0
"""請求の模擬の土台 — a made-up clinic with one closed month of receipts for both payers; every run begins from it anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tasuki.kernel.check_digit import check_digit

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import psycopg

    from tasuki_server.institutions.work import Actor

TOKYO = ZoneInfo("Asia/Tokyo")
MONTH, CLAIM_MONTH = date(2026, 9, 1), date(2026, 10, 1)
# Everything a run writes on either side of the wire; the trail stays, it is append-only also here.
WRITTEN = (
    "claims_payerentry", "claims_pointchange", "claims_returnedclaim", "claims_withdrawalrequest",
    "claims_submissionstep", "claims_sentclaim", "claims_submission", "claims_resultfile", "claims_longwork",
    "audit_outboxmessage", "receiving_decision", "receiving_outgoingfile", "receiving_receivedreceipt",
    "receiving_delivery", "receiving_sendingclient",
)  # fmt: skip


class ClaimsGround(NamedTuple):
    """請求の模擬の土台 — the clinic, who acts in it, and the connection that makes everything as it was."""

    institution_id: UUID
    actor: Actor
    owner: psycopg.Connection

    def work(self) -> AbstractContextManager[Any]:
        """取引 — of the clinic."""
        from tasuki_server.institutions.work import as_institution

        return as_institution(self.institution_id, self.actor)

    def clear(self) -> None:
        """初めに戻す — past every trigger, by the owner."""
        with self.owner.transaction():
            self.owner.execute("SET LOCAL session_replication_role = replica")
            self.owner.execute("; ".join(f"DELETE FROM {table}" for table in WRITTEN))  # type: ignore[arg-type]  # noqa: S608


def claims_ground(institution_id: UUID, owner: psycopg.Connection) -> ClaimsGround:
    """請求の模擬の土台を作る — three people, one of them with the other payer; received, billed, closed."""
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.making import make_claims
    from tasuki_server.institutions.opening import system_actor

    ground = ClaimsGround(institution_id, system_actor(institution_id), owner)
    with ground.work():
        for place, payer in enumerate("112"):
            _lived_visit(place, payer)
        close_service_month(make_claims(MONTH))
    return ground


def _lived_visit(place: int, payer: str) -> None:
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki.kernel.validity import Validity
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.chart.diagnose import add_diagnosis
    from tasuki_server.masters_source import current_book
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.records import add_insurance
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    book = current_book().at(MONTH)
    patient = register_patient(WhoTheyAre(f"継目 {place}子", "ツギメ", date(1970 + place, 4, 1), "female"))
    insurance = (
        Insurance(InsuranceKind.EMPLOYEES, f"0613201{check_digit('0613201')}", symbol="21", number=f"{place + 1}")
        if payer == "1"
        else Insurance(InsuranceKind.NATIONAL, f"13801{check_digit('13801')}", symbol="21", number=f"{place + 1}")
    )  # fmt: skip
    card = add_insurance(patient, insurance, Validity(date(2026, 4, 1)), None)
    add_diagnosis(patient, next(iter(book.book.diseases)), (), MONTH, book, is_main=True)
    at = datetime(2026, 9, 7, 9, 30, tzinfo=TOKYO) + timedelta(days=place)
    visit = receive_patient(patient, Arrival(insurance_record=card.record_id), at)
    order = Order("o1", OrderKind.ACT, (Item("160008010"),))
    PlacedOrder.objects.create(
        patient=patient, visit=visit, position=0, kind="act", value=encode_order(order)
    )
    settle_bill(visit, read_version=0)
