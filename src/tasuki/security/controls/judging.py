# SPDX-License-Identifier: Apache-2.0
"""管理策の判定 — whether what a row says is still shown by what is there today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tasuki.security.controls.control import Answer, Control


class Proved(StrEnum):
    """判定 — of a row; only ``BROKEN`` is red."""

    MET = "満たす"
    PARTLY = "一部"
    NOT_MET = "しない"
    NOT_APPLICABLE = "該当なし"
    ORGANISATION = "組織で回答"
    BROKEN = "証跡なし"


_AS_SAID = {
    Answer.MET: Proved.MET,
    Answer.PARTLY: Proved.PARTLY,
    Answer.NOT_MET: Proved.NOT_MET,
    Answer.NOT_APPLICABLE: Proved.NOT_APPLICABLE,
    Answer.ORGANISATION: Proved.ORGANISATION,
}


@dataclass(frozen=True, slots=True)
class DrillRun:
    """訓練の結果 — when a drill ran last and whether it passed."""

    ran_on: date
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """いまある証跡 — collected tests, drills with their newest run (none kept: ``None``), and documents."""

    tests: frozenset[str]
    drills: Mapping[str, DrillRun | None]
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judgement:
    """管理策の判定 — ``missing`` are proofs that are not there, ``failed`` drills that did not pass.

    ``shown_on`` is the oldest day the row leans on: of its drills where they left evidence, else of the answer.
    """

    control: Control
    proved: Proved
    missing: tuple[str, ...]
    failed: tuple[str, ...]
    shown_on: date

    @property
    def is_red(self) -> bool:
        """赤か — the answer is no longer shown by anything."""
        return self.proved is Proved.BROKEN

    @property
    def is_answered(self) -> bool:
        """答えたか — something that is there shows at least a part of it, or the organisation answers."""
        return self.proved in (Proved.MET, Proved.PARTLY, Proved.ORGANISATION)

    @property
    def is_met(self) -> bool:
        """満たすか — wholly, by what is there."""
        return self.proved is Proved.MET


def judge(control: Control, known: Known) -> Judgement:
    """管理策の判定 — one proof that is gone or failed breaks the row, whatever it answers."""
    missing = tuple(each for each in control.proofs if not _is_there(each, known))
    runs = [_run(each, known) for each in control.proofs if each not in missing]
    failed = tuple(
        proof
        for proof in control.proofs
        if proof not in missing and (run := _run(proof, known)) is not None and not run.is_passed
    )
    days = [run.ran_on for run in runs if run is not None]
    proved = Proved.BROKEN if missing or failed else _AS_SAID[control.answer]
    return Judgement(control, proved, missing, failed, min(days, default=control.decided_on))


def judge_all(controls: Iterable[Control], known: Known) -> tuple[Judgement, ...]:
    """全件の判定 — in the order given."""
    return tuple(judge(each, known) for each in controls)


def _is_there(proof: str, known: Known) -> bool:
    kind, _, name = proof.partition(":")
    if kind == "drill":
        return name in known.drills
    if kind == "doc":
        return name in known.documents
    return proof in known.tests


def _run(proof: str, known: Known) -> DrillRun | None:
    kind, _, name = proof.partition(":")
    return known.drills.get(name) if kind == "drill" else None
