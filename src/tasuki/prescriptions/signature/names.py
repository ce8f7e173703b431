# SPDX-License-Identifier: Apache-2.0
"""名前と方式 — elements of the two documents, name spaces of XML signatures, and the algorithms that are accepted.

The elements stand in documents that public implementations for 電子処方箋 sign and verify (see docs/reference/unconfirmed.md);
the 外部インターフェイス仕様書 that defines them is not public.

Cite: W3C XML Signature Syntax and Processing 1.1; ETSI EN 319 132-1 (XAdES); JIS X 5093
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives import hashes

if TYPE_CHECKING:
    from collections.abc import Mapping

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
LEAST_RSA_BITS = 2048

# What is not here is refused: SHA-1, MD5, HMAC, DSA, and transforms that run a programme (XSLT, XPath).
CANONICALIZATIONS: Mapping[str, bool] = MappingProxyType({EXCLUSIVE: True, INCLUSIVE: False})
DIGESTS: Mapping[str, type[hashes.HashAlgorithm]] = MappingProxyType(
    {
        SHA256: hashes.SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
        "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512,
    }
)
SIGNATURES: Mapping[str, type[hashes.HashAlgorithm]] = MappingProxyType(
    {
        RSA_SHA256: hashes.SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": hashes.SHA384,
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512,
    }
)


class DocumentShape(NamedTuple):
    """文書の構造 — where the signed part and the signature stand, by path, and what the signature is called.

    ``path`` leads to the element signed, ``sign_path`` to the element that holds nothing but the signature.
    """

    term: str
    schema: str
    version: str
    path: tuple[str, ...]
    sign_path: tuple[str, ...]
    sign_id: str
    signed_id: str


PRESCRIPTION = DocumentShape(
    "電子処方箋",
    "EP.xsd",
    "EPS1.0",
    ("Document", "Prescription", "PrescriptionDocument"),
    ("Document", "Prescription", "PrescriptionSign"),
    "PrescriptionSign",
    "PrescriptionDocument",
)
DISPENSING = DocumentShape(
    "調剤情報",
    "ED.xsd",
    "EPD1.0",
    ("Document", "Dispensing"),
    ("Document", "DispensingSign"),
    "DispensingSign",
    "Dispensing",
)
# The prescription inside a dispensing keeps the signature it came with; its identifiers are the same.
REFERENCED = PRESCRIPTION._replace(
    path=("Document", "Dispensing", "ReferencePrescription", "PrescriptionDocument"),
    sign_path=("Document", "Dispensing", "ReferencePrescription", "PrescriptionSign"),
)


def ds(name: str) -> str:
    """XML署名の要素名 — with its name space."""
    return f"{{{DS}}}{name}"


def xades(name: str) -> str:
    """XAdESの要素名 — with its name space."""
    return f"{{{XADES}}}{name}"
