# SPDX-License-Identifier: Apache-2.0
"""自院の名称 — what the charts call a test, an allergen or a disease, and under which key its standard code is kept."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from tasuki.kernel.kana import search_key
from tasuki.sharing.codes.lab_codes import folded, folded_unit
from tasuki_server.patients.models import AllergyKind, AllergyRecord
from tasuki_server.sharing.models import CodeKind

# 未コード化傷病名: the receipt's own code for a disease written in words.
UNCODED_DISEASE = "0000999"


class LocalName(NamedTuple):
    """自院の名称 — its kind, its key, and how it is shown; ``hint`` is the specimen, kind or code that tells it apart."""

    kind: CodeKind
    key: str
    name: str
    unit: str = ""
    hint: str = ""

    @property
    def detail(self) -> str:
        """単位・材料など — as one line."""
        return "・".join(each for each in (self.unit, self.hint) if each)

    @property
    def local_code(self) -> str:
        """ローカルコード — of the key, the same for ever, in the letters the service takes."""
        return f"T{hashlib.sha256(self.key.encode()).hexdigest()[:15]}"


def lab_name(name: str, unit: str, specimen: str) -> LocalName:
    """検査の名称 — item, unit and specimen together, as one of another unit is another item."""
    key = "|".join((folded(name), folded_unit(unit), search_key(specimen)))
    return LocalName(CodeKind.LAB, key[:200], name, unit, specimen)


def allergen_name(kind: str, substance: str) -> LocalName:
    """アレルゲンの名称 — the kind and the word; a drug chosen from the master has its code already."""
    key = "|".join((str(kind), search_key(substance)))
    return LocalName(CodeKind.ALLERGEN, key[:200], substance, "", AllergyKind(kind).label)


def disease_name(code: str, name: str) -> LocalName:
    """病名の名称 — a disease of the master by its code, one in words by the words."""
    if code == UNCODED_DISEASE:
        return LocalName(CodeKind.DISEASE, f"w|{search_key(name)}"[:200], name)
    return LocalName(CodeKind.DISEASE, f"c|{code}", name, "", code)


def has_drug_code(row: AllergyRecord) -> bool:
    """薬のコードがあるか — then the medicine master gives the standard code."""
    return row.kind == "drug" and bool(row.drug_code)
