# SPDX-License-Identifier: Apache-2.0
"""セッションの保管 — the database keeps a digest of each session's key: who reads the table cannot sign in with it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as PlainStore
from django.utils import timezone


def kept_name(session_key: str) -> str:
    """保管名 — SHA-256 of the key cut to the column's forty digits; the key is random, so no salt is needed."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(PlainStore):
    """セッションの保管 — Django's, with the key hashed wherever it meets the database."""

    def _get_session_from_db(self) -> Any:
        if self.session_key is None:
            return None
        found = self.model.objects.filter(
            session_key=kept_name(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """有無 — of a key."""
        return bool(super().exists(kept_name(session_key)))

    def create_model_instance(self, data: Any) -> Any:
        """行 — under the digest."""
        row = super().create_model_instance(data)
        row.session_key = kept_name(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """削除 — of a key, or of this session."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(kept_name(key))
