# SPDX-License-Identifier: Apache-2.0
"""資格確認の通信路の模擬 — people show cards, the desk asks by number and in bulk and receives; between them everything fails.

Production code on both sides: the clinic's queue with one of its two gateways, and the service of eligibility. With
folders the link software stands between, which leaves half files behind and may be slow; the clinic may die anywhere.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasuki_server.seams.confirmation_ground import PEOPLE, card_of
from tasuki_server.seams.confirmation_truth import broken_confirmations
from tasuki_server.seams.simulator import Wire
from tasuki_server.seams.world import Crash, Reply, Request, Side

if TYPE_CHECKING:
    import random

    from tasuki_server.seams.confirmation_ground import ConfirmationGround
    from tasuki_server.seams.world import World

ROUNDS = 12
# One of so many operations on a folder dies before or after it.
FOLDER_CRASH = 0.05
HALF_FILE = 0.25
CONSENTS = {"PharmacistsInfo": True, "DiagnosisInfo": False, "SpecificHealthCheckupsInfo": True}


def confirmation_wire(
    ground: ConfirmationGround, *, uses_folders: bool, rename: Callable[[str], str] | None = None
) -> Wire:
    """資格確認の通信路 — ``rename`` changes the identifier of what is sent: the control that loses it."""
    name = "confirmation_folder" if uses_folders else "confirmation_web"
    title = "資格確認（フォルダ連携）" if uses_folders else "資格確認（WebAPI連携）"
    return Wire(
        name, title, lambda world: ConfirmationPlay(world, ground, uses_folders=uses_folders, rename=rename), (10, 28)
    )  # fmt: skip


class ConfirmationPlay:
    """資格確認の模擬 — see the module."""

    def __init__(
        self, world: World, ground: ConfirmationGround, *, uses_folders: bool, rename: Callable[[str], str] | None
    ) -> None:  # fmt: skip
        from tasuki_server.confirmation.line import set_line
        from tasuki_server.confirmation.models import LineKind
        from tasuki_server.platform.wire import wire_of

        self._world, self._ground, self._rename = world, ground, rename
        ground.clear()
        with ground.work():
            set_line(LineKind.FOLDER if uses_folders else LineKind.WEB)
        self._real = wire_of(ground.asker)
        self._shown = 0
        self._root = Path(tempfile.mkdtemp(prefix="tasuki-seam-")) if uses_folders else None
        self._software: Any = None
        self._gateway = self._folder_gateway(self._root) if self._root is not None else self._wire_gateway()

    def _wire_gateway(self) -> Any:
        from tasuki_server.confirmation.wire_gateway import WireGateway

        return WireGateway(self._asked)

    def _folder_gateway(self, root: Path) -> Any:
        from tasuki_server.seams.fragile_folder import FragileFolder
        from tasuki_server.seams.link_software import LinkSoftware

        self._software = LinkSoftware(root, self._asked, self._written)
        return FragileFolder(root, self._world, FOLDER_CRASH)

    def acts(self) -> Sequence[Callable[[], object]]:
        """行為 — the keeper goes round more often than anything is asked."""
        always = (
            self.show_card, self.show_card, self.ask_number, self.ask_number, self.ask_bulk, self.go_round,
            self.go_round, self.go_round, self.go_round, self.receive, self.receive, self.register_number,
            self.ask_information, self.cancel,
        )  # fmt: skip
        return always if self._software is None else (*always, *[self.link_round] * 4)

    def close(self) -> None:
        """後片付け — the folders go."""
        if self._root is not None:
            shutil.rmtree(self._root, ignore_errors=True)

    def broken(self) -> list[str]:
        """不変条件の違反 — see :mod:`.confirmation_truth`."""
        with self._ground.work():
            return broken_confirmations(self._shown, self._root)

    def show_card(self) -> None:
        """カードの提示 — at the terminal beside the reader; that way is not the line's."""
        card = card_of(self._world.chosen.randrange(len(PEOPLE)))
        body = json.dumps({"card": card, "consents": CONSENTS, "prescription": "1"}).encode()
        if self._real("POST", "eligibility/cards", body).status == 200:
            self._shown += 1

    def ask_number(self) -> None:
        """番号の照会 — of a patient, by their record."""
        from tasuki_server.confirmation.ask import ask_record

        with self._ground.work():
            ask_record(self._card())

    def register_number(self) -> None:
        """照会番号の登録 — of a patient."""
        from tasuki_server.confirmation.ask import register_reference

        with self._ground.work():
            register_reference(self._card())

    def ask_bulk(self) -> None:
        """一括照会 — of all patients."""
        from django.utils import timezone

        from tasuki_server.confirmation.bulk import begin_bulk
        from tasuki_server.patients.models import Patient

        if self._world.chosen.random() < 0.5:
            with self._ground.work():
                people = list(Patient.objects.filter(id__in=self._ground.patients).order_by("number"))
                begin_bulk(timezone.localdate(), "模擬", people)

    def ask_information(self) -> None:
        """診療情報の取得の依頼 — of a patient, if a consent holds."""
        from tasuki_server.confirmation.information import NoConsent, ask_open
        from tasuki_server.patients.models import Patient

        try:
            with self._ground.work():
                ask_open(Patient.objects.get(pk=self._world.chosen.choice(self._ground.patients)))
        except NoConsent:
            self._world.note("ask_information: no consent")

    def receive(self) -> None:
        """着信の受付 — of the first open answer that has a patient; twice in the same moment, now and then."""
        from tasuki_server.confirmation.models import ArrivedAnswer
        from tasuki_server.confirmation.receive import NotReady, receive_answer

        with self._ground.work():
            rows = ArrivedAnswer.objects.filter(state="open", patient__isnull=False).order_by(
                "arrived_at", "id"
            )
            row = rows.first()
        for _ in range(self._world.chosen.choice((1, 1, 2)) if row is not None else 0):
            try:
                with self._ground.work():
                    receive_answer(row, ["card:share_percent"])
            except NotReady:
                self._world.note("receive: done already")

    def cancel(self) -> None:
        """照会の取りやめ — of one check that waits."""
        from tasuki_server.confirmation.ask import cancel_inquiry
        from tasuki_server.confirmation.models import Inquiry

        with self._ground.work():
            found = Inquiry.objects.filter(purpose="check", state__in=("kept", "sent")).order_by(
                "made_at", "id"
            )
            row = found.first() if self._world.chosen.random() < 0.3 else None
            if row is not None:
                cancel_inquiry(row)

    def go_round(self) -> None:
        """番の一巡 — of the clinic's queue."""
        from tasuki_server.confirmation.queue import attend

        attend(self._ground.institution_id, self._ground.actor, self._gateway)

    def link_round(self) -> None:
        """連携ソフトの一巡 — it dies by itself, without the clinic."""
        try:
            self._software.step()
        except Crash:
            self._world.note("the link software died")

    def settle(self) -> None:
        """収束 — the keeper goes on going round until nothing waits."""
        for _ in range(ROUNDS):
            self._world.wait(400)
            self.go_round()
            if self._software is not None:
                self.link_round()
                # The register does its bulk jobs in a moment of its own.
                time.sleep(0.02)
                self.link_round()
            self.go_round()
            if not self._is_waiting():
                # What was cut while it was written, and nobody waits for, is put away once it is old enough.
                self._world.wait(400)
                self.go_round()
                return
            time.sleep(0.02)

    def _is_waiting(self) -> bool:
        from tasuki_server.confirmation.models import Inquiry

        with self._ground.work():
            if Inquiry.objects.filter(state__in=("kept", "sent")).exists():
                return True
        folders = [] if self._root is None else [self._root / name for name in ("req", "res", "face")]
        return any(True for each in folders for _ in each.iterdir())

    def _card(self) -> Any:
        from tasuki_server.patients.models import InsuranceRecord

        patient = self._world.chosen.choice(self._ground.patients)
        rows = InsuranceRecord.objects.current().filter(patient=patient).select_related("patient")
        return rows.order_by("-since", "-made_at")[0]

    def _asked(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Any:  # fmt: skip
        """The wire of the world: one request to the service and back."""
        from tasuki_server.platform.engine import Reply as Answer
        from tasuki_server.platform.wire import NotReached

        def serve(request: Request) -> Reply:
            verb, _, where = request.line.partition(" ")
            answer = self._real(verb, where, request.body, headers)
            return Reply(answer.status, answer.body)

        sent = self._renamed(body)
        side = Side(serve, part=_some_of_a_list if "/faces" in path else None)
        what = f"{method} {path.partition('?')[0]}{path[-36:-32] if 'file=' in path else ''}"
        try:
            reply = self._world.carry(what, Request(f"{method} {path}", sent), side)
        except OSError as broken:
            raise NotReached from broken
        return Answer(reply.status, "application/xml", reply.body)

    def _renamed(self, body: bytes) -> bytes:
        """The control: what is sent is known by another name than what was kept."""
        if self._rename is None or b"ArbitraryFileIdentifier" not in body:
            return body
        head, mark, rest = body.partition(b"<ArbitraryFileIdentifier>")
        kept, _, tail = rest.partition(b"<")
        return head + mark + self._rename(kept.decode()).encode() + b"<" + tail

    def _written(self, place: Path, data: bytes) -> None:
        """As link software writes: now and then half of it lies there first, and the rest comes later."""
        if self._world.is_calm or self._world.chosen.random() >= HALF_FILE:
            self._lay(place, data)
            return
        self._lay(place, data[: self._world.chosen.randrange(len(data))])
        self._world.note(f"half of {place.name[:14]}")
        self._world.later(
            self._world.chosen.uniform(1, 600), "rest of a file", lambda: self._lay(place, data)
        )

    def _lay(self, place: Path, data: bytes) -> None:
        """With the time of the world: the gateway looks how old a file is."""
        place.write_bytes(data)
        at = self._world.clock().timestamp()
        os.utime(place, (at, at))


def _some_of_a_list(reply: Reply, chosen: random.Random) -> Reply:
    told = json.loads(reply.body) if reply.status == 200 else {}
    if not told.get("faces"):
        return reply
    told["faces"] = [each for each in told["faces"] if chosen.random() < 0.6]
    return reply._replace(body=json.dumps(told).encode())
