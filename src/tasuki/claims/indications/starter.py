# SPDX-License-Identifier: Apache-2.0
"""適応の初期表 — the few rows that ship with the project, each written from a published text it names."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from tasuki.claims.indications.rows import (
    ActIndication,
    Contraindication,
    DrugIndication,
    ForbiddenPair,
    Indications,
)
from tasuki.masters.tsv import decode


@cache
def starter_indications() -> Indications:
    """適応の初期表 — read once."""
    folder = files("tasuki.claims.indications") / "starter"

    def data(name: str) -> bytes:
        return (folder / name).read_bytes()

    return Indications(
        decode(DrugIndication, data("drug_indications.tsv"), "drug_indications.tsv"),
        decode(Contraindication, data("contraindications.tsv"), "contraindications.tsv"),
        decode(ForbiddenPair, data("forbidden_pairs.tsv"), "forbidden_pairs.tsv"),
        decode(ActIndication, data("act_indications.tsv"), "act_indications.tsv"),
    )
