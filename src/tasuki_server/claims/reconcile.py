# SPDX-License-Identifier: Apache-2.0
"""収納照合 — what each payer organisation was asked for against what it paid, every yen between them explained."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tasuki.claims.result_files import read_payment
from tasuki_server.claims.models import (
    PAYER_LABELS,
    PayerEntry,
    PayerEntryKind,
    ResultFile,
    ResultKind,
)

# 振込額の内訳 by the kinds of our ledger.
_THEIR_KINDS = {
    "請求": (PayerEntryKind.CLAIMED, PayerEntryKind.REPLACED),
    "返戻": (PayerEntryKind.RETURNED,),
    "取下げ・過誤調整": (PayerEntryKind.WITHDRAWN,),
    "増減点": (PayerEntryKind.ASSESSED,),
}
_FOLDED = {"取下げ": "取下げ・過誤調整", "過誤調整": "取下げ・過誤調整"}


@dataclass(slots=True)
class Account:
    """照合の行 — one payer organisation and claim month; ``difference_yen`` is what nothing explains."""

    claim_month: date
    payer: str
    yen: dict[str, int] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)
    paid_on: date | None = None
    has_payment: bool = False

    @property
    def payer_label(self) -> str:
        """請求先の表記 — for screens."""
        return PAYER_LABELS[self.payer]

    def of(self, kind: str) -> int:
        """種類別の額 — zero when nothing of the kind happened."""
        return self.yen.get(kind, 0)

    @property
    def claimed_yen(self) -> int:
        """請求額 — of the files that stand."""
        return self.of("claimed") + self.of("replaced") + self.of("refused")

    @property
    def returned_yen(self) -> int:
        """返戻・取下げ — what came back."""
        return self.of("returned") + self.of("withdrawn")

    @property
    def assessed_yen(self) -> int:
        """増減点 — what was cut or added."""
        return self.of("assessed")

    @property
    def expected_yen(self) -> int:
        """振込予定額 — what is left to be paid after returns and cuts."""
        return self.claimed_yen + self.returned_yen + self.assessed_yen

    @property
    def paid_yen(self) -> int:
        """振込額 — as the payer said."""
        return -self.of("paid")

    @property
    def difference_yen(self) -> int:
        """差額 — expected less paid; nothing is wrong before the payment came."""
        return self.expected_yen - self.paid_yen if self.has_payment else 0

    @property
    def state(self) -> str:
        """照合の状態 — ``waiting`` 未着, ``agrees`` 一致, ``differs`` 差額あり."""
        if not self.has_payment:
            return "waiting"
        return "differs" if self.difference_yen else "agrees"


def accounts(claim_month: date | None = None) -> list[Account]:
    """収納照合 — newest claim month first; of one month when it is named."""
    rows = PayerEntry.objects.all()
    if claim_month is not None:
        rows = rows.filter(claim_month=claim_month)
    found: dict[tuple[date, str], Account] = {}
    for entry in rows:
        account = found.setdefault((entry.claim_month, entry.payer), Account(entry.claim_month, entry.payer))
        account.yen[entry.kind] = account.yen.get(entry.kind, 0) + entry.yen
        account.count[entry.kind] = account.count.get(entry.kind, 0) + entry.count
        if entry.kind == PayerEntryKind.PAID:
            account.has_payment, account.paid_on = True, entry.day
    return sorted(found.values(), key=lambda each: (-each.claim_month.toordinal(), each.payer))


def explain(account: Account) -> list[dict[str, Any]]:
    """差額の内訳 — our sum of each kind beside the payer's, so that a difference shows where it arose."""
    rows = ResultFile.objects.filter(
        kind=ResultKind.PAYMENT, payer=account.payer, claim_month=account.claim_month
    )
    theirs: dict[str, int] = {}
    for file in rows:
        for line in read_payment(bytes(file.data)).lines:
            kind = _FOLDED.get(line.kind, line.kind)
            theirs[kind] = theirs.get(kind, 0) + line.yen
    found = []
    for label, kinds in _THEIR_KINDS.items():
        ours = sum(account.of(kind) for kind in kinds)
        told = theirs.pop(label, 0)
        if ours or told:
            found.append({"label": label, "ours": ours, "theirs": told, "difference": ours - told})
    found += [{"label": label, "ours": 0, "theirs": yen, "difference": -yen} for label, yen in theirs.items()]
    return found
