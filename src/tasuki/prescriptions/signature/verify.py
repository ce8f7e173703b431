# SPDX-License-Identifier: Apache-2.0
"""署名の検証 — of a prescription or a dispensing, every item judged as far as those before it allow.

Nothing is fetched: roots, authorities and revocation lists come with :class:`Trust`. The time of reception ``at`` is the
verifier's own; the time of signing is only what the signer says, and may not be later.

Cite: W3C XML Signature 1.1 3.2; ETSI EN 319 102-1; 電子処方箋 署名検証の項目（構造・ハッシュ・証明書）
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tasuki.kernel.finding import BadInput
from tasuki.kernel.printable import printable
from tasuki.prescriptions.signature.certificates import subject_text
from tasuki.prescriptions.signature.messages import fault
from tasuki.prescriptions.signature.names import (
    CANONICALIZATIONS,
    DIGESTS,
    DISPENSING,
    EXCLUSIVE,
    LEAST_RSA_BITS,
    REFERENCED,
    SIGNATURES,
    DocumentShape,
    ds,
)
from tasuki.prescriptions.signature.results import SignerNames, VerifiedItem, VerifyResult, judged
from tasuki.prescriptions.signature.roles import role_label, roles_of
from tasuki.prescriptions.signature.safe_xml import (
    Node,
    canonical,
    decode_base64,
    only,
    parse_safely,
    same_ids,
    text_of,
)
from tasuki.prescriptions.signature.signature_parts import (
    SignatureParts,
    check_document_shape,
    digest_of,
    read_parts,
)
from tasuki.prescriptions.signature.trust import Trust, find_chain, revocation_problems, validity_problems
from tasuki.prescriptions.signature.xades import ROLES, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from tasuki.kernel.finding import Finding
    from tasuki.prescriptions.signature.results import ItemResult

# Clocks of two institutions differ; more than this is a wrong clock or a wrong time.
_CLOCKS = timedelta(minutes=5)
_DIGEST_ITEMS = (VerifiedItem.DATA_DIGEST, VerifiedItem.KEY_INFO_DIGEST, VerifiedItem.PROPERTIES_DIGEST)


def verify_document(
    document: bytes, trust: Trust, at: datetime, prescription_at: datetime | None = None
) -> VerifyResult:
    """署名の検証 — never raises for what stands in the document.

    ``at`` is when the document is known to have existed (received, registered). ``prescription_at`` is the same for the
    prescription inside a dispensing, which came earlier; without it, ``at`` counts for both.
    """
    try:
        root = parse_safely(document)
        shape = shape_of(root)
        check_document_shape(root)
        doubled = tuple(same_ids(root))
        if doubled:
            raise BadInput(doubled)
    except BadInput as bad:
        return VerifyResult(None, (judged(VerifiedItem.STRUCTURE, bad.findings),))
    result = _verify(root, shape, trust, at)
    if shape is not DISPENSING or not _has_signed_prescription(root):
        return result
    inner = _verify(root, REFERENCED, trust, prescription_at or at)
    made = VerifyResult(
        shape, result.items, result.signer, result.signed_at, b"", result.has_later_levels, inner
    )
    if not made.is_valid:
        return made
    return VerifyResult(
        shape, result.items, result.signer, result.signed_at, result.data, result.has_later_levels, inner
    )


def _has_signed_prescription(root: Node) -> bool:
    return root.find("Dispensing/ReferencePrescription/PrescriptionSign") is not None


def _verify(root: Node, shape: DocumentShape, trust: Trust, at: datetime) -> VerifyResult:
    try:
        only(root, shape.sign_path)
    except BadInput:
        return VerifyResult(shape, (judged(VerifiedItem.STRUCTURE, (fault("RX-G-24"),)),))
    try:
        parts = read_parts(root, shape)
        data = _data(root, shape)
    except BadInput as bad:
        return VerifyResult(shape, (judged(VerifiedItem.STRUCTURE, bad.findings),))
    items: list[ItemResult] = [judged(VerifiedItem.STRUCTURE, ())]
    weak = tuple(_algorithm_problems(parts))
    items.append(judged(VerifiedItem.ALGORITHM, weak))
    signer = parts.certificates[0]
    if not weak:
        nodes = (parts.signed, parts.key_info, parts.properties)
        for item, reference, node in zip(_DIGEST_ITEMS, parts.references, nodes, strict=True):
            items.append(judged(item, tuple(_digest_problems(item, reference, node))))
        items.append(judged(VerifiedItem.SIGNATURE, tuple(_signature_problems(parts))))
        items.append(judged(VerifiedItem.CERTIFICATE, tuple(_certificate_problems(parts))))
    items.extend(_certificate_items(parts, shape, trust, at))
    names = SignerNames(
        subject_text(signer.subject),
        subject_text(signer.issuer),
        f"{signer.serial_number:x}",
        roles_of(signer),
    )
    made = VerifyResult(
        shape, tuple(items), names, parts.signed_at, data, has_later_levels=parts.has_later_levels
    )
    if made.is_valid:
        return made
    return VerifyResult(shape, made.items, names, parts.signed_at, b"", made.has_later_levels)


def _data(root: Node, shape: DocumentShape) -> bytes:
    path = (*shape.path, "DispensingDocument") if shape is DISPENSING else shape.path
    return decode_base64(text_of(only(root, path)), path[-1])


def _algorithm_problems(parts: SignatureParts) -> Iterator[Finding]:
    for name, known in (("CanonicalizationMethod", CANONICALIZATIONS), ("SignatureMethod", SIGNATURES)):
        found = [child for child in parts.info if child.tag == ds(name)]
        said = found[0].get("Algorithm", "") if found else ""
        if len(found) != 1 or said not in known or len(found[0]):
            yield fault("RX-G-09", algorithm=printable(said, 80), what=name)
    for reference in parts.references:
        if any(
            child.tag not in (ds("Transforms"), ds("DigestMethod"), ds("DigestValue")) for child in reference
        ):
            yield fault("RX-G-09", algorithm="Reference", what="知られていない要素")
        transforms = [
            transform for child in reference if child.tag == ds("Transforms") for transform in child
        ]
        for each in transforms:
            said = each.get("Algorithm", "")
            if each.tag != ds("Transform") or said != EXCLUSIVE or len(each) or len(transforms) > 1:
                yield fault("RX-G-09", algorithm=printable(said, 80), what="Transform")
        method, _ = _digest(reference)
        if method not in DIGESTS:
            yield fault("RX-G-09", algorithm=printable(method, 80), what="DigestMethod")
    if parts.certificate_digest[0] not in DIGESTS:
        yield fault("RX-G-09", algorithm=printable(parts.certificate_digest[0], 80), what="CertDigest")
    key = parts.certificates[0].public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_RSA_BITS:
        yield fault(
            "RX-G-09", algorithm=type(key).__name__.strip("_"), what=f"RSA {LEAST_RSA_BITS}ビット以上"
        )


def _digest(reference: Node) -> tuple[str, bytes]:
    try:
        return digest_of(reference)
    except BadInput:
        return "", b""


def _digest_problems(item: VerifiedItem, reference: Node, node: Node) -> Iterator[Finding]:
    """A reference without a transform is canonicalized inclusively: so the standard has it, and so others sign."""
    has_transform = any(child.tag == ds("Transforms") and len(child) for child in reference)
    method, value = _digest(reference)
    if _hash(method, canonical(node, is_exclusive=has_transform)) != value:
        yield fault("RX-G-10", what=item.value.removesuffix("のダイジェスト"))


def _hash(method: str, data: bytes) -> bytes:
    made = hashes.Hash(DIGESTS[method]())
    made.update(data)
    return made.finalize()


def _signature_problems(parts: SignatureParts) -> Iterator[Finding]:
    children = {child.tag: child.get("Algorithm", "") for child in parts.info}
    is_exclusive = CANONICALIZATIONS[children[ds("CanonicalizationMethod")]]
    key = parts.certificates[0].public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(
            parts.value,
            canonical(parts.info, is_exclusive=is_exclusive),
            padding.PKCS1v15(),
            SIGNATURES[children[ds("SignatureMethod")]](),
        )
    except InvalidSignature:
        yield fault("RX-G-11")


def _certificate_problems(parts: SignatureParts) -> Iterator[Finding]:
    method, value = parts.certificate_digest
    if _hash(method, parts.certificates[0].public_bytes(serialization.Encoding.DER)) != value:
        yield fault("RX-G-13")


def _certificate_items(
    parts: SignatureParts, shape: DocumentShape, trust: Trust, at: datetime
) -> Iterator[ItemResult]:
    signer, sent = parts.certificates[0], parts.certificates[1:]
    chain: tuple[x509.Certificate, ...] = ()
    late = _too_late(parts.signed_at, at)
    moment = min(parts.signed_at, at)
    validity = [*late, *validity_problems(signer, moment)]
    if moment != at:
        validity += [each for each in validity_problems(signer, at) if not validity]
    try:
        # A path that is of no use because of a date alone is told by the dates; so it is sought at the time of signing.
        chain = find_chain(signer, sent, trust, moment)
        if moment != at:
            find_chain(signer, sent, trust, at)
        yield judged(VerifiedItem.CHAIN, ())
    except BadInput as bad:
        yield judged(VerifiedItem.CHAIN, bad.findings)
    yield judged(VerifiedItem.VALIDITY, tuple(validity))
    if chain:
        yield judged(VerifiedItem.REVOCATION, tuple(revocation_problems(chain, trust, at)))
    yield judged(VerifiedItem.ROLE, tuple(_role_problems(signer, shape)))


def _too_late(signed_at: datetime, at: datetime) -> Iterator[Finding]:
    if signed_at > at + _CLOCKS:
        yield fault("RX-G-15", signed_at=f"{signed_at:%Y-%m-%d %H:%M}", at=f"{at:%Y-%m-%d %H:%M}")


def _role_problems(signer: x509.Certificate, shape: DocumentShape) -> Iterator[Finding]:
    roles, allowed = roles_of(signer), ROLES[shape.sign_id]
    if not roles:
        yield fault("RX-G-22")
    elif not any(role in {each.value for each in allowed} for role in roles):
        found = "、".join(role_label(role) for role in roles)
        expected = "・".join(each.label for each in allowed)
        yield fault("RX-G-21", found=found, what=shape.term, expected=expected)
