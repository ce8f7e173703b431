# SPDX-License-Identifier: Apache-2.0
"""カードレス署名サービスの代役 — keeps one person's key, asks that person, and signs a digest once it was approved.

It stands in for the real service where a vendor tests a connector, and shows what must hold there: whoever asks sees a
signature over the digest they sent and nothing else, and whoever approves sees what they approve.

Cite: HPKIカードレス署名（MEDIS セカンド電子証明書）の概要; 医療情報システムの安全管理に関するガイドライン 6.0
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.messages import refuse
from tasuki.prescriptions.signature.signers import Approval, ApprovalState

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography import x509

    from tasuki.prescriptions.signature.signers import LocalSigner

_DIGEST_BYTES = 32
_LIVES = timedelta(minutes=10)
_MOST_WAITING = 100
_MOST_WRONG = 5


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """署名の依頼 — what a person is asked to sign, and since when."""

    request: str
    digest: bytes
    what: str
    asked_at: datetime


class CardlessStandIn:
    """カードレス署名サービスの代役 — of one person; ``pin`` is what they approve with, ``clock`` tells the time.

    Five wrong PINs in a row lock it: then nothing is signed until it is made anew.
    """

    def __init__(self, signer: LocalSigner, pin: str, clock: Callable[[], datetime]) -> None:
        self._signer = signer
        self._pin = pin.encode()
        self._clock = clock
        self._wrong = 0
        self._waiting: dict[str, SigningRequest] = {}
        self._answers: dict[str, tuple[datetime, Approval]] = {}

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """署名者の認証パス — public, and all that is told of the key."""
        return self._signer.chain

    def ask(self, digest: bytes, what: str) -> str:
        """署名の依頼 — waits for the person. Raises :class:`BadInput` for what is no digest, or too many at once."""
        self._forget()
        if len(digest) != _DIGEST_BYTES:
            refuse("RX-G-30", reason="SHA-256のダイジェストではありません")
        if len(self._waiting) >= _MOST_WAITING:
            refuse("RX-G-30", reason="承認待ちが多すぎます")
        number = secrets.token_hex(8)
        self._waiting[number] = SigningRequest(number, digest, printable(what, 200), self._clock())
        return number

    def waiting(self) -> tuple[SigningRequest, ...]:
        """承認待ちの一覧 — what the person sees."""
        self._forget()
        return tuple(self._waiting.values())

    def approve(self, request: str, pin: str) -> Approval:
        """承認 — signs the digest of the request. Raises :class:`BadInput` for a wrong PIN or an unknown request."""
        if self._wrong >= _MOST_WRONG:
            refuse("RX-G-29", reason="暗証番号を続けて間違えたためロックされています")
        if not hmac.compare_digest(pin.encode(), self._pin):
            self._wrong += 1
            refuse("RX-G-29", reason="暗証番号が違います")
        self._wrong = 0
        asked = self._take(request)
        signature = self._signer.key.sign(asked.digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        return self._answered(Approval(request, ApprovalState.APPROVED, signature))

    def decline(self, request: str, reason: str = "") -> Approval:
        """承認の拒否 — needs no PIN. Raises :class:`BadInput` for an unknown request."""
        self._take(request)
        return self._answered(Approval(request, ApprovalState.REFUSED, reason=printable(reason, 100)))

    def answer(self, request: str) -> Approval:
        """署名の結果 — of a request; one that expired or is not known was refused."""
        self._forget()
        if request in self._waiting:
            return Approval(request, ApprovalState.WAITING)
        kept = self._answers.get(request)
        if kept is None:
            return Approval(request, ApprovalState.REFUSED, reason="依頼がないか、期限を過ぎています")
        return kept[1]

    def _take(self, request: str) -> SigningRequest:
        self._forget()
        found = self._waiting.pop(request, None)
        if found is None:
            refuse("RX-G-29", reason="依頼がないか、期限を過ぎています")
        return found

    def _answered(self, approval: Approval) -> Approval:
        self._answers[approval.request] = (self._clock(), approval)
        return approval

    def _forget(self) -> None:
        oldest = self._clock() - _LIVES
        self._waiting = {key: each for key, each in self._waiting.items() if each.asked_at > oldest}
        self._answers = {key: each for key, each in self._answers.items() if each[0] > oldest}
