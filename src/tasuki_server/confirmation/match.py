# SPDX-License-Identifier: Apache-2.0
"""患者の照合 — whose an answer is: by 照会番号, by the card's number and birth, else those who may be meant.

Cite: オンライン資格確認等システム 外部インターフェイス仕様書 照会番号（医療機関等の患者番号）
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tasuki_server.confirmation.compare import folded
from tasuki_server.confirmation.told import Told
from tasuki_server.patients.models import InsuranceRecord, Patient, ProgrammeRecord
from tasuki_server.patients.search import similar_patients


class MatchKey(StrEnum):
    """照合の鍵 — what a patient was found by."""

    REFERENCE = "reference"
    CARD = "card"
    PROGRAMME = "programme"
    ASKED = "asked"
    CHOSEN = "chosen"
    REGISTERED = "registered"

    @property
    def label(self) -> str:
        """照合の鍵の名前 — as screens show it."""
        return _LABELS[self]


_LABELS = {
    MatchKey.REFERENCE: "照会番号",
    MatchKey.CARD: "保険者番号・番号・生年月日",
    MatchKey.PROGRAMME: "公費負担者番号・受給者番号・生年月日",
    MatchKey.ASKED: "照会した患者",
    MatchKey.CHOSEN: "職員が選択",
    MatchKey.REGISTERED: "カードから登録",
}


class Matched(NamedTuple):
    """照合の結果 — the one patient and the key, or those proposed."""

    patient: Patient | None
    key: MatchKey | None
    proposals: tuple[Patient, ...] = ()


def match(told: Told) -> Matched:
    """照合 — a key counts only together with the birth date: a number alone may have been typed wrong once."""
    who = told.who
    if who is None:
        return Matched(None, None)
    reference = told.reference_number.strip()
    if reference.isascii() and reference.isdecimal() and len(reference) <= 9:
        found = Patient.objects.filter(number=int(reference), born=who.born).first()
        if found is not None:
            return Matched(found, MatchKey.REFERENCE)
    by_card = _by_card(told)
    if len(by_card) == 1:
        return Matched(by_card[0], MatchKey.CARD)
    by_programme = _by_programme(told) if not by_card else []
    if len(by_programme) == 1:
        return Matched(by_programme[0], MatchKey.PROGRAMME)
    alike = similar_patients(name=who.name, kana=who.kana, born=who.born, phone="")
    known = {each.id: each for each in (*by_card, *by_programme, *alike)}
    return Matched(None, None, tuple(known.values()))


def _by_card(told: Told) -> list[Patient]:
    """The number is sealed: rows of the insurer and the birth date are few, and are opened."""
    if told.insurance is None or told.who is None:
        return []
    rows = (
        InsuranceRecord.objects.current()
        .filter(insurer_number=told.insurance.insurer_number, patient__born=told.who.born)
        .select_related("patient")
        .order_by("patient__number")
    )
    wanted = folded(told.insurance.symbol), folded(told.insurance.number)
    branch = told.insurance.branch.lstrip("0")
    found: dict[object, Patient] = {}
    for row in rows:
        mine = folded(row.value.get("symbol", "")), folded(row.value.get("number", ""))
        my_branch = (row.value.get("branch") or "").lstrip("0")
        if mine == wanted and (not branch or not my_branch or branch == my_branch):
            found[row.patient_id] = row.patient
    return list(found.values())


def _by_programme(told: Told) -> list[Patient]:
    assert told.who is not None
    wanted = {(each.value.payer_number, folded(each.value.recipient_number)) for each in told.programmes}
    if not wanted:
        return []
    rows = (
        ProgrammeRecord.objects.current()
        .filter(payer_number__in={payer for payer, _ in wanted}, patient__born=told.who.born)
        .select_related("patient")
        .order_by("patient__number")
    )
    found = {
        row.patient_id: row.patient
        for row in rows
        if (row.payer_number, folded(row.value.get("recipient_number", ""))) in wanted
    }
    return list(found.values())
