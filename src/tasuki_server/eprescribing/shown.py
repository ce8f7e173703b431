# SPDX-License-Identifier: Apache-2.0
"""電子処方箋の表示 — one registration as screens show it: where it stands, what was found, what was dispensed, what may be done."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tasuki.kernel.finding import BadInput
from tasuki.prescriptions.contents import PrescriptionContents
from tasuki_server.eprescribing.acts import undo_kind
from tasuki_server.eprescribing.comparing import ComparedDrug, compared, ordered_text
from tasuki_server.eprescribing.contents import read_contents
from tasuki_server.eprescribing.line import read_kept
from tasuki_server.eprescribing.models import (
    ActKind,
    ActState,
    DispensingResult,
    Registration,
    RegistrationAct,
    Stage,
    Status,
)

_RP = re.compile(r"RP\s?(?P<rp>\d+)")
_TONES = {
    Stage.PLANNED: "idle",
    Stage.FAULTY: "bad",
    Stage.REFUSED: "bad",
    Stage.REGISTERED: "good",
    Stage.CANCELLED: "plain",
    Stage.REPLACED: "plain",
    Stage.DROPPED: "plain",
}


@dataclass(slots=True)
class ShownLine:
    """処方の一行 — a drug as ordered, with what was found about it."""

    rp: int
    text: str
    usage: str
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ShownResult:
    """調剤結果の表示 — the drugs beside the order; ``broken`` where the records cannot be read."""

    row: DispensingResult
    drugs: list[ComparedDrug]
    is_broken: bool = False

    @property
    def is_changed(self) -> bool:
        """変更の有無 — whether anything was dispensed otherwise than ordered."""
        return any(each.difference for each in self.drugs)


@dataclass(slots=True)
class ShownRegistration:
    """処方箋の登録の表示 — see the module."""

    row: Registration
    tone: str
    contents: PrescriptionContents
    lines: list[ShownLine]
    faults: list[str]
    act: RegistrationAct | None
    results: list[ShownResult]
    can_cancel: bool
    undo: ActKind | None

    @property
    def number_groups(self) -> list[str]:
        """引換番号 — four digits at a time."""
        return [self.row.access_code[at : at + 4] for at in range(0, len(self.row.access_code), 4)]

    @property
    def is_waiting(self) -> bool:
        """送信中か — the page looks again by itself."""
        return self.act is not None and self.act.is_open

    @property
    def unseen(self) -> list[ShownResult]:
        """未確認の調剤結果."""
        return [each for each in self.results if each.row.seen_at is None]

    @property
    def void_number(self) -> str:
        """無効になった引換番号 — of the prescription it replaces: its slip is to be taken back."""
        before = self.row.replaces
        return before.access_code if before is not None and before.stage == Stage.REPLACED else ""


def shown(row: Registration) -> ShownRegistration:
    """処方箋の登録の表示 — with everything that hangs on it."""
    contents = read_contents(row.contents)
    acts = list(row.acts.order_by("place"))
    act = acts[-1] if acts else None
    lines = _lines(contents)
    whole = _place_faults(lines, row, acts)
    return ShownRegistration(
        row=row,
        tone=_TONES[Stage(row.stage)],
        contents=contents,
        lines=lines,
        faults=whole,
        act=act,
        results=[_result(contents, each) for each in row.results.order_by("round_number", "arrived_at")],
        can_cancel=row.stage == Stage.REGISTERED and row.status == Status.WAITING and not _is_open(act),
        undo=None if _is_open(act) else undo_kind(row),
    )


def _lines(contents: PrescriptionContents) -> list[ShownLine]:
    return [
        ShownLine(rp, ordered_text(each, drug), each.usage if nth == len(each.drugs) else "")
        for rp, each in enumerate(contents.rps, 1)
        for nth, drug in enumerate(each.drugs, 1)
    ]


def _place_faults(lines: list[ShownLine], row: Registration, acts: list[RegistrationAct]) -> list[str]:
    """Each finding beside the line it concerns; gives those of the whole."""
    whole: list[str] = []
    for fault in row.faults:
        _place(lines, whole, fault["rp"], fault["text"])
    for text in told_by_service(acts):
        named = _RP.search(text)
        _place(lines, whole, int(named["rp"]) if named else 0, text)
    return whole


def told_by_service(acts: list[RegistrationAct]) -> list[str]:
    """サービスの指摘 — Xml/Csv check results and failed signatures of the registration, in order."""
    found: list[str] = []
    for act in acts:
        if act.kind not in (ActKind.REGISTER, ActKind.CHANGE):
            continue
        if act.state == ActState.REFUSED and act.message:
            found.append(f"{act.message}（{act.code}）" if act.code else act.message)
        if act.answer:
            answer = read_kept(bytes(act.answer))
            found += [f"{each.message}（{each.code}）" for each in (*answer.xml_checks, *answer.csv_checks)]
            found += [
                "署名: " + "、".join((each.message, *each.reasons))
                for each in answer.verifications
                if each.status != "1"
            ]
    return list(dict.fromkeys(found))


def _place(lines: list[ShownLine], whole: list[str], rp: int, text: str) -> None:
    of_rp = [each for each in lines if each.rp == rp]
    named = [each for each in of_rp if each.text.split(" ")[0] in text]
    target = named or of_rp
    (target[0].faults if target else whole).append(text)


def _result(contents: PrescriptionContents, row: DispensingResult) -> ShownResult:
    try:
        return ShownResult(row, compared(contents, bytes(row.data)))
    except BadInput:
        return ShownResult(row, [], is_broken=True)


def _is_open(act: RegistrationAct | None) -> bool:
    return act is not None and act.is_open
