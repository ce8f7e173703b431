# SPDX-License-Identifier: Apache-2.0
"""コンパートメントの検索 — a search of what belongs to one patient: ``Patient/1/Observation``, ``Patient/1/*``."""

from __future__ import annotations

from tasuki.sharing.search.parameters import compartment_codes, parameters_of, search_table
from tasuki.sharing.search.query import BadSearch, Within

ANY = "*"


def within_patient(type_name: str, logical_id: str) -> Within:
    """患者コンパートメントの条件 — of resources of a type, or of every type (``*``). A Patient is in its own compartment.

    Raises :class:`BadSearch` for a type that belongs to no patient.

    Cite: HL7 FHIR R4 compartmentdefinition-patient, search.html 3.1.1.2

    >>> len(within_patient("Observation", "p1").parameters)
    2
    """
    types = sorted(search_table().compartment) if type_name == ANY else [type_name]
    found = tuple(
        each for name in types for each in parameters_of(name) if each.code in compartment_codes(name)
    )
    if not found:
        raise BadSearch(
            type_name, f"{type_name} は患者のコンパートメントに入りません。/{type_name} で検索してください。"
        )
    return Within("Patient", logical_id, found, is_of_itself=type_name in (ANY, "Patient"))
