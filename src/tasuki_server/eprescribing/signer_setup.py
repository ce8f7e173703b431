# SPDX-License-Identifier: Apache-2.0
"""署名の用意 — a doctor's key file, kept sealed, or the way to a service that keeps the key."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki.prescriptions.signature.roles import MedicalRole, roles_of
from tasuki.prescriptions.signature.signers import read_pkcs12
from tasuki_server.audit.trail import record
from tasuki_server.eprescribing.models import SignerKind, SignerSetting
from tasuki_server.eprescribing.signing import remote_service
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_work
from tasuki_server.prescriptions.trust import hpki_folder

LARGEST = 64 * 1024
register(
    {
        "eprescribing.large": "証明書ファイルが大きすぎます（{size}バイト）。PKCS#12（.p12・.pfx）のファイルを選んでください。",
        "eprescribing.no_role": "この証明書には医師・歯科医師の資格がありません。HPKIの署名用証明書を選んでください。",
        "eprescribing.ended": "この証明書は期限が切れています（{until}）。",
    }
)


def keep_key(doctor: Staff, data: bytes, password: str) -> SignerSetting:
    """証明書ファイルの登録 — opened once to see that it can sign prescriptions. Raises ``BadInput``."""
    if len(data) > LARGEST:
        raise _bad("eprescribing.large", "EPR-0002", size=len(data))
    signer = read_pkcs12(data, password.encode() or None)
    certificate = signer.chain[0]
    _check(certificate, current_work().at)
    return _keep(doctor, SignerKind.FILE, certificate, data, password)


def keep_remote(doctor: Staff) -> SignerSetting:
    """カードレス署名の登録 — the service tells whose certificate it keeps. Raises ``BadInput`` and ``NoSigner``."""
    certificate = remote_service(doctor).certificates()[0]
    _check(certificate, current_work().at)
    return _keep(doctor, SignerKind.REMOTE, certificate)


def keep_none(doctor: Staff) -> SignerSetting:
    """署名しない — the key is forgotten; electronic prescriptions of the doctor wait until there is one."""
    return _keep(doctor, SignerKind.NONE, None)


def keep_practice_key(doctor: Staff) -> SignerSetting | None:
    """試験用の証明書 — of this installation's test HPKI, for the demo; None where there is none."""
    path = hpki_folder() / "doctor.p12"
    if not path.exists():
        return None
    password = (hpki_folder() / "password.txt").read_text().strip()
    return keep_key(doctor, path.read_bytes(), password)


def _keep(
    doctor: Staff,
    kind: SignerKind,
    certificate: x509.Certificate | None,
    data: bytes = b"",
    password: str = "",
) -> SignerSetting:
    staff_id = current_work().actor.staff_id
    assert staff_id is not None
    row = SignerSetting.objects.create(
        doctor=doctor,
        kind=kind,
        data=data or None,
        password=password,
        subject=certificate.subject.rfc4514_string()[:200] if certificate else "",
        until=certificate.not_valid_after_utc if certificate else None,
        made_by_id=staff_id,
        made_at=current_work().at,
    )
    record("eprescription.signer", row, detail={"doctor": str(doctor.id), "kind": str(kind)})
    return row


def _check(certificate: x509.Certificate, at: datetime) -> None:
    if not {MedicalRole.DOCTOR, MedicalRole.DENTIST} & set(roles_of(certificate)):
        raise _bad("eprescribing.no_role", "EPR-0003")
    until = certificate.not_valid_after_utc
    if until <= at:
        raise _bad("eprescribing.ended", "EPR-0004", until=f"{until:%Y-%m-%d}")


def _bad(key: str, code: str, **facts: object) -> BadInput:
    return BadInput([Finding(code, Severity.BLOCK, Where(), key, facts)])
