# SPDX-License-Identifier: Apache-2.0
"""電話番号の検索用の符号 — the number itself is sealed; these find a patient by it, or by its last digits.

One code for the whole number and for each tail of four digits or more. Who reads the column without the index key
sees who shares the last digits with whom, and no digit.
"""

from __future__ import annotations

from uuid import UUID

from tasuki.security.sealed_fields import blind_index
from tasuki_server.institutions.work import current_institution_id

LEAST_DIGITS = 4
# As many digits as an international number may have (ITU-T E.164), and an extension.
MOST_DIGITS = 20


def phone_codes(digits: str, key: bytes) -> str:
    """電話番号の符号 — the whole number first, then ever shorter tails; "" for fewer than four digits.

    >>> one, other = phone_codes("0312345678", bytes(32)), phone_codes("5678", bytes(32))
    >>> other in one.split(), len(one.split()), phone_codes("567", bytes(32))
    (True, 7, '')
    """
    digits = digits[:MOST_DIGITS]
    tails = (digits[at:] for at in range(len(digits) - LEAST_DIGITS + 1))
    return " ".join(blind_index(key, "phone", tail) for tail in tails)


def phone_code(digits: str, key: bytes) -> str:
    """検索する番号の符号 — of what was typed: a whole number, or its last digits."""
    return blind_index(key, "phone", digits)


def phone_key() -> bytes:
    """符号の鍵 — of the institution of this transaction."""
    from tasuki_server.keys.ring import index_key
    from tasuki_server.patients.models import Patient

    return index_key(Patient, current_institution_id())


def fill_phone_codes(institution_id: UUID, key: bytes) -> int:
    """符号の補完 — for patients whose number was sealed by a migration; as the owner, in its open transaction."""
    from tasuki.security.sealed_fields import Place, open_sealed
    from tasuki_server.keys.models import DataKey, KeyPurpose
    from tasuki_server.keys.ring import key_of
    from tasuki_server.patients.models import Demographics, Patient
    from tasuki_server.patients.search import digits_of

    count = 0
    newest = Demographics.objects.using("owner").latest_versions().filter(patient__phone_codes="")
    for row in newest.iterator(chunk_size=500):
        sealed = row.__dict__["phone"]
        place = Place(institution_id, Demographics._meta.db_table, "phone", row.id)
        plain = open_sealed(
            lambda number: key_of(DataKey, institution_id, KeyPurpose.DATA, number, "owner"), place, sealed
        )
        codes = phone_codes(digits_of(plain.decode()), key)
        if codes:
            count += Patient.objects.using("owner").filter(id=row.patient_id).update(phone_codes=codes)
    return count
