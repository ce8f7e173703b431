# SPDX-License-Identifier: Apache-2.0
"""検索用の符号の補完 — codes of rows whose columns a migration has just sealed."""

from __future__ import annotations

from uuid import UUID

from tasuki_server.keys.kept_key import KeyPurpose
from tasuki_server.keys.ring import NO_INSTITUTION, newest_key
from tasuki_server.keys.rotation import OWNER, as_owner_of, keys_of


def fill_indexes(owner: UUID) -> int:
    """符号の補完 — returns how many rows were given their codes."""
    from tasuki_server.claims.receipt_codes import fill_receipt_codes
    from tasuki_server.patients.phone_codes import fill_phone_codes

    if owner == NO_INSTITUTION:
        return 0
    with as_owner_of(owner):
        key = newest_key(keys_of(owner), owner, KeyPurpose.INDEX, OWNER).key
        return fill_phone_codes(owner, key) + fill_receipt_codes(owner, key)
