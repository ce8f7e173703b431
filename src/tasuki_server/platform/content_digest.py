# SPDX-License-Identifier: Apache-2.0
"""本文の要約 — by which both sides of a wire know that a request arrived whole.

Cite: RFC 9530 Digest Fields §2
"""

from __future__ import annotations

import base64
import hashlib

DIGEST = "Content-Digest"


def is_damaged(told: str, body: bytes) -> bool:
    """本文が欠けているか — by the SHA-256 among the digests told; other algorithms say nothing here.

    >>> is_damaged("sha-512=:AA==:, sha-256=:AA==:", b""), is_damaged(content_digest(b"a") + ", sha-512=:AA==:", b"a")
    (True, False)
    >>> is_damaged("", b"a"), is_damaged("sha-512=:AA==:", b"a")
    (False, False)
    """
    members = (each.partition(";")[0].strip() for each in told.split(","))
    return any(each.startswith("sha-256=") and each != content_digest(body) for each in members)


def content_digest(body: bytes) -> str:
    """本文の要約 — as its header says it.

    >>> content_digest(b"")
    'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
    """
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
