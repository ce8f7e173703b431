# SPDX-License-Identifier: Apache-2.0
"""調剤情報 記録条件仕様の様式 — CJ1: what a pharmacy dispensed, inside the document sent to the service.

Only its first record is public. The items here are those of the notebook (お薬手帳), which tells the same of a dispensing
and is published whole; see docs/reference/unconfirmed.md.

Cite: 電子処方箋管理サービス 記録条件仕様（調剤編） CJ1; JAHIS 電子版お薬手帳データフォーマット仕様書 Ver.2.6
"""

from __future__ import annotations

from types import MappingProxyType

from tasuki.prescriptions.layout import Format
from tasuki.prescriptions.notebook_layout import NOTEBOOK

DISPENSED = Format(
    "CJ", "調剤情報 記録条件仕様", "CJ", "1", "utf-8", "\n", False, MappingProxyType(dict(NOTEBOOK.layouts))
)
