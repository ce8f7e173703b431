# SPDX-License-Identifier: Apache-2.0
"""照らす相手の読取り — earlier months, pharmacies' claims and the patients' notes, as the checks of content want them.

Only what belongs to the institution whose claims are checked is taken: a month of another clinic is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.content.given import Content, Terms, receipts_by_person
from tasuki.claims.content.pharmacy import dispensed_by_person
from tasuki.claims.records import IR

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasuki.claims.content.given import PersonKey
    from tasuki.claims.content.patients_file import PatientNotes
    from tasuki.claims.content.pharmacy import Dispensed
    from tasuki.claims.indications.rows import Indications
    from tasuki.claims.receipt import ClaimFile
    from tasuki.masters.book import Book


class Others(NamedTuple):
    """照らす相手 — the files given; ``None`` stands for a kind that was not given at all."""

    past: tuple[ClaimFile, ...] | None = None
    pharmacies: tuple[ClaimFile, ...] | None = None
    patients: tuple[PatientNotes, ...] | None = None


def institution_code(file: ClaimFile) -> str:
    """医療機関コード — of the institution that made a file, "" without one."""
    return next((IR(record).institution_code for record in file.before if record.id == "IR"), "")


def content_of(
    code: str, indications: Indications | None, others: Others, book: Book | None, terms: Terms | None = None
) -> Content:
    """内容点検の前提 — for the claims of one institution, by its code."""
    own = [file for file in others.past or () if institution_code(file) == code]
    receipts = [receipt for file in own for receipt in file.receipts]
    notes = [each for each in others.patients or () if each.institution_code in ("", code)]
    return Content(
        indications=indications,
        past=receipts_by_person(receipts),
        dispensed=_dispensed(others.pharmacies or (), code),
        prescribed={number: drugs for each in notes for number, drugs in each.prescribed.items()},
        snapshots={number: held for each in notes for number, held in each.snapshots.items()},
        terms=terms or Terms(),
        book=book,
    )


def _dispensed(files: Iterable[ClaimFile], code: str) -> Mapping[PersonKey, tuple[Dispensed, ...]]:
    found: dict[PersonKey, list[Dispensed]] = defaultdict(list)
    for file in files:
        for person, drugs in dispensed_by_person(file, code).items():
            found[person] += drugs
    return {person: tuple(drugs) for person, drugs in found.items()}
