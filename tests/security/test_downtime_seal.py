# SPDX-License-Identifier: Apache-2.0
"""停止時の写しの暗号 — opens with its card, at its place, unaltered, and not otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.downtime_seal import (
    CODE_LETTERS,
    CannotOpen,
    check_signature,
    new_card,
    open_as,
    open_card,
    open_part,
    part_key,
    read_code,
    seal_part,
    seal_to,
    signed,
    signer_of,
)

KEY, SIGNER = bytes(range(32)), signer_of(bytes(32))


def test_a_card_opens_for_its_owner_with_its_code():
    card = new_card("clinic/doctor", SIGNER)
    keys = open_card(card.code.replace("-", " ").lower(), "clinic/doctor", card.wrapped)
    assert keys.signer == SIGNER
    assert open_as(keys.private, seal_to(card.public, b"root", "copy"), "copy") == b"root"


def test_a_card_opens_for_nobody_else():
    card, other = new_card("clinic/doctor", SIGNER), new_card("clinic/doctor", SIGNER)
    for code, owner in ((other.code, "clinic/doctor"), (card.code, "clinic/nurse"), ("", "clinic/doctor")):
        with pytest.raises(CannotOpen):
            open_card(code, owner, card.wrapped)
    for wrapped in (b"", card.wrapped[:40], card.wrapped[:-1] + bytes([card.wrapped[-1] ^ 1])):
        with pytest.raises(CannotOpen):
            open_card(card.code, "clinic/doctor", wrapped)


def test_codes_are_long_and_differ():
    codes = {read_code(new_card("a/b", SIGNER).code) for _ in range(5)}
    assert len(codes) == 5
    assert {len(each) for each in codes} == {CODE_LETTERS}


def test_what_is_sealed_to_one_does_not_open_for_another_or_elsewhere():
    mine, other = new_card("a/b", SIGNER), new_card("a/c", SIGNER)
    private = open_card(mine.code, "a/b", mine.wrapped).private
    sealed = seal_to(mine.public, b"root", "copy 1")
    with pytest.raises(CannotOpen):
        open_as(open_card(other.code, "a/c", other.wrapped).private, sealed, "copy 1")
    with pytest.raises(CannotOpen):
        open_as(private, sealed, "copy 2")
    with pytest.raises(CannotOpen):
        open_as(private, sealed[:20], "copy 1")


@given(st.binary(max_size=300), st.data())
def test_a_part_opens_whole_or_not_at_all(plain, data):
    sealed = seal_part(KEY, plain, "copy/patient")
    assert open_part(KEY, sealed, "copy/patient") == plain
    at = data.draw(st.integers(0, len(sealed) - 1))
    for changed in (sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], sealed[:at]):
        with pytest.raises(CannotOpen):
            open_part(KEY, changed, "copy/patient")
    with pytest.raises(CannotOpen):
        open_part(KEY, sealed, "copy/other")


def test_each_part_has_a_key_of_its_own():
    keys = {part_key(KEY, name) for name in ("catalogue", "log", "chart a", "chart b")} | {KEY}
    assert len(keys) == 5


def test_a_signature_is_of_one_text_by_one_installation():
    signature = signed(bytes(32), b"cover")
    check_signature(SIGNER, b"cover", signature)
    for signer, text in ((SIGNER, b"Cover"), (signer_of(KEY), b"cover"), (b"short", b"cover")):
        with pytest.raises(CannotOpen):
            check_signature(signer, text, signature)


# Printed and sealed by version 1 of this form: what is in a drawer must open for as long as the clinic keeps it.
OLD_CODE = "209P-TBZ8-TCAN-BJCW-X8WH"
OLD_CARD = (
    "b2707d86de9e8252d3af380fbd550d36f4ff32dcdabcdae26c23c3475326c91fdb4108a7e74b51626694161f3528a7944e551aa15866f92c"
    "8430d6a0513d947af17943ff968170d26e14cac6d592555529e19c22fe6a298ca4bc41ed3aa84a64530fddaeb9919d8375e6ee87"
)
OLD_ROOT = (
    "c1f6fb65d424bec2d0c8c0e0433404bbaa3e7db5a0b54da6309ae9ec7eb9de7454162a3463cd7fb2ec6f9216e326763d915d84a92cf8f0e4"
    "5b05ab1914f009c0"
)
OLD_PART = "593823f24224639bba737f3d4352d3c2cb6e7ae66c7d773adde9eb9c86cded99066ecb215f2c4d11fbc9"


def test_a_card_and_a_copy_of_before_still_open():
    keys = open_card(OLD_CODE, "clinic/doctor", bytes.fromhex(OLD_CARD))
    assert keys.signer == SIGNER
    assert open_as(keys.private, bytes.fromhex(OLD_ROOT), "copy 1") == b"root"
    assert open_part(part_key(b"r" * 32, "chart"), bytes.fromhex(OLD_PART), "copy/1") == b"record"
    assert len(read_code(OLD_CODE)) == CODE_LETTERS


def test_a_part_that_unpacks_beyond_the_longest_is_refused():
    longest = 64 * 1024 * 1024
    assert len(open_part(KEY, seal_part(KEY, bytes(longest), "copy/x"), "copy/x")) == longest
    with pytest.raises(CannotOpen):
        open_part(KEY, seal_part(KEY, bytes(longest + 1), "copy/x"), "copy/x")
