# SPDX-License-Identifier: Apache-2.0
"""同意の記録 — what happened to a person's permissions, one event after the other; nothing is ever taken out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tasuki.sharing.permission.kinds import RecordKind


class Act(StrEnum):
    """同意の行為 — who permits, where, and what ends it.

    Cite: 電子カルテ情報共有サービス 文書送付サービス・6情報閲覧サービス（同意の取得）
    """

    READER_GRANT = "reader"
    ORAL_GRANT = "oral"
    PORTAL_GRANT = "portal"
    PROXY_GRANT = "proxy"
    EMERGENCY = "emergency"
    WITHDRAWAL = "withdrawal"
    EXPIRY = "expiry"

    @property
    def label(self) -> str:
        """行為の表記 — as people read it."""
        return _LABELS[self]

    @property
    def is_opening(self) -> bool:
        """開く行為か — everything but what ends."""
        return self not in (Act.WITHDRAWAL, Act.EXPIRY)


_LABELS = {
    Act.READER_GRANT: "顔認証付きカードリーダーでの同意",
    Act.ORAL_GRANT: "紹介元での口頭の同意",
    Act.PORTAL_GRANT: "本人の閲覧画面での同意",
    Act.PROXY_GRANT: "代理人の同意",
    Act.EMERGENCY: "救急時の閲覧",
    Act.WITHDRAWAL: "同意の撤回",
    Act.EXPIRY: "同意の終了",
}


@dataclass(frozen=True, slots=True)
class PermissionEvent:
    """同意の記録の一件 — of one person. ``institution`` is ten digits; "" of a withdrawal is every institution.

    No kinds in a withdrawal is every kind. ``document`` is what an oral grant is for, and narrows a withdrawal to that
    document. ``until`` is the first moment at which it is no longer open; None has no end of its own.
    """

    id: str
    act: Act
    at: datetime
    institution: str = ""
    kinds: frozenset[RecordKind] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    document: str = ""
    # 救急の理由、代理人の名称、終わらせる同意。
    reason: str = ""
    proxy: str = ""
    ends: str = ""

    @property
    def opens_at(self) -> datetime:
        """開く時 — a period may begin later than it was given, never before."""
        return self.at if self.since is None else max(self.at, self.since)

    def ends_grant(self, grant: PermissionEvent, kind: RecordKind) -> bool:
        """終わらせるか — whether this, coming after ``grant``, closes it for a kind."""
        if self.act is Act.EXPIRY:
            return self.ends == grant.id
        return (
            self.act is Act.WITHDRAWAL
            and self.institution in ("", grant.institution)
            and (not self.kinds or kind in self.kinds)
            and self.document in ("", grant.document)
        )
