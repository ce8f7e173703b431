# SPDX-License-Identifier: Apache-2.0
"""患者登録 — gives a chart number, and writes each change as a version."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tasuki.kernel.kana import search_key
from tasuki_server.audit.trail import emit, record
from tasuki_server.patients.models import Demographics, NumberCounter, Patient
from tasuki_server.patients.phone_codes import phone_codes, phone_key
from tasuki_server.patients.search import digits_of


@dataclass(frozen=True, slots=True)
class WhoTheyAre:
    """患者基本情報の内容 — as given at the desk."""

    name: str
    kana: str
    born: date
    sex: str
    phone: str = ""
    postal_code: str = ""
    address: str = ""
    memo: str = ""
    claim_name: str = ""

    def index(self) -> dict[str, Any]:
        """検索用の列 — the folded index that :class:`Patient` keeps."""
        return {
            "name": self.name,
            "kana": self.kana,
            "name_key": search_key(self.name),
            "kana_key": search_key(self.kana),
            "born": self.born,
            "sex": self.sex,
            "phone_codes": phone_codes(digits_of(self.phone), phone_key()),
            "claim_name": self.claim_name,
        }


def register_patient(given: WhoTheyAre) -> Patient:
    """患者登録 — a new chart number and the first version of who they are."""
    patient = Patient.objects.create(number=next_number(), **given.index())
    Demographics.objects.create(patient=patient, record_id=patient.id, **asdict(given))
    record("patient.register", patient, patient.id)
    emit("patient.changed", {"patient": str(patient.id)})
    return patient


def revise_patient(patient: Patient, given: WhoTheyAre, *, read_version: int, reason: str) -> Demographics:
    """患者情報の変更 — a new version; raises ``StaleVersion`` when another was saved meanwhile."""
    newest = newest_demographics(patient)
    saved: Demographics = newest.revise(read_version=read_version, reason=reason, **asdict(given))
    for name, value in given.index().items():
        setattr(patient, name, value)
    patient.save()
    record("patient.revise", saved, patient.id, {"version": saved.version})
    emit("patient.changed", {"patient": str(patient.id)})
    return saved


def newest_demographics(patient: Patient) -> Demographics:
    """現在の患者基本情報 — the newest version."""
    return Demographics.objects.filter(record_id=patient.id).latest("version")


def next_number() -> int:
    """採番 — the next chart number of the institution; the counter's row is the lock."""
    NumberCounter.objects.get_or_create(defaults={"last": 0})
    counter = NumberCounter.objects.select_for_update().get()
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
