# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の通信路の模擬 — doctors sign, change and cancel, a pharmacy receives and dispenses; between them the wire fails.

Production code on both sides: planning, the queue and the status of the clinic, and 電子処方箋管理サービス behind its engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import UUID, uuid4

from tasuki_server.seams.prescribing_truth import broken_prescriptions
from tasuki_server.seams.simulator import Wire
from tasuki_server.seams.world import Reply, Request, Side

if TYPE_CHECKING:
    from tasuki_server.seams.prescribing_ground import PrescribingGround
    from tasuki_server.seams.world import World

DRUGS = ("620007870", "620099201", "620009465")
ROUNDS = 30
# A status is asked about twice a day at the least.
LONGEST_PAUSE = 13 * 3600.0
# Of drugs of some amount and days the days of each part: growing ones, and falling ones with a part between two.
_PARTS = {(3, 7): (3, 4), (3, 14): (6, 5, 3)}


def prescribing_wire(ground: PrescribingGround, *, forgets_key: bool = False) -> Wire:
    """電子処方箋の通信路 — ``forgets_key`` gives each sending a new key on its way: the control."""
    return Wire(
        "prescribing",
        "電子処方箋の登録・変更・取消と調剤結果",
        lambda world: PrescribingPlay(world, ground, forgets_key=forgets_key),
        (8, 24),
    )


class PrescribingPlay:
    """電子処方箋の模擬 — see the module."""

    def __init__(self, world: World, ground: PrescribingGround, *, forgets_key: bool) -> None:
        from tasuki_server.eprescribing import line, queue, signing, status

        self._world, self._ground, self._forgets_key = world, ground, forgets_key
        self._real = line.wire_for
        self._patches = [
            patch.object(queue, "wire_for", self._wire),
            patch.object(status, "wire_for", self._wire),
            # Certificates and the service live by the true clock; whose clock is wrong signs nothing good.
            patch.object(signing, "signing_time", lambda: datetime.now(UTC)),
        ]
        ground.clear()
        for each in self._patches:
            each.start()

    def acts(self) -> Sequence[Callable[[], object]]:
        """行為 — signing and rounds of the keeper more often than the rest."""
        return (
            self.sign, self.sign, self.sign, self.keep, self.keep, self.keep, self.keep, self.choose,
            self.cancel, self.undo, self.receive, self.receive, self.dispense, self.release,
        )  # fmt: skip

    def close(self) -> None:
        """後片付け — the production code asks the real wire again."""
        for each in self._patches:
            each.stop()

    def broken(self) -> list[str]:
        """不変条件の違反 — see :mod:`.prescribing_truth`."""
        with self._ground.work():
            return broken_prescriptions()

    def sign(self) -> None:
        """署名 — of one visit, with some drugs in some amount; perhaps none."""
        from tasuki.chart.orders import Dispensing, Item, Order, OrderKind
        from tasuki_server.chart.draft import hold_draft, newest_note, save_basket, save_texts
        from tasuki_server.chart.sign import Checked, sign_draft
        from tasuki_server.orders.basket import Basket, Line

        chosen = self._world.chosen
        wanted = [code for code in DRUGS if chosen.random() < 0.5]
        refills = chosen.choice((0, 0, 2))
        lines = []
        for place, code in enumerate(wanted):
            amount, count = chosen.randint(1, 3), chosen.choice((7, 14))
            is_refill = bool(refills and place == 0)
            # Without a draw of their own: kept seeds go on telling their stories.
            parts = () if is_refill else _PARTS.get((amount, count), ())
            order = Order(
                str(uuid4()), OrderKind.INTERNAL, (Item(code, Decimal(amount)),), count, usage="1日1回 朝食後",
                dispensing=Dispensing.OUTSIDE, is_refill=is_refill, refill_count=refills if is_refill else 0,
                split_counts=parts,
            )  # fmt: skip
            lines.append(Line(order))
        with self._ground.work():
            visit, staff = self._visit(), self._staff()
            reason = "模擬の訂正" if newest_note(visit) is not None else ""
            draft = save_texts(hold_draft(visit, staff), _TEXTS, read_stamp=None)
            sign_draft(save_basket(draft, Basket(tuple(lines))), staff, Checked([], []), reason=reason)

    def choose(self) -> None:
        """電子・紙の選択 — of one visit."""
        from tasuki_server.eprescribing.models import IssueType
        from tasuki_server.eprescribing.planning import plan
        from tasuki_server.eprescribing.setting import choose

        with self._ground.work():
            visit = self._visit()
            choose(visit, self._world.chosen.choice(list(IssueType)), "")
            plan(visit)

    def keep(self) -> bool:
        """番の一巡 — what is due is sent and asked about; whether anything was."""
        from tasuki_server.eprescribing.keeping import keep_one
        from tasuki_server.institutions.models import Institution

        with self._ground.work():
            institution = Institution.objects.get()
        done = keep_one(institution)
        return bool(done.settled or done.asked or done.fault)

    def cancel(self) -> None:
        """取消の指示 — of one that is registered."""
        from tasuki_server.eprescribing.acts import cancel

        self._instruct(lambda row: cancel(row, "模擬の取消"), stage="registered")

    def undo(self) -> None:
        """UNDOの指示 — of one that may be."""
        from tasuki_server.eprescribing.acts import undo

        self._instruct(undo, stage=self._world.chosen.choice(("cancelled", "registered")))

    def receive(self) -> None:
        """薬局の受付 — of one that waits at the service."""
        row = self._at_service("waiting")
        if row is not None:
            self._pharmacy("301", ("AccessCode", row[1]), *self._identity(row))

    def dispense(self) -> None:
        """薬局の調剤 — of one it received; told to the service as records without a signature, so of paper only."""
        from tasuki.prescriptions.service.messages import to_base64

        row = self._at_service("taken")
        if row is not None:
            values = (("PrescriptionId", str(row[0])), ("DispensingInfo", to_base64(_DISPENSED)))
            self._pharmacy("307", *values, ("MessageFlg", "2"), ("MessageContents", "模擬"))

    def release(self) -> None:
        """薬局の受付取消 — it goes back to the patient."""
        row = self._at_service("taken")
        if row is not None and self._world.chosen.random() < 0.5:
            self._pharmacy("303", ("PrescriptionId", str(row[0])))

    def settle(self) -> None:
        """収束 — rounds until nothing waits, and everything was asked about once more."""
        for _ in range(ROUNDS):
            self._world.wait(400)
            self.keep()
            if not self._is_waiting():
                break
        self._world.wait(LONGEST_PAUSE)
        for _ in range(ROUNDS):
            if not self.keep():
                return
            self._world.wait(5)

    def _instruct(self, act: Callable[[Any], object], stage: str) -> None:
        from tasuki.kernel.finding import BadInput
        from tasuki_server.eprescribing.models import Registration

        try:
            with self._ground.work():
                rows = list(Registration.objects.filter(stage=stage).select_related("visit", "replaces"))
                rows.sort(key=lambda row: (row.visit_id, row.number))
                if rows:
                    act(self._world.chosen.choice(rows))
        except BadInput as refused:
            self._world.note(f"instruct: {refused.findings[0].code}")

    def _visit(self) -> Any:
        from tasuki_server.reception.models import Visit

        visit_id = self._world.chosen.choice(self._ground.visit_ids)
        return Visit.objects.select_related("patient").get(pk=visit_id)

    def _staff(self) -> Any:
        from tasuki_server.institutions.models import Staff

        return Staff.objects.get(pk=self._ground.actor.staff_id)

    def _is_waiting(self) -> bool:
        from tasuki_server.eprescribing.models import OPEN, RegistrationAct

        with self._ground.work():
            return RegistrationAct.objects.filter(state__in=OPEN).exists()

    def _at_service(self, state: str) -> tuple[Any, ...] | None:
        from django.db import connections

        with connections["platform"].cursor() as cursor:
            cursor.execute(
                "SELECT p.id, p.access_code, t.insurer, t.symbol, t.number, t.branch FROM prescriptions_prescription p"
                " JOIN prescriptions_patient t ON t.id = p.patient_id WHERE p.state = %s ORDER BY p.registered_at, p.id",
                [state],
            )
            rows = cursor.fetchall()
        return self._world.chosen.choice(rows) if rows else None

    @staticmethod
    def _identity(row: tuple[Any, ...]) -> tuple[tuple[str, str], ...]:
        from tasuki.eligibility.requests import CardNumber
        from tasuki.prescriptions.service.messages import card_values

        return card_values(CardNumber(*row[2:6]))

    def _pharmacy(self, operation: str, *values: tuple[str, str]) -> None:
        """The pharmacy's own line works; what it is refused, it is refused."""
        from tasuki.eligibility.requests import Sender
        from tasuki.eligibility.xml_text import write_xml
        from tasuki.prescriptions.service.messages import request_message
        from tasuki.prescriptions.service.operations import OPERATIONS
        from tasuki_server.platform.wire import Asker, wire_of

        asker = Asker(self._ground.pharmacy, "13", "9990036", "架空薬局", "4")
        body = write_xml(request_message(Sender(asker.number, "P"), *values))
        path = f"prescriptions/messages?file={OPERATIONS[operation].request_stem}1.xml"
        wire_of(asker)("POST", path, body, {"Idempotency-Key": str(uuid4())})

    def _wire(self, institution: Any) -> Callable[..., Any]:
        from tasuki_server.platform.engine import Reply as PlatformReply
        from tasuki_server.platform.wire import NotReached

        real = self._real(institution)

        def ask(
            method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
        ) -> PlatformReply:
            def serve(request: Request) -> Reply:
                given = dict(headers or {})
                if self._forgets_key and given:
                    given["Idempotency-Key"] = str(UUID(int=self._world.chosen.getrandbits(128)))
                reply = real(method, path, request.body, given)
                return Reply(reply.status, reply.body)

            what = path.partition("file=")[2][:14]
            try:
                status, data = self._world.carry(what, Request(path, body), Side(serve))
            except OSError as broken:
                raise NotReached from broken
            return PlatformReply(status, "application/xml", data)

        return ask


_TEXTS = {"subjective": "変わりなし。", "objective": "", "assessment": "", "plan": ""}
_DISPENSED = (
    "\r\n".join(
        (
            "JAHISTC08,1",
            "1,継目　江,2,19500401,,,,,,,ﾂｷﾞﾒ",
            f"5,{datetime.now(UTC).astimezone():%Y%m%d},1",
            "11,架空薬局,13,4,9990036,,,,1",
            "201,1,アムロジピン錠,1,錠,2,620007870,1,,,",
            "301,1,１日１回朝食後,7,日分,1,2,1011000400000000,1",
        )
    )
    + "\r\n"
).encode("cp932")
