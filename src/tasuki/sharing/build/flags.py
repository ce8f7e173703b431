# SPDX-License-Identifier: Apache-2.0
"""フラグの組立 — 長期保存, 未告知 and 未提供 as tags, where the guide allows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.sharing.build import names
from tasuki.sharing.build.facts import FLAG_NAMES, Flag
from tasuki.sharing.build.faults import wrong_flag
from tasuki.sharing.build.parts import Resource, coding, dicts

if TYPE_CHECKING:
    from collections.abc import Collection


def flag_tags(flags: Collection[Flag], allowed: Collection[Flag], record: str, what: str) -> list[Resource]:
    """フラグのタグ — in a fixed order; one that may not stand there is refused.

    Cite: JP-CLINS 1.10.0 R6031, R70010
    """
    for each in flags:
        if each not in allowed:
            wrong_flag(record, FLAG_NAMES[each], what)
    return [coding(names.FLAGS, each, FLAG_NAMES[each]) for each in Flag if each in flags]


def read_flags(resource: Resource) -> frozenset[Flag]:
    """フラグの読取り — those of the service; tags of others are passed over."""
    meta = resource.get("meta")
    tags = dicts(meta.get("tag") if type(meta) is dict else None)
    return frozenset(
        Flag(each["code"])
        for each in tags
        if each.get("system") == names.FLAGS and each.get("code") in tuple(Flag)
    )
