# SPDX-License-Identifier: Apache-2.0
"""請求の通信路の模擬 — clerks make, send, fetch and ask back; the desk examines; between them the claims wire fails.

Production code on both sides: making and sending (``claims``), its long work, and the receiving service's machine door.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from tasuki_server.seams.claims_ground import CLAIM_MONTH
from tasuki_server.seams.claims_truth import broken_claims
from tasuki_server.seams.simulator import Wire
from tasuki_server.seams.world import Reply, Request, Side

if TYPE_CHECKING:
    import random

    from tasuki_server.seams.claims_ground import ClaimsGround
    from tasuki_server.seams.world import World

PAYERS = ("1", "2")
ROUNDS = 6


def claims_wire(ground: ClaimsGround, rekey: Callable[[str], str] | None = None) -> Wire:
    """請求の通信路 — ``rekey`` changes what is asked on its way: the control that drops the idempotency key."""
    return Wire("claims", "請求ファイルと審査結果", lambda world: ClaimsPlay(world, ground, rekey), (10, 30))


class ClaimsPlay:
    """請求の模擬 — see the module."""

    def __init__(self, world: World, ground: ClaimsGround, rekey: Callable[[str], str] | None) -> None:
        from tasuki_server.claims import carriers, long_work

        self._world, self._ground, self._rekey = world, ground, rekey
        self._launched: list[Any] = []
        self._patches = [
            patch.object(carriers, "door_for", lambda sender: self._door(real(sender))),
            patch.object(long_work, "_launch_after_commit", self._launch),
        ]
        real = carriers.door_for
        ground.clear()
        for each in self._patches:
            each.start()

    def acts(self) -> Sequence[Callable[[], object]]:
        """行為 — sending and fetching more often than the rest."""
        return (
            self.make, self.make, self.send, self.send, self.send, self.send_now, self.send_now, self.run, self.run,
            self.fetch, self.fetch_now, self.fetch_now, self.look, self.withdraw, self.withdraw, self.decide,
            self.examine, self.switch_token, self.bring_by_hand, self.bring_by_hand,
        )  # fmt: skip

    def close(self) -> None:
        """後片付け — the production code asks the real door again."""
        for each in self._patches:
            each.stop()

    def broken(self) -> list[str]:
        """不変条件の違反 — see :mod:`.claims_truth`."""
        with self._ground.work():
            return broken_claims()

    def make(self) -> None:
        """請求ファイルの作成 — of one payer; refused while another waits."""
        from tasuki.kernel.finding import BadInput
        from tasuki_server.claims.sending import make_submission

        try:
            with self._ground.work():
                make_submission(CLAIM_MONTH, self._world.chosen.choice(PAYERS), "house")
        except BadInput as refused:
            self._world.note(f"make: {refused.findings[0].code}")

    def send(self) -> None:
        """送信 — of everything that did not arrive, as long work."""
        from tasuki_server.claims.long_work import start_work
        from tasuki_server.claims.models import StepKind, Submission
        from tasuki_server.claims.sending import state_of

        with self._ground.work():
            rows = Submission.objects.order_by("made_at", "id").defer("data")
            waiting = [str(each.id) for each in rows if state_of(each) in (StepKind.MADE, StepKind.FAILED)]
            if waiting:
                start_work("send", {"month": f"{CLAIM_MONTH:%Y-%m}", "submissions": waiting})

    def fetch(self) -> None:
        """結果の受取り — as long work."""
        from tasuki_server.claims.long_work import start_work

        with self._ground.work():
            start_work("fetch", {"month": f"{CLAIM_MONTH:%Y-%m}"})

    def send_now(self) -> None:
        """送信と実行 — nothing comes between."""
        self.send()
        self.run()

    def fetch_now(self) -> None:
        """結果の受取りと実行 — nothing comes between."""
        self.fetch()
        self.run()

    def run(self) -> None:
        """仕事の実行 — of one that was launched; whatever else was launched dies with a crash."""
        from tasuki_server.claims.long_work import run_work
        from tasuki_server.seams.world import Crash

        if not self._launched:
            return
        work_id = self._launched.pop(self._world.chosen.randrange(len(self._launched)))
        try:
            run_work(self._ground.institution_id, self._ground.actor, work_id)
        except Crash:
            self._launched.clear()
            raise

    def look(self) -> None:
        """画面を開く — which takes up what has no beat."""
        from tasuki_server.claims.long_work import LIVING, resume_silent
        from tasuki_server.claims.models import LongWork

        with self._ground.work():
            for row in LongWork.objects.filter(state__in=LIVING):
                resume_silent(row)

    def withdraw(self) -> None:
        """取下げ依頼 — of one receipt that was taken."""
        from tasuki_server.claims.models import SentClaim

        with self._ground.work():
            ids = list(
                SentClaim.objects.order_by("submission__made_at", "number").values_list("id", flat=True)
            )
        if ids and self._world.chosen.random() < 0.5:
            self._withdraw(self._world.chosen.choice(ids))

    def _withdraw(self, sent_id: Any) -> None:
        from tasuki.kernel.finding import BadInput
        from tasuki_server.claims.models import SentClaim
        from tasuki_server.claims.withdrawing import request_withdrawal

        try:
            with self._ground.work():
                request_withdrawal(SentClaim.objects.get(pk=sent_id), "模擬の取下げ")
        except BadInput as refused:
            self._world.note(f"withdraw: {refused.findings[0].code}")

    def _not_arrived(self) -> list[Any]:
        """The receipts whose request did not arrive, as a person sees them; inside a transaction."""
        from tasuki_server.claims.models import WithdrawalRequest
        from tasuki_server.claims.withdrawing import Standing, told_of

        rows = WithdrawalRequest.objects.order_by("made_at", "id")
        return [each.sent_id for each in rows if told_of(each).standing is Standing.NOT_ARRIVED]

    def ask_again(self) -> None:
        """もう一度の取下げ依頼 — of everything that did not arrive."""
        with self._ground.work():
            wanted = self._not_arrived()
        for sent_id in wanted:
            self._withdraw(sent_id)

    def decide(self) -> None:
        """審査の判断 — a return or a cut by the desk."""
        from tasuki_server.receiving.models import Decision, ReceivedReceipt

        rows = list(ReceivedReceipt.objects.filter(state="received").order_by("search_number"))
        if rows:
            row = self._world.chosen.choice(rows)
            if not row.decisions.exists():
                Decision.objects.create(
                    receipt=row, kind="return", code="", text="模擬の返戻", made_by="審査"
                )

    def examine(self) -> None:
        """審査 — of one payer."""
        from tasuki_server.receiving.examine import examine_month

        if self._world.chosen.random() < 0.5:
            examine_month(self._world.chosen.choice(PAYERS), CLAIM_MONTH)

    def switch_token(self) -> None:
        """トークンの停止と再開 — of the clinic at the service."""
        from tasuki_server.receiving.clients import restore_client, revoke_client
        from tasuki_server.receiving.models import SendingClient

        for row in SendingClient.objects.all():
            if not restore_client(row):
                revoke_client(row, self._world.clock())

    def bring_by_hand(self) -> None:
        """結果の持込み — a person downloads a result elsewhere and brings it, perhaps one that came already."""
        from tasuki_server.claims.carriers import Found
        from tasuki_server.claims.results import take_result
        from tasuki_server.receiving.models import OutgoingFile

        files = list(OutgoingFile.objects.order_by("made_at", "id"))
        if files and self._world.chosen.random() < 0.5:
            file = self._world.chosen.choice(files)
            with self._ground.work():
                take_result(
                    Found(file.kind, file.payer, f"{file.claim_month:%Y-%m}", file.name, "", bytes(file.data))
                )

    def settle(self) -> None:
        """収束 — what failed is done again until nothing waits; then the month is examined and fetched once more."""
        from tasuki_server.receiving.clients import restore_client
        from tasuki_server.receiving.examine import examine_month
        from tasuki_server.receiving.models import SendingClient

        for row in SendingClient.objects.all():
            restore_client(row)
        self._work_off()
        for payer in PAYERS:
            examine_month(payer, CLAIM_MONTH)
        self._work_off()

    def _work_off(self) -> None:
        for _ in range(ROUNDS):
            self._world.wait(30)
            self.look()
            for act in (self.ask_again, self.send, self.fetch):
                act()
                while self._launched:
                    self.run()
            if not self._is_waiting():
                return

    def _is_waiting(self) -> bool:
        from tasuki_server.claims.long_work import LIVING
        from tasuki_server.claims.models import LongWork, StepKind, Submission
        from tasuki_server.claims.sending import state_of

        with self._ground.work():
            if self._not_arrived() or LongWork.objects.filter(state__in=LIVING).exists():
                return True
            states = {state_of(each) for each in Submission.objects.defer("data")}
        return bool(states & {StepKind.MADE, StepKind.FAILED, StepKind.SENT})

    def _launch(self, row: Any) -> None:
        from django.db import transaction

        transaction.on_commit(lambda: self._launched.append(row.id), using="default")

    def _door(self, real: Callable[[str, str, bytes], tuple[int, bytes]]) -> Callable[..., tuple[int, bytes]]:
        def ask(method: str, path: str, body: bytes) -> tuple[int, bytes]:
            def serve(request: Request) -> Reply:
                verb, _, where = request.line.partition(" ")
                return Reply(*real(verb, where, request.body))

            line = f"{method} {self._rekey(path) if self._rekey else path}"
            side = Side(serve, _their_restart, _some_of_a_list if path == "files" else None)
            return tuple(self._world.carry(f"{method} {path[:19]}", Request(line, body), side))  # type: ignore[return-value]

        return ask


@contextmanager
def _their_restart() -> Iterator[None]:
    """The service dies in the middle: what it had begun is undone by its database."""
    from django.db import transaction

    with transaction.atomic(using="receiving"):
        yield
        transaction.set_rollback(True, using="receiving")


def _some_of_a_list(reply: Reply, chosen: random.Random) -> Reply:
    rows = json.loads(reply.body) if reply.status == 200 else None
    if not rows:
        return reply
    kept = [each for each in rows if chosen.random() < 0.6]
    return reply._replace(body=json.dumps(kept).encode())
