# SPDX-License-Identifier: Apache-2.0
"""電子署名 — the document of an electronic prescription, signed by the doctor's key wherever it is.

A key file signs at once. A remote service is asked, and the document waits, prepared, until its doctor approved: what
is signed is then what was shown, and nobody is asked twice.

Cite: 電子処方箋管理サービスの運用について（HPKIによる電子署名、カードレス署名）
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.prescriptions.contents import PrescriptionContents
from tasuki.prescriptions.documents import registration_document
from tasuki.prescriptions.signature.certificates import read_certificates
from tasuki.prescriptions.signature.names import PRESCRIPTION
from tasuki.prescriptions.signature.signers import ApprovalState, LocalSigner, RemoteService, read_pkcs12
from tasuki.prescriptions.signature.xades import PreparedSignature, complete_signature, prepare_signature
from tasuki_server.eprescribing.models import SignerKind, SignerSetting
from tasuki_server.institutions.models import Staff

register({"eprescribing.refused": "医師が署名を承認しませんでした（{reason}）。"})
# リモート署名の提供元: given the doctor, and the patient where a prescription is to be signed, the service that keeps the
# key. An adapter of a real one registers itself.
RemoteProvider = Callable[[Staff, UUID | None], RemoteService]
_remote: list[RemoteProvider] = []


class NoSigner(Exception):
    """署名できない — no key is set for the doctor, or it is of no use now; says what to do."""


class SignatureRefused(Exception):
    """署名の却下 — the doctor said no."""


def register_remote(provider: RemoteProvider) -> None:
    """リモート署名の提供元の登録 — the last one registered is asked."""
    _remote[:] = [provider]


def signer_setting(doctor: Staff) -> SignerSetting | None:
    """署名の用意 — the newest of a doctor."""
    return SignerSetting.objects.filter(doctor=doctor).order_by("-made_at", "-id").first()


def local_signer(setting: SignerSetting) -> LocalSigner:
    """証明書ファイルの署名者 — raises ``BadInput`` for a file that does not open."""
    return _opened(bytes(setting.data or b""), setting.password)


@lru_cache(maxsize=32)
def _opened(data: bytes, password: str) -> LocalSigner:
    return read_pkcs12(data, password.encode() or None)


def remote_service(doctor: Staff, patient_id: UUID | None = None) -> RemoteService:
    """リモート署名サービス — of a doctor. Raises :class:`NoSigner` where none is connected."""
    if not _remote:
        raise NoSigner("カードレス署名のサービスが接続されていません。管理者に知らせてください。")
    return _remote[0](doctor, patient_id)


def signing_time() -> datetime:
    """署名時刻 — the present."""
    return timezone.now()


def begin(contents: PrescriptionContents, doctor: Staff, at: datetime) -> bytes | PreparedSignature:
    """署名の開始 — the signed document, or one prepared for a signature that is made elsewhere.

    Raises :class:`NoSigner`, and ``BadInput`` for a certificate that may not sign prescriptions.
    """
    setting = signer_setting(doctor)
    if setting is None or setting.kind == SignerKind.NONE:
        raise NoSigner(
            f"{doctor.name}さんの署名の用意がありません。「電子処方箋」の「署名の用意」で証明書を登録するか、紙に変えてください。"
        )
    if setting.until is not None and setting.until <= at:
        raise NoSigner(
            f"{doctor.name}さんの証明書は期限が切れています（{setting.until:%Y-%m-%d}）。「署名の用意」で新しい証明書を登録してください。"
        )
    if setting.kind == SignerKind.FILE:
        return registration_document(contents, local_signer(setting), at)
    chain = remote_service(doctor).certificates()
    return prepare_signature(registration_document(contents), chain, at)


def refuse(reason: str) -> NoReturn:
    """署名の却下 — as a finding: the prescription is not registered, and the chart says why."""
    raise BadInput([Finding("EPR-0001", Severity.BLOCK, Where(), "eprescribing.refused", {"reason": reason})])


def what_is_signed(contents: PrescriptionContents) -> str:
    """署名の内容 — the words the doctor reads when asked to approve."""
    drugs = [drug.name for rp in contents.rps for drug in rp.drugs]
    more = f" ほか{len(drugs) - 1}品" if len(drugs) > 1 else ""
    return f"処方箋 {contents.issued_on:%Y-%m-%d} {contents.patient.name} {drugs[0]}{more}"[:200]


def ask_approval(doctor: Staff, patient_id: UUID, prepared: PreparedSignature, what: str) -> str:
    """署名の依頼 — gives the number of the request."""
    return remote_service(doctor, patient_id).ask(hashlib.sha256(prepared.data).digest(), what)


def keep_prepared(prepared: PreparedSignature, request: str) -> dict[str, Any]:
    """署名待ちの文書の控え — as JSON members, with the number it was asked under."""
    return {
        "document": _text(prepared.document),
        "data": _text(prepared.data),
        "certificate": _text(prepared.certificate.public_bytes(Encoding.DER)),
        "request": request,
    }


def finish(kept: dict[str, Any], doctor: Staff) -> bytes | None:
    """署名の完了 — the signed document once it was approved, None while it waits. Raises :class:`SignatureRefused`."""
    answer = remote_service(doctor).answer(kept["request"])
    if answer.state is ApprovalState.WAITING:
        return None
    if answer.state is ApprovalState.REFUSED:
        raise SignatureRefused(answer.reason or "理由の記載なし")
    return complete_signature(_read(kept), answer.signature)


def _read(kept: dict[str, Any]) -> PreparedSignature:
    certificate: x509.Certificate
    (certificate,) = read_certificates(base64.b64decode(kept["certificate"]))
    return PreparedSignature(
        base64.b64decode(kept["document"]), base64.b64decode(kept["data"]), certificate, PRESCRIPTION
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
