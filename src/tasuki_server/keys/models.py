# SPDX-License-Identifier: Apache-2.0
"""データ鍵 — kept wrapped; what wraps them is never in the database."""

from __future__ import annotations

from django.db import models

from tasuki_server.institutions.rows import InstitutionRow
from tasuki_server.keys.kept_key import KeptKey, KeyPurpose

__all__ = ["DataKey", "KeptKey", "KeyPurpose"]


class DataKey(InstitutionRow, KeptKey):
    """医療機関のデータ鍵 — the app role makes the first; changing them is the owner's, by command."""

    class Meta:
        verbose_name = "データ鍵"
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "purpose", "number"], name="keys_datakey_one_number"
            )
        ]
