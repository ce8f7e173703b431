# SPDX-License-Identifier: Apache-2.0
"""写しの書出し — charts and catalogue sealed into files, each patient with the key that is meant for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from tasuki.security.downtime_seal import part_key, seal_part, seal_to
from tasuki_server.continuity.models import ViewerCard
from tasuki_server.downtime.files import Entry, Holder, digest_of, write_part
from tasuki_server.downtime.keys import sealed_key
from tasuki_server.downtime.tables import sections_of
from tasuki_server.downtime.visits import allergies_in, visits_of
from tasuki_server.institutions.models import Staff
from tasuki_server.patients.models import Patient
from tasuki_server.privacy.models import MarkKind, PatientMark
from tasuki_server.watch.models import Canary

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Press:
    """写しの書き手 — ``sealed`` are the sealed patients with who may read them, ``planted`` the decoys."""

    folder: Path
    root: bytes
    place: str
    sealed: Mapping[str, tuple[str, ...]]
    planted: frozenset[str]

    @classmethod
    def today(cls, folder: Path, root: bytes, place: str) -> Press:
        """いまの閲覧制限での書き手 — inside a transaction of the institution."""
        marks = PatientMark.objects.current().filter(kind=MarkKind.SEALED)  # type: ignore[attr-defined]
        planted = Canary.objects.exclude(patient_id=None).values_list("patient_id", flat=True)
        return cls(
            folder,
            root,
            place,
            {str(each.patient_id): tuple(each.readers) for each in marks},
            frozenset(map(str, planted)),
        )

    def charts(self, asked: set[UUID] | None) -> Iterator[Entry]:
        """カルテの書出し — of these patients, or of all."""
        patients = Patient.objects.order_by("number")
        if asked is not None:
            patients = patients.filter(id__in=asked)
        rows = patients.iterator(chunk_size=CHUNK)
        while chunk := list(islice(rows, CHUNK)):
            ids = [each.id for each in chunk]
            sections, visits = sections_of(ids), visits_of(ids)
            for patient in chunk:
                yield self._chart(patient, sections.get(patient.id, []), visits.get(patient.id, []))

    def _chart(self, patient: Patient, sections: list[dict[str, Any]], visits: list[dict[str, Any]]) -> Entry:
        own = str(patient.id)
        is_sealed = own in self.sealed
        content = {
            "number": patient.number,
            **_who(patient),
            "allergies": allergies_in(sections),
            "sections": sections,
            "visits": visits,
        }
        key = sealed_key(self.root, own) if is_sealed else part_key(self.root, f"chart {own}")
        closed = seal_part(key, _packed(content), f"{self.place}/{own}")
        told = dict.fromkeys(_who(patient), "") if is_sealed else _who(patient)
        return Entry(
            patient=own,
            number=patient.number,
            **told,
            file=write_part(self.folder, closed),
            sha256=digest_of(closed),
            is_sealed=is_sealed,
            is_listed=not is_sealed and own not in self.planted,
        )

    def catalogue(self, content: Mapping[str, Any]) -> tuple[str, str]:
        """目録の書出し — its file and digest."""
        closed = seal_part(part_key(self.root, "catalogue"), _packed(content), f"{self.place}/catalogue")
        return write_part(self.folder, closed), digest_of(closed)

    def holders(self, cards: Iterable[tuple[Staff, ViewerCard]]) -> tuple[Holder, ...]:
        """開ける人ごとの鍵 — the root, and the keys of the sealed charts that the person may read."""
        found = {str(each.id): _who(each) for each in Patient.objects.filter(id__in=map(UUID, self.sealed))}
        kept = []
        for staff, card in cards:
            mine = {
                patient: {"key": sealed_key(self.root, patient).hex(), **found[patient]}
                for patient, readers in self.sealed.items()
                if str(staff.id) in readers
            }
            public = bytes(card.public_key)
            keys = seal_to(public, _packed({"root": self.root.hex(), "sealed": mine}), self.place)
            kept.append(Holder(str(staff.id), staff.name, public, bytes(card.wrapped), keys))
        return tuple(kept)


def _who(patient: Patient) -> dict[str, str]:
    return {
        "name": patient.name,
        "kana": patient.kana,
        "name_key": patient.name_key,
        "kana_key": patient.kana_key,
        "born": patient.born.isoformat(),
        "sex": patient.sex_label,
    }


def _packed(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
