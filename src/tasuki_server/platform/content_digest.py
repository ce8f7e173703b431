# SPDX-License-Identifier: Apache-2.0
"""本文の要約 — by which both sides of a wire know that a request arrived whole.

Cite: RFC 9530 Digest Fields §2
"""

from __future__ import annotations

import base64
import hashlib

DIGEST = "Content-Digest"


def content_digest(body: bytes) -> str:
    """本文の要約 — as its header says it.

    >>> content_digest(b"")
    'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
    """
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
