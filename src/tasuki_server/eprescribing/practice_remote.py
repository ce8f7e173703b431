# SPDX-License-Identifier: Apache-2.0
"""試行用のリモート署名 — stands in for a card-less signing service: it keeps the key of the test HPKI and asks its doctor here.

A real service (HPKIカードレス) is connected by registering another provider (``signing.register_remote``): its protocol
is not public, the three questions of ``RemoteService`` are what it must answer.
"""

from __future__ import annotations

from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tasuki.prescriptions.signature.signers import Approval, ApprovalState, LocalSigner, RemoteService
from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.models import SigningRequest
from tasuki_server.eprescribing.signing import NoSigner
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.prescriptions.trust import practice_signer


def practice_remote(doctor: Staff, patient_id: UUID | None) -> RemoteService:
    """試行用のリモート署名 — of a doctor. Raises ``NoSigner`` where this installation has no test HPKI."""
    signer = practice_signer("doctor")
    if not isinstance(signer, LocalSigner):
        raise NoSigner(
            "カードレス署名のサービスが接続されていません（試行用の鍵もありません）。管理者に知らせてください。"
        )
    return PracticeRemote(doctor, patient_id, signer)


class PracticeRemote:
    """試行用のリモート署名サービス — the requests are rows of the institution, approved on the doctor's own page."""

    def __init__(self, doctor: Staff, patient_id: UUID | None, signer: LocalSigner) -> None:
        self._doctor, self._patient_id, self._signer = doctor, patient_id, signer

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """署名者の認証パス — of the test HPKI."""
        return self._signer.chain

    def ask(self, digest: bytes, what: str) -> str:
        """署名の依頼 — waits for the doctor."""
        row = SigningRequest.objects.create(
            doctor=self._doctor,
            patient_id=self._patient_id,
            digest=digest,
            what=what[:200],
            made_at=current_work().at,
        )
        return str(row.id)

    def answer(self, request: str) -> Approval:
        """署名の結果 — of a request."""
        row = SigningRequest.objects.filter(pk=UUID(request), doctor=self._doctor).first()
        if row is None or row.state == "refused":
            return Approval(request, ApprovalState.REFUSED, reason="医師が却下")
        if row.state == "waiting":
            return Approval(request, ApprovalState.WAITING)
        return Approval(request, ApprovalState.APPROVED, bytes(row.signature or b""))


def decide(row: SigningRequest, *, is_approved: bool) -> None:
    """署名の承認・却下 — once; approving makes the signature over the digest that was asked for."""
    if row.state != "waiting":
        return
    if is_approved:
        signer = practice_signer("doctor")
        assert isinstance(signer, LocalSigner), "the request was made with this key"
        row.signature = signer.key.sign(bytes(row.digest), padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    row.state = "approved" if is_approved else "refused"
    row.decided_at = current_work().at
    row.save(update_fields=["state", "signature", "decided_at"])
    record("eprescription.approve", row, row.patient_id, {"approved": is_approved})


def waiting_requests(doctor: Staff) -> list[SigningRequest]:
    """署名の依頼 — those that wait for a doctor, the oldest first."""
    return list(SigningRequest.objects.filter(doctor=doctor, state="waiting").order_by("made_at", "id"))
