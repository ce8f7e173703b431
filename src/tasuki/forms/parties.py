# SPDX-License-Identifier: Apache-2.0
"""発行者・患者 — the two names every form carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tasuki.chart.visit import Sex


@dataclass(frozen=True, slots=True)
class Issuer:
    """保険医療機関 — as it stands on a form: notified name and address, and the numbers pharmacies copy.

    ``invoice_number`` is the 登録番号 of a 適格請求書発行事業者 (T and 13 digits), where there is one.
    """

    name: str
    address: str
    telephone: str = ""
    postal_code: str = ""
    prefecture: str = ""
    code: str = ""
    invoice_number: str = ""


@dataclass(frozen=True, slots=True)
class PatientParty:
    """患者 — as named on a form, in the spelling of the record, variation selectors included."""

    name: str
    born: date
    sex: Sex
    id: str = ""
    kana: str = ""
    address: str = ""
    telephone: str = ""
