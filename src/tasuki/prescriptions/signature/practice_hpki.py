# SPDX-License-Identifier: Apache-2.0
"""試験用HPKI — a root, an authority below it, a doctor, a pharmacist and revocation lists; every name says that it is a test.

The profile follows certificates of the real one: key usage non-repudiation alone, the policy of signing certificates,
the profession in hcRole. Nothing made here is trusted by anybody who did not make it.

Cite: 保健医療福祉分野PKI認証局 署名用証明書ポリシ; ISO 17090-2
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tasuki.prescriptions.signature.roles import MedicalRole, role_extension
from tasuki.prescriptions.signature.signers import LocalSigner

_SIGNING_POLICY = x509.ObjectIdentifier("1.2.392.100495.1.5.1.1.0.1")
_DAY = timedelta(days=1)
_TEST = "TASUKI TEST ONLY"


class PracticeAuthority(NamedTuple):
    """試験用認証局 — a certificate with its key."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


class PracticeHpki(NamedTuple):
    """試験用HPKI — two authorities, two people, and the lists that say nobody is revoked."""

    root: PracticeAuthority
    authority: PracticeAuthority
    doctor: LocalSigner
    pharmacist: LocalSigner
    revocations: tuple[x509.CertificateRevocationList, ...]


def make_practice_hpki(at: datetime) -> PracticeHpki:
    """試験用HPKIの作成 — valid from the day before ``at``: the root for ten years, people for two."""
    root_key, authority_key = _key(), _key()
    root_name = _name("HPKI TEST ROOT")
    root = PracticeAuthority(root_key, _authority(root_name, root_name, root_key, root_key, at, 1))
    below = _authority(_name("HPKI-TEST-SignCA-forNonRepudiation"), root_name, authority_key, root_key, at, 0)
    authority = PracticeAuthority(authority_key, below)
    return PracticeHpki(
        root,
        authority,
        make_person(root, authority, MedicalRole.DOCTOR, "Test Doctor", at),
        make_person(root, authority, MedicalRole.PHARMACIST, "Test Pharmacist", at),
        (make_revocations(root, (), at), make_revocations(authority, (), at)),
    )


def make_person(
    root: PracticeAuthority,
    authority: PracticeAuthority,
    role: MedicalRole | None,
    common_name: str,
    at: datetime,
    days: int = 730,
) -> LocalSigner:
    """試験用の署名者 — key and certificate of one profession; None leaves the profession out."""
    key = _key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(f"{common_name} ({_TEST})"))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _DAY)
        .not_valid_after(at + days * _DAY)
        .add_extension(_key_identifier(authority.key), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(content_commitment=True), critical=True)
        .add_extension(
            x509.CertificatePolicies([x509.PolicyInformation(_SIGNING_POLICY, None)]), critical=True
        )
    )
    if role is not None:
        builder = builder.add_extension(role_extension(role), critical=False)
    certificate = builder.sign(authority.key, hashes.SHA256())
    return LocalSigner(key, (certificate, authority.certificate, root.certificate))


def make_revocations(
    authority: PracticeAuthority, revoked: tuple[tuple[x509.Certificate, datetime], ...], at: datetime
) -> x509.CertificateRevocationList:
    """試験用の失効リスト — of one authority, good for thirty days; each certificate with its day of revocation."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(at - _DAY)
        .next_update(at + 30 * _DAY)
        .add_extension(_key_identifier(authority.key), critical=False)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    for certificate, day in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(day)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(authority.key, hashes.SHA256())


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    signing_key: rsa.RSAPrivateKey,
    at: datetime,
    path_length: int,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _DAY)
        .not_valid_after(at + 3650 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(_key_identifier(signing_key), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(signing_key, hashes.SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _TEST),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(
    *, content_commitment: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _key_identifier(key: rsa.RSAPrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
