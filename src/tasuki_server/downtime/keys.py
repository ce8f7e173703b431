# SPDX-License-Identifier: Apache-2.0
"""写しの鍵 — made from the installation's secret each time, so that they are kept nowhere else on this side."""

from __future__ import annotations

import hashlib
import hmac

from tasuki.security.downtime_seal import part_key, signer_of
from tasuki_server.database.places import installation_secrets


def signing_key() -> bytes:
    """写しの署名鍵 — of the installation, for copies only."""
    return installation_secrets().derived("downtime-sign")


def own_signer() -> bytes:
    """写しの署名者 — what a new card remembers."""
    return signer_of(signing_key())


def root_key(institution: str, epoch: str) -> bytes:
    """写しの元の鍵 — of one institution, until somebody loses the right to open its copies."""
    secret = installation_secrets().derived("downtime-root")
    return hmac.new(secret, f"{institution}/{epoch}".encode(), hashlib.sha256).digest()


def sealed_key(root: bytes, patient: str) -> bytes:
    """閲覧制限のある患者の鍵 — nobody who has only the root can make it."""
    secret = installation_secrets().derived("downtime-sealed")
    return hmac.new(secret, root + patient.encode(), hashlib.sha256).digest()


def log_key(root: bytes) -> bytes:
    """閲覧記録の鍵 — for whoever can open the copy, and for the installation."""
    return part_key(root, "log")
