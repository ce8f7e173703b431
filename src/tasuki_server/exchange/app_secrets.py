# SPDX-License-Identifier: Apache-2.0
"""コードとトークンの要約 — what is given out is random and kept as a digest under a key of this installation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from tasuki_server.database.places import installation_secrets

ACCESS, REFRESH = "tska_", "tskr_"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def digest_of(text: str) -> str:
    """要約 — as the table keeps it."""
    return hmac.digest(installation_secrets().derived("exchange-app-secret"), text.encode(), "sha256").hex()


def challenge_of(verifier: str) -> str | None:
    """検証値からの要約（S256） — None for what is no verifier.

    Cite: RFC 7636 4.2, 4.1 (appendix B)

    >>> challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    if not _VERIFIER.fullmatch(verifier):
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
