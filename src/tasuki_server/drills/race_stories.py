# SPDX-License-Identifier: Apache-2.0
"""並行操作の場面 — what two people may do to the same thing at once, and what each order of it would give."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki_server.seams.claims_ground import CLAIM_MONTH, MONTH, TOKYO

if TYPE_CHECKING:
    import random

    from tasuki_server.seams.claims_ground import ClaimsGround
    from tasuki_server.seams.histories import Model

OPEN_DAY = date(2026, 7, 6)


class Act(NamedTuple):
    """行為 — its name for the model, and what the production code is asked; ``alone`` opens its own transactions."""

    name: str
    do: Callable[[], str]
    alone: bool = False


class Scene(NamedTuple):
    """場面 — each person's acts, where it begins, how it stands afterwards, and the model of one after the other."""

    people: list[list[Act]]
    begin: Hashable
    end: Callable[[], Hashable]
    model: Model


class Stage(NamedTuple):
    """舞台 — the clinic with a closed month, and two members of staff."""

    ground: ClaimsGround
    staff: tuple[Any, Any]


def stage_of(ground: ClaimsGround) -> Stage:
    """舞台を作る — inside a training ground."""
    from tasuki.security.permissions import Role
    from tasuki_server.institutions.opening import add_staff

    with ground.work():
        first, second = (add_staff(f"競合 {name}", "キョウゴウ", [Role.DOCTOR]) for name in ("一郎", "二郎"))
    return Stage(ground, (first, second))


def _visit(day: date, number: int, *, insured: bool = True) -> Any:
    from tasuki.chart.coverage import Insurance, InsuranceKind
    from tasuki.chart.orders import Item, Order, OrderKind
    from tasuki.kernel.check_digit import check_digit
    from tasuki.kernel.validity import Validity
    from tasuki_server.institutions.ids import new_id
    from tasuki_server.orders.codec import encode_order
    from tasuki_server.orders.models import PlacedOrder
    from tasuki_server.patients.records import add_insurance
    from tasuki_server.patients.register import WhoTheyAre, register_patient
    from tasuki_server.reception.receive import Arrival, receive_patient

    patient = register_patient(WhoTheyAre("競合 花子", "キョウゴウ ハナコ", date(1970, 4, 1), "female"))
    card = None
    if insured:
        kind = InsuranceKind.EMPLOYEES
        insurance = Insurance(kind, f"0613201{check_digit('0613201')}", symbol="21", number=f"{number}")
        card = add_insurance(patient, insurance, Validity(date(2026, 4, 1)), None)
    arrival = Arrival(insurance_record=card.record_id if card else None)
    visit = receive_patient(patient, arrival, datetime(day.year, day.month, day.day, 9, 30, tzinfo=TOKYO))
    if insured:
        key = new_id()
        order = Order(str(key), OrderKind.ACT, (Item("160008010"),))
        PlacedOrder.objects.create(
            record_id=key, patient=patient, visit=visit, position=0, kind="act", value=encode_order(order)
        )
    return visit


def note(stage: Stage, chosen: random.Random) -> Scene:
    """署名 — two doctors sign the same visit, each from the version they had read."""
    from tasuki_server.chart.draft import hold_draft, save_texts
    from tasuki_server.chart.models import Note
    from tasuki_server.chart.sign import Checked, sign_draft

    with stage.ground.work():
        visit = _visit(OPEN_DAY, 1, insured=False)
        texts = {"subjective": "変わりなし。", "objective": "", "assessment": "", "plan": ""}
        drafts = [save_texts(hold_draft(visit, each), texts, read_stamp=None) for each in stage.staff]

    def signing(place: int) -> Act:
        return Act(
            "sign", lambda: str(sign_draft(drafts[place], stage.staff[place], Checked([], [])).version)
        )

    def model(state: Hashable, _name: str) -> tuple[str, Hashable]:
        return ("1", 1) if state == 0 else ("StaleNote", state)

    return Scene(
        [[signing(0)], [signing(1)]], 0, lambda: Note.objects.filter(record_id=visit.id).count(), model
    )


def bill(stage: Stage, chosen: random.Random) -> Scene:
    """会計 — two clerks settle one visit and take money for it."""
    from django.db.models import Sum

    from tasuki_server.billing.models import AccountEntry, Bill, PaymentMethod
    from tasuki_server.billing.settle import settle_bill, take_payment

    with stage.ground.work():
        visit = _visit(OPEN_DAY, 2)
    settle = Act("settle", lambda: str(settle_bill(visit, read_version=0).version))

    def pay_now() -> str:
        take_payment(visit, 100, PaymentMethod.CASH, day=visit.day)
        return "paid"

    pay = Act("pay", pay_now)
    due: list[int] = []

    def end() -> Hashable:
        bills = list(Bill.objects.filter(visit=visit).order_by("version"))
        due[:] = [each.due_yen for each in bills]
        total = AccountEntry.objects.filter(visit=visit).aggregate(yen=Sum("yen"))["yen"] or 0
        return len(bills), (sum(due[-1:]) - total) // 100

    def model(state: Any, name: str) -> tuple[str, Hashable]:
        versions, paid = state
        if name == "pay":
            return "paid", (versions, paid + 1)
        return ("1", (1, paid)) if versions == 0 else ("StaleVersion", state)

    people = [[settle, pay], [settle]] if chosen.random() < 0.5 else [[settle], [settle, pay]]
    return Scene(people, (0, 0), end, model)


def card(stage: Stage, chosen: random.Random) -> Scene:
    """記録の訂正 — two people correct the same record from the same version."""
    from tasuki_server.patients.models import AllergyRecord
    from tasuki_server.patients.records import add_allergy, revise_record, withdraw_record

    with stage.ground.work():
        patient = _visit(OPEN_DAY, 3, insured=False).patient
        row = add_allergy(patient, substance="そば", severity="mild", kind="food", noted_on=OPEN_DAY)

    def revise() -> str:
        return str(revise_record(row, read_version=1, reason="訂正", substance="落花生").version)

    def withdraw() -> str:
        return str(withdraw_record(row, read_version=1, reason="取消").version)

    def model(state: Hashable, _name: str) -> tuple[str, Hashable]:
        return ("2", 2) if state == 1 else ("StaleVersion", state)

    other = Act("change", withdraw) if chosen.random() < 0.5 else Act("change", revise)
    rows = AllergyRecord.objects.filter(record_id=row.record_id)
    return Scene([[Act("change", revise)], [other]], 1, lambda: rows.count(), model)


def reception(stage: Stage, chosen: random.Random) -> Scene:
    """受付 — two receptions of one day: each has the next number."""
    from tasuki_server.reception.models import Visit
    from tasuki_server.reception.receive import Arrival, receive_patient

    day = date(2026, 5, 1 + chosen.randrange(28))
    with stage.ground.work():
        patients = [_visit(OPEN_DAY, 4, insured=False).patient for _ in stage.staff]
        before = Visit.objects.filter(day=day).count()
    at = datetime(day.year, day.month, day.day, 9, 30, tzinfo=TOKYO)

    def receiving(place: int) -> Act:
        return Act("receive", lambda: str(receive_patient(patients[place], Arrival(), at).serial))

    def model(state: Any, _name: str) -> tuple[str, Hashable]:
        return str(state + 1), state + 1

    return Scene(
        [[receiving(0)], [receiving(1)]], before, lambda: Visit.objects.filter(day=day).count(), model
    )


def cancel(stage: Stage, chosen: random.Random) -> Scene:
    """取消と会計 — one cancels the visit that the other bills: never both."""
    from tasuki_server.billing.models import Bill
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.reception.models import Visit, VisitState
    from tasuki_server.reception.receive import move_visit

    with stage.ground.work():
        visit = _visit(OPEN_DAY, 5)
    settle = Act("settle", lambda: str(settle_bill(visit, read_version=0).version))
    undo = Act("cancel", lambda: str(move_visit(visit.id, VisitState.CANCELLED).state))

    def end() -> Hashable:
        is_cancelled = Visit.objects.get(pk=visit.pk).state == VisitState.CANCELLED
        return is_cancelled, Bill.objects.filter(visit=visit).exists()

    def model(state: Any, name: str) -> tuple[str, Hashable]:
        is_cancelled, is_billed = state
        if name == "settle":
            return ("BIL-0002", state) if is_cancelled else ("1", (False, True))
        return ("OnRecord", state) if is_billed else (str(VisitState.CANCELLED), (True, False))

    return Scene([[settle], [undo]], (False, False), end, model)


def cancel_signed(stage: Stage, chosen: random.Random) -> Scene:
    """取消と署名 — one cancels the visit in which the other signs: a note never falls out of sight."""
    from tasuki_server.chart.draft import hold_draft, save_texts
    from tasuki_server.chart.models import Note
    from tasuki_server.chart.sign import Checked, sign_draft
    from tasuki_server.reception.models import Visit, VisitState
    from tasuki_server.reception.receive import move_visit

    with stage.ground.work():
        visit = _visit(OPEN_DAY, 7, insured=False)
    texts = {"subjective": "変わりなし。", "objective": "", "assessment": "", "plan": ""}

    def sign_now() -> str:
        draft = save_texts(hold_draft(Visit.objects.get(pk=visit.pk), stage.staff[0]), texts, read_stamp=None)
        return str(sign_draft(draft, stage.staff[0], Checked([], [])).version)

    sign = Act("sign", sign_now)
    undo = Act("cancel", lambda: str(move_visit(visit.id, VisitState.CANCELLED).state))

    def end() -> Hashable:
        is_cancelled = Visit.objects.get(pk=visit.pk).state == VisitState.CANCELLED
        return is_cancelled, Note.objects.filter(visit=visit).exists()

    def model(state: Any, name: str) -> tuple[str, Hashable]:
        is_cancelled, is_signed = state
        if name == "sign":
            return ("CHT-0002", state) if is_cancelled else ("1", (False, True))
        return ("OnRecord", state) if is_signed else (str(VisitState.CANCELLED), (True, False))

    return Scene([[sign], [undo]], (False, False), end, model)


def closing(stage: Stage, chosen: random.Random) -> Scene:
    """締めと会計 — one closes the month in which the other bills: never a bill behind the closing (write skew)."""
    from tasuki_server.billing.models import Bill
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.claims.closing import close_service_month, is_closed, reopen_month
    from tasuki_server.claims.making import make_claims

    with stage.ground.work():
        if is_closed(MONTH):
            reopen_month(MONTH, "訓練")
        build = make_claims(MONTH)
        visit = _visit(MONTH.replace(day=14), 6)

    def close() -> str:
        close_service_month(build)
        return "closed"

    settle = Act("settle", lambda: str(settle_bill(visit, read_version=0).version))

    def end() -> Hashable:
        return is_closed(MONTH), Bill.objects.filter(visit=visit).exists()

    def model(state: Any, name: str) -> tuple[str, Hashable]:
        is_shut, is_billed = state
        if name == "settle":
            return ("ClosedMonth", state) if is_shut else ("1", (False, True))
        return ("CLM-0003", state) if is_billed else ("closed", (True, False))

    return Scene([[settle], [Act("close", close)]], (False, False), end, model)


def file(stage: Stage, chosen: random.Random) -> Scene:
    """請求 — two clerks make and send the file of one month: one file, once at the service."""
    from tasuki_server.claims.models import StepKind, Submission
    from tasuki_server.claims.sending import deliver, make_submission, state_of
    from tasuki_server.receiving.models import Delivery

    ground = stage.ground
    _close(ground)
    ground.clear()

    def make() -> str:
        make_submission(CLAIM_MONTH, "1", "house")
        return "made"

    def send() -> str:
        with ground.work():
            waiting = [
                each.id
                for each in Submission.objects.all()
                if state_of(each) in (StepKind.MADE, StepKind.FAILED)
            ]
        return str(all(deliver(ground.institution_id, ground.actor, each) for each in waiting))

    def end() -> Hashable:
        steps = [each.steps.filter(kind=StepKind.SENT).count() for each in Submission.objects.all()]
        return len(steps), Delivery.objects.count(), max(steps, default=0)

    def model(state: Any, name: str) -> tuple[str, Hashable]:
        made = state[0]
        if name == "make":
            return ("CLM-0013", state) if made else ("made", (1, 0, 0))
        return "True", (made, made, made)

    making, sending = Act("make", make), Act("send", send, alone=True)
    return Scene([[making, sending], [making, sending]], (0, 0, 0), end, model)


def results(stage: Stage, chosen: random.Random) -> Scene:
    """結果の受取り — two fetch what waits: each result is booked once."""
    from tasuki_server.claims.models import PayerEntry, ResultFile
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, make_submission
    from tasuki_server.receiving.examine import examine_month

    ground = stage.ground
    _close(ground)
    ground.clear()
    with ground.work():
        made = make_submission(CLAIM_MONTH, "1", "house")
    deliver(ground.institution_id, ground.actor, made.id)
    examine_month("1", CLAIM_MONTH)
    fetch = Act("fetch", lambda: str(fetch_results(ground.institution_id, ground.actor, "house")), alone=True)

    def end() -> Hashable:
        kinds = list(PayerEntry.objects.order_by("kind").values_list("kind", flat=True))
        return ResultFile.objects.count(), kinds.count("claimed"), kinds.count("paid")

    def model(state: Hashable, _name: str) -> tuple[str, Hashable]:
        return ("2", (2, 1, 1)) if state == (0, 0, 0) else ("0", state)

    return Scene([[fetch], [fetch]], (0, 0, 0), end, model)


def _close(ground: ClaimsGround) -> None:
    from tasuki_server.claims.closing import close_service_month, is_closed
    from tasuki_server.claims.making import make_claims

    with ground.work():
        if not is_closed(MONTH):
            close_service_month(make_claims(MONTH))


STORIES: dict[str, Callable[[Stage, random.Random], Scene]] = {
    each.__name__: each
    for each in (note, bill, card, reception, cancel, cancel_signed, closing, file, results)
}
# How often each is played in a hundred; those with a whole month behind them are dear.
WEIGHTS = {
    "note": 28.0,
    "bill": 5.0,
    "card": 28.0,
    "reception": 20.0,
    "cancel": 5.0,
    "cancel_signed": 10.0,
    "closing": 1.4,
    "file": 1.3,
    "results": 1.3,
}
