# SPDX-License-Identifier: Apache-2.0
"""署名者 — where the key is: a file here, or a service elsewhere that asks the person and never gives the key away.

A card (PKCS#11) is used by handing over an object with the two members of :class:`Signer`; the library opens no card.

Cite: 医療情報システムの安全管理に関するガイドライン 6.0 企画管理編 14; HPKI 電子署名（カード・カードレス）
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tasuki.prescriptions.signature.certificates import read_certificates
from tasuki.prescriptions.signature.messages import refuse
from tasuki.prescriptions.signature.names import LEAST_RSA_BITS


class Signer(Protocol):
    """署名者 — signs bytes with RSA and SHA-256; ``chain`` is the signer's certificate, then those above it."""

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """認証パス — the signer's own certificate first."""
        ...

    def sign(self, data: bytes) -> bytes:
        """署名値 — RSASSA-PKCS1-v1_5 over the SHA-256 of ``data``."""
        ...


@dataclass(frozen=True, slots=True)
class LocalSigner:
    """ローカル署名 — a key held here: for tests, and for institutions whose key is a file."""

    key: rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]

    def sign(self, data: bytes) -> bytes:
        """署名値 — made here."""
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def read_pkcs12(data: bytes, password: bytes | None) -> LocalSigner:
    """PKCS#12の読取 — key and certificates of one file. Raises :class:`BadInput`."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(data, password)
    except ValueError:
        refuse("RX-G-27", reason="PKCS#12として開けません")
    if certificate is None:
        refuse("RX-G-27", reason="証明書が入っていません")
    return _local(key, (certificate, *others))


def read_pem(key: bytes, certificates: bytes, password: bytes | None = None) -> LocalSigner:
    """PEMの読取 — a key, and the signer's certificate with those above it. Raises :class:`BadInput`."""
    try:
        opened = serialization.load_pem_private_key(key, password)
    except (ValueError, TypeError):
        refuse("RX-G-27", reason="PEMとして開けません")
    return _local(opened, read_certificates(certificates))


def _local(key: object, chain: tuple[x509.Certificate, ...]) -> LocalSigner:
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_RSA_BITS:
        refuse("RX-G-27", reason=f"RSA {LEAST_RSA_BITS}ビット以上の鍵ではありません")
    if key.public_key() != chain[0].public_key():
        refuse("RX-G-26")
    return LocalSigner(key, chain)


class ApprovalState(StrEnum):
    """承認の状態 — of a request to sign."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class Approval(NamedTuple):
    """承認 — what became of a request; ``signature`` stands once it was approved, ``reason`` once refused."""

    request: str
    state: ApprovalState
    signature: bytes = b""
    reason: str = ""


class RemoteService(Protocol):
    """リモート署名サービス — keeps the keys, asks their holder, and answers with a signature over a digest.

    What a real service (HPKIカードレス) wants beside this — sign-in by OpenID Connect, its own addresses — is the
    adapter's business; the interface of MEDIS is not public.
    """

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """署名者の認証パス — of the person signed in."""
        ...

    def ask(self, digest: bytes, what: str) -> str:
        """署名の依頼 — for a SHA-256 digest, with words the person reads; gives the number of the request."""
        ...

    def answer(self, request: str) -> Approval:
        """署名の結果 — of a request."""
        ...


class RemoteSigner:
    """リモート署名 — a :class:`Signer` over a service that may still be waiting for its person.

    The first call asks and raises :class:`BadInput` (RX-G-28) while nobody approved; the next call with the same data
    looks for the answer of that request, so that nobody is asked twice.
    """

    def __init__(self, service: RemoteService, what: str) -> None:
        self._service = service
        self._what = what
        self._requests: dict[bytes, str] = {}

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """認証パス — as the service tells it."""
        return self._service.certificates()

    def sign(self, data: bytes) -> bytes:
        """署名値 — once approved."""
        digest = hashlib.sha256(data).digest()
        if digest not in self._requests:
            self._requests[digest] = self._service.ask(digest, self._what)
        answer = self._service.answer(self._requests[digest])
        if answer.state is ApprovalState.WAITING:
            refuse("RX-G-28", request=answer.request)
        if answer.state is ApprovalState.REFUSED:
            del self._requests[digest]
            refuse("RX-G-29", reason=answer.reason or "理由の記載なし")
        return answer.signature
