# SPDX-License-Identifier: Apache-2.0
"""信頼の起点と認証パス — which roots are trusted, whether a certificate leads to one, and whether it was revoked.

Only roots named by whoever verifies are trusted; certificates sent with a signature may help to find the way to one.

Cite: RFC 5280 6章; 保健医療福祉分野PKI認証局 署名用証明書ポリシ 4.9・7.2
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import verification
from cryptography.x509.oid import ExtensionOID

from tasuki.kernel.finding import BadInput, Severity
from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.certificates import subject_text
from tasuki.prescriptions.signature.messages import fault, refuse
from tasuki.prescriptions.signature.names import LEAST_RSA_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tasuki.kernel.finding import Finding

_UNDERSTOOD = frozenset(
    (
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
    )
)
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Trust:
    """信頼の起点 — roots, authorities below them that are known, and revocation lists."""

    roots: tuple[x509.Certificate, ...]
    authorities: tuple[x509.Certificate, ...] = ()
    revocations: tuple[x509.CertificateRevocationList, ...] = ()


def find_chain(
    certificate: x509.Certificate, sent: tuple[x509.Certificate, ...], trust: Trust, at: datetime
) -> tuple[x509.Certificate, ...]:
    """認証パスの構築 — from the signer to a trusted root, each signed by the next and valid at ``at``.

    Raises :class:`BadInput` when there is no such way. A path found for one time may differ from that of another.
    """
    if not trust.roots:
        refuse("RX-G-16", reason="信頼する認証局が設定されていません")
    # Extensions are judged below: the profile of the library is that of web servers, which this is not.
    anyhow = verification.Criticality.AGNOSTIC
    policy = verification.ExtensionPolicy.permit_all().may_be_present(x509.CertificatePolicies, anyhow, None)
    authority = policy.require_present(x509.BasicConstraints, anyhow, None)
    builder = (
        verification.PolicyBuilder()
        .store(verification.Store(list(trust.roots)))
        .time(at)
        .max_chain_depth(_DEPTH)
        .extension_policies(ca_policy=authority, ee_policy=policy)
    )
    try:
        found = builder.build_client_verifier().verify(certificate, [*trust.authorities, *sent])
    except verification.VerificationError as wrong:
        refuse("RX-G-16", reason=printable(str(wrong), 120))
    chain = tuple(found.chain)
    problems = list(_profile_problems(chain))
    if problems:
        raise BadInput(problems)
    return chain


def validity_problems(certificate: x509.Certificate, at: datetime) -> Iterator[Finding]:
    """有効期間の点検 — of one certificate at one time."""
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not since <= at <= until:
        yield fault(
            "RX-G-17",
            subject=subject_text(certificate.subject),
            at=f"{at:%Y-%m-%d %H:%M}",
            since=f"{since:%Y-%m-%d}",
            until=f"{until:%Y-%m-%d}",
        )


def _profile_problems(chain: tuple[x509.Certificate, ...]) -> Iterator[Finding]:
    for nth, certificate in enumerate(chain):
        name = subject_text(certificate.subject)
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_RSA_BITS:
            yield fault("RX-G-16", reason=f"「{name}」の鍵がRSA {LEAST_RSA_BITS}ビット以上ではありません")
        try:
            extensions = certificate.extensions
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            yield fault("RX-G-16", reason=f"「{name}」の拡張領域が読めません")
            continue
        strange = [
            each.oid.dotted_string for each in extensions if each.critical and each.oid not in _UNDERSTOOD
        ]
        if strange:
            yield fault("RX-G-16", reason=f"「{name}」の必須の拡張領域 {strange[0]} は扱えません")
        if nth:
            yield from _authority_problems(extensions, name, nth - 1)
        elif _basic(extensions) is not None and _is_authority(extensions):
            yield fault("RX-G-16", reason=f"「{name}」は認証局の証明書です")
    usage = _usage(chain[0])
    if usage is None or not usage.content_commitment:
        yield fault("RX-G-23")


def _authority_problems(extensions: x509.Extensions, name: str, below: int) -> Iterator[Finding]:
    basic = _basic(extensions)
    if basic is None or not basic.ca:
        yield fault("RX-G-16", reason=f"「{name}」は認証局の証明書ではありません")
    elif basic.path_length is not None and below > basic.path_length:
        yield fault("RX-G-16", reason=f"「{name}」の下の認証局が多すぎます")
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.key_cert_sign:
        yield fault("RX-G-16", reason=f"「{name}」は証明書に署名できません")


def _basic(extensions: x509.Extensions) -> x509.BasicConstraints | None:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None


def _is_authority(extensions: x509.Extensions) -> bool:
    basic = _basic(extensions)
    return basic is not None and basic.ca


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return None


def revocation_problems(chain: tuple[x509.Certificate, ...], trust: Trust, at: datetime) -> Iterator[Finding]:
    """失効の点検 — of every certificate below the root, against a list of its issuer that is of use at ``at``.

    ``at`` is when the signature is known to have existed: a certificate revoked by then does not count, since the
    time of signing is only what the signer says. What cannot be known is told as CONFIRM, never taken as good.
    """
    for certificate, issuer in pairwise(chain):
        lists = [each for each in trust.revocations if each.issuer == issuer.subject]
        usable = []
        for each in lists:
            reason = _list_problem(each, issuer, at, is_authority=certificate is not chain[0])
            if reason:
                yield fault("RX-G-20", Severity.CONFIRM, issuer=subject_text(each.issuer), reason=reason)
            else:
                usable.append(each)
        if not lists:
            yield fault("RX-G-19", Severity.CONFIRM, subject=subject_text(certificate.subject))
        for each in usable:
            entry = each.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None and entry.revocation_date_utc <= at:
                yield fault(
                    "RX-G-18",
                    subject=subject_text(certificate.subject),
                    revoked_at=f"{entry.revocation_date_utc:%Y-%m-%d %H:%M}",
                )


def _list_problem(
    revocations: x509.CertificateRevocationList,
    issuer: x509.Certificate,
    at: datetime,
    *,
    is_authority: bool,
) -> str:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or not revocations.is_signature_valid(key):
        return "署名が合いません"
    usage = _usage(issuer)
    if usage is not None and not usage.crl_sign:
        return "発行者は失効リストに署名できません"
    algorithm = revocations.signature_hash_algorithm
    if algorithm is None or algorithm.name not in ("sha256", "sha384", "sha512"):
        return "弱い方式で署名されています"
    if not _covers(revocations, is_authority=is_authority):
        return "この証明書を対象としない失効リストです"
    if revocations.next_update_utc is None or revocations.next_update_utc < at:
        return "次回更新の時刻を過ぎています"
    return ""


def _covers(revocations: x509.CertificateRevocationList, *, is_authority: bool) -> bool:
    """A list of authorities alone (ARL) or of people alone counts for those; a delta or a list of some reasons for nobody."""
    for each in revocations.extensions:
        if not each.critical:
            continue
        scope = each.value
        if not isinstance(scope, x509.IssuingDistributionPoint):
            return False
        if scope.only_some_reasons or scope.indirect_crl or scope.only_contains_attribute_certs:
            return False
        if scope.only_contains_user_certs and is_authority:
            return False
        if scope.only_contains_ca_certs and not is_authority:
            return False
    return True
