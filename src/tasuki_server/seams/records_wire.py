# SPDX-License-Identifier: Apache-2.0
"""情報共有の通信路の模擬 — doctors change diseases and allergies and sign; between the clinic's queue and the service the wire fails.

Production code on both sides: planning and the queue of the clinic, and 電子カルテ情報共有サービス behind its engine. The
people are new in every run, so that nothing of an earlier one is in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch
from uuid import UUID, uuid4

from tasuki_server.seams.records_truth import broken_records
from tasuki_server.seams.simulator import Wire
from tasuki_server.seams.world import Reply, Request, Side

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tasuki_server.institutions.work import Actor
    from tasuki_server.seams.world import World

PEOPLE = 2
# 遅れて届く写し: beside the faults of the world, for the order of versions is what this wire can lose.
COPIES, LATEST_COPY = 0.35, 5400.0
ROUNDS = 40
DISEASES = ("8833421", "2500014", "0059003")
FOODS = ("そば", "卵", "えび", "牛乳")
_TEXTS = {"subjective": "変わりなし。", "objective": "", "assessment": "", "plan": ""}


class RecordsGround(NamedTuple):
    """情報共有の模擬の土台 — a clinic that shares, and who acts in it."""

    institution_id: UUID
    actor: Actor

    def work(self) -> AbstractContextManager[Any]:
        """取引 — of the clinic."""
        from tasuki_server.institutions.work import as_institution

        return as_institution(self.institution_id, self.actor)


def records_ground(institution_id: UUID) -> RecordsGround:
    """情報共有の模擬の土台を作る."""
    from tasuki_server.institutions.opening import system_actor
    from tasuki_server.institutions.work import as_institution
    from tasuki_server.sharing.setting import set_used

    actor = system_actor(institution_id)
    with as_institution(institution_id, actor):
        set_used(is_on=True)
    return RecordsGround(institution_id, actor)


def records_wire(ground: RecordsGround, *, forgets_order: bool = False) -> Wire:
    """情報共有の通信路 — ``forgets_order`` takes the version of the unit off on its way: the control."""
    return Wire(
        "records",
        "6情報の登録・差替え・取消",
        lambda world: RecordsPlay(world, ground, forgets_order=forgets_order),
        (10, 22),
    )


class RecordsPlay:
    """情報共有の模擬 — see the module."""

    def __init__(self, world: World, ground: RecordsGround, *, forgets_order: bool) -> None:
        from tasuki_server.sharing import line, queue

        self._world, self._ground, self._forgets_order = world, ground, forgets_order
        self._real = line.wire_for
        self._patches = [patch.object(queue, "wire_for", self._wire)]
        for each in self._patches:
            each.start()
        with ground.work():
            self.visits = tuple(self._received(place) for place in range(PEOPLE))

    def acts(self) -> Sequence[Callable[[], object]]:
        """行為 — rounds of the queue more often than the rest."""
        return (self.write, self.write, self.take_back, self.keep, self.keep, self.keep, self.again)

    def close(self) -> None:
        """後片付け — the production code asks the real wire again."""
        for each in self._patches:
            each.stop()

    def broken(self) -> list[str]:
        """不変条件の違反 — see :mod:`.records_truth`."""
        with self._ground.work():
            return broken_records(self.visits)

    def write(self) -> None:
        """記入と署名 — a disease or an allergy more."""
        from tasuki_server.chart.diagnose import add_diagnosis
        from tasuki_server.orders.catalogue import day_book
        from tasuki_server.patients.records import add_allergy

        chosen = self._world.chosen
        with self._ground.work():
            visit = self._visit()
            if chosen.random() < 0.5:
                food = chosen.choice(FOODS)
                if food not in self._foods(visit):
                    add_allergy(
                        visit.patient, substance=food, severity="severe", kind="food", noted_on=visit.day
                    )
            else:
                code = chosen.choice(DISEASES)
                if code not in self._diseases(visit):
                    add_diagnosis(visit.patient, code, [], visit.day, day_book(visit.day))
            self._sign(visit)

    def take_back(self) -> None:
        """取消と署名 — of a disease or an allergy; the last one empties its unit."""
        with self._ground.work():
            visit = self._visit()
            rows = [*self._diseases(visit).values(), *self._foods(visit).values()]
            if rows:
                row = self._world.chosen.choice(rows)
                row.withdraw(read_version=row.version, reason="模擬の取消")
            self._sign(visit)

    def again(self) -> None:
        """送り直しの指示 — of what was refused, if anything."""
        from tasuki_server.sharing.planning import plan

        with self._ground.work():
            plan(self._visit(), is_again=True)

    def keep(self) -> bool:
        """列の一巡 — what is due is sent; whether anything was settled or in the way."""
        from tasuki_server.institutions.models import Institution
        from tasuki_server.sharing.queue import attend

        with self._ground.work():
            institution = Institution.objects.get()
        done = attend(institution, self._ground.actor)
        return bool(done.settled or done.fault)

    def settle(self) -> None:
        """収束 — rounds until nothing waits."""
        from tasuki_server.sharing.models import OPEN, SharedUnit

        for _ in range(ROUNDS):
            self._world.wait(4000)
            self.keep()
            with self._ground.work():
                if not SharedUnit.objects.filter(state__in=OPEN).exists():
                    return

    def _visit(self) -> Any:
        from tasuki_server.reception.models import Visit

        return Visit.objects.select_related("patient").get(pk=self._world.chosen.choice(self.visits))

    @staticmethod
    def _diseases(visit: Any) -> dict[str, Any]:
        from tasuki_server.chart.models import DiagnosisRecord

        rows = DiagnosisRecord.objects.current().filter(patient=visit.patient_id)  # type: ignore[attr-defined]
        return {row.code: row for row in rows.order_by("code")}

    @staticmethod
    def _foods(visit: Any) -> dict[str, Any]:
        from tasuki_server.patients.models import AllergyRecord

        rows = AllergyRecord.objects.current().filter(patient=visit.patient_id)  # type: ignore[attr-defined]
        return {row.substance: row for row in sorted(rows, key=lambda each: each.substance)}

    def _sign(self, visit: Any) -> None:
        from tasuki_server.chart.draft import hold_draft, newest_note, save_texts
        from tasuki_server.chart.sign import Checked, sign_draft
        from tasuki_server.institutions.models import Staff

        staff = Staff.objects.get(pk=self._ground.actor.staff_id)
        reason = "模擬の訂正" if newest_note(visit) is not None else ""
        draft = save_texts(hold_draft(visit, staff), _TEXTS, read_stamp=None)
        sign_draft(draft, staff, Checked([], []), reason=reason)

    def _received(self, place: int) -> UUID:
        from datetime import date

        from tasuki.chart.coverage import Insurance, InsuranceKind
        from tasuki.kernel.check_digit import check_digit
        from tasuki.kernel.validity import Validity
        from tasuki_server.patients.records import add_insurance
        from tasuki_server.patients.register import WhoTheyAre, register_patient
        from tasuki_server.reception.receive import Arrival, receive_patient

        # Of one person alone, in whichever clinic the wire is played.
        number = uuid4().int % 10**9
        who = WhoTheyAre(
            f"継目 {place}代", "ツギメ ダイ", date(1960 + place, 4, 1), "female", address="東京都架空区1"
        )
        patient = register_patient(who)
        insurance = Insurance(
            InsuranceKind.EMPLOYEES, f"0613201{check_digit('0613201')}", symbol="33", number=f"{number}", branch="01"
        )  # fmt: skip
        card = add_insurance(patient, insurance, Validity(date(2026, 4, 1)), None)
        return receive_patient(patient, Arrival(insurance_record=card.record_id), self._world.clock()).id

    def _wire(self, institution: Any) -> Callable[..., Any]:
        from tasuki_server.platform.engine import Reply as PlatformReply
        from tasuki_server.platform.wire import NotReached
        from tasuki_server.sharing.line import VERSION

        real = self._real(institution)

        def ask(
            method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
        ) -> PlatformReply:
            given = {
                name: text
                for name, text in (headers or {}).items()
                if not (self._forgets_order and name == VERSION)
            }

            def serve(request: Request) -> Reply:
                reply = real(method, path, request.body, given)
                return Reply(reply.status, reply.body)

            request, world = Request(path, body), self._world
            if not world.is_calm and world.chosen.random() < COPIES:
                world.later(world.chosen.uniform(60, LATEST_COPY), path, lambda: serve(request))
            try:
                status, data = world.carry(path, request, Side(serve))
            except OSError as broken:
                raise NotReached from broken
            return PlatformReply(status, "application/json", data)

        return ask
