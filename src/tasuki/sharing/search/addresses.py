# SPDX-License-Identifier: Apache-2.0
"""参照先 — the text of a reference read as the resource it names, in this store or elsewhere."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tasuki.kernel.kept import LONGEST_KEPT
from tasuki.sharing.search.parameters import is_resource_type


class Address(NamedTuple):
    """参照先 — type and id of a resource of this store, or the address of anything else."""

    type: str
    id: str
    uri: str


def address_of(text: str, base: str = "") -> Address:
    """参照先 — absolute addresses below ``base``, our own, are this store's; versions are not told apart.

    >>> address_of("https://here/fhir/Patient/1/_history/2", "https://here/fhir")
    Address(type='Patient', id='1', uri='')
    >>> address_of("https://there/fhir/Patient/1").uri
    'https://there/fhir/Patient/1'
    """
    return _address(text, base) if len(text) <= LONGEST_KEPT else _address.__wrapped__(text, base)


@lru_cache(maxsize=8192)
def _address(text: str, base: str) -> Address:
    relative = text
    if base and text.startswith(base.rstrip("/") + "/"):
        relative = text[len(base.rstrip("/")) + 1 :]
    parts = relative.split("/")
    is_one = len(parts) == 2 or (len(parts) == 4 and parts[2] == "_history")
    if is_one and parts[1] and is_resource_type(parts[0]):
        return Address(parts[0], parts[1], "")
    return Address("", "", text)


def type_named(text: str) -> str:
    """参照先の型 — told by the address, also one elsewhere; ``""`` when it is not.

    >>> type_named("https://there/fhir/Patient/1"), type_named("urn:uuid:0")
    ('Patient', '')
    """
    parts = text.split("/")
    if len(parts) >= 4 and parts[-2] == "_history":
        parts = parts[:-2]
    return parts[-2] if len(parts) >= 2 and is_resource_type(parts[-2]) else ""
