# SPDX-License-Identifier: Apache-2.0
"""レセプトの鍵の符号 — the key of a receipt names its card by number; the database keeps a code that is equal for equal cards.

Receipts of one patient are matched by it from making to making, and from sending to return.
"""

from __future__ import annotations

from uuid import UUID

from tasuki.security.sealed_fields import blind_index
from tasuki_server.institutions.work import current_institution_id

_MARK = "/#"


def receipt_code(receipt_key: str, key: bytes) -> str:
    """レセプトの鍵の符号 — the kind of payer stays to be read; a code stays as it is.

    >>> one = receipt_code("employees/06132013/1/2", bytes(32))
    >>> one.split("#")[0], one == receipt_code(one, bytes(32)), one == receipt_code("employees/06132013/1/3", bytes(32))
    ('employees/', True, False)
    """
    kind, slash, rest = receipt_key.partition("/")
    if not slash or rest.startswith("#"):
        return receipt_key
    return f"{kind}{_MARK}{blind_index(key, 'receipt', receipt_key)}"


def code_key() -> bytes:
    """符号の鍵 — of the institution of this transaction."""
    from tasuki_server.claims.models import BuiltClaim
    from tasuki_server.keys.ring import index_key

    return index_key(BuiltClaim, current_institution_id())


def fill_receipt_codes(institution_id: UUID, key: bytes) -> int:
    """符号の補完 — for receipts from before the codes; as the owner, in its open transaction."""
    from tasuki_server.claims.models import BuiltClaim, HeldClaim, SentClaim

    count = 0
    for model in (BuiltClaim, SentClaim, HeldClaim):
        rows = model.objects.using("owner").exclude(key__contains=_MARK).filter(key__contains="/")
        for plain in list(rows.order_by().values_list("key", flat=True).distinct()):
            count += rows.filter(key=plain).update(key=receipt_code(plain, key))
    return count
