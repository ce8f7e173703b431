# SPDX-License-Identifier: Apache-2.0
"""項目の暗号化 — a value opens at its own place only, whatever is moved or altered."""

from __future__ import annotations

import hashlib
import hmac
import os
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.sealed_fields import (
    KEY_BYTES,
    LEAST_BYTES,
    MASKED,
    PLAIN,
    SEALED,
    SEALED_SHORTENED,
    BrokenSeal,
    DataKey,
    Place,
    WrappingKey,
    blind_index,
    key_number,
    open_sealed,
    seal,
    unwrap,
    wrap,
)

HOME = Place(UUID(int=1), "patients_demographics", "phone", UUID(int=2))
KEY = DataKey(7, os.urandom(32))
KEYS = {7: KEY.key, 8: os.urandom(32)}.get
ELSEWHERE = [
    HOME._replace(institution=UUID(int=3)),
    HOME._replace(table="reception_visit"),
    HOME._replace(column="memo"),
    HOME._replace(row=UUID(int=9)),
    # The same letters, cut elsewhere between table and column.
    HOME._replace(table="patients_demographicsp", column="hone"),
]


@given(st.binary(max_size=3_000))
def test_what_is_sealed_opens_at_its_place(plain):
    sealed = seal(KEY, HOME, plain)
    assert open_sealed(KEYS, HOME, sealed) == plain
    assert key_number(sealed) == 7
    assert sealed != seal(KEY, HOME, plain)


@pytest.mark.parametrize("place", ELSEWHERE, ids=str)
def test_it_opens_nowhere_else_and_the_error_names_the_row(place):
    with pytest.raises(BrokenSeal, match=str(place.row)) as broken:
        open_sealed(KEYS, place, seal(KEY, HOME, b"03-0000-0000"))
    assert broken.value.why == "tag"
    assert "0000-0000'" not in str(broken.value)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_any_byte_changed_is_found(at, by):
    sealed = bytearray(seal(KEY, HOME, b"12345678901"))
    sealed[at % len(sealed)] ^= by
    with pytest.raises(BrokenSeal):
        open_sealed(KEYS, HOME, bytes(sealed))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_seal_are_refused(junk):
    with pytest.raises(BrokenSeal):
        open_sealed(KEYS, HOME, junk)


def test_long_values_are_shortened_and_come_back():
    plain = b'{"HO":"06132013"}' * 400
    sealed = seal(KEY, HOME, plain)
    assert len(sealed) < len(plain) / 10
    assert open_sealed(KEYS, HOME, sealed) == plain


def test_an_unknown_key_is_told_apart_from_a_wrong_one():
    with pytest.raises(BrokenSeal) as broken:
        open_sealed({}.get, HOME, seal(KEY, HOME, b"x"))
    assert broken.value.why == "key"


def test_a_wrapped_key_belongs_to_its_institution_number_and_purpose():
    wrapping = WrappingKey("installation", os.urandom(32))
    wrapped = wrap(wrapping, UUID(int=1), KEY, "data")
    assert unwrap(wrapping, UUID(int=1), 7, "data", wrapped) == KEY
    for institution, number, purpose in ((2, 7, "data"), (1, 8, "data"), (1, 7, "index")):
        with pytest.raises(BrokenSeal):
            unwrap(wrapping, UUID(int=institution), number, purpose, wrapped)
    with pytest.raises(BrokenSeal):
        unwrap(WrappingKey("other", os.urandom(32)), UUID(int=1), 7, "data", wrapped)


def _encrypted(nonce: bytes, plain: bytes, bound: bytes) -> bytes:
    return AESGCM(KEY.key).encrypt(nonce, plain, bound)


def test_the_layout_is_spelt_for_ever():
    """Kept values must open under every later version: form, number, nonce, ciphertext, bound to its place."""
    nonce = bytes(range(12))
    bound = b"".join(
        len(part).to_bytes(2, "big") + part
        for part in (UUID(int=1).bytes, b"patients_demographics", b"phone", UUID(int=2).bytes)
    )
    header = b"\x01\x00\x00\x00\x07"
    assert HOME.bound == bound
    assert seal(KEY, HOME, b"x", lambda count: nonce[:count]) == (
        header + nonce + _encrypted(nonce, b"x", header + bound)
    )
    assert str(HOME) == f"patients_demographics.phone {UUID(int=2)}"
    assert (PLAIN, SEALED, SEALED_SHORTENED, MASKED, KEY_BYTES) == (0, 1, 2, b"\x03", 32)


def test_only_a_text_of_five_hundred_twelve_bytes_or_more_is_shortened_and_only_when_it_gets_shorter():
    assert [seal(KEY, HOME, b"a" * size)[0] for size in (511, 512)] == [SEALED, SEALED_SHORTENED]
    assert seal(KEY, HOME, os.urandom(600))[0] == SEALED
    assert open_sealed(KEYS, HOME, seal(KEY, HOME, b"")) == b""


@pytest.mark.parametrize("form", [0, 3, 255])
def test_another_form_is_told_as_such(form):
    sealed = bytes((form,)) + seal(KEY, HOME, b"12345678901")[1:]
    with pytest.raises(BrokenSeal) as broken:
        open_sealed(KEYS, HOME, sealed)
    assert broken.value.why == "form"
    assert str(broken.value) == f"{HOME}: form"


def test_what_is_too_short_to_be_sealed_is_told_as_such():
    whole = seal(KEY, HOME, b"")
    assert len(whole) == LEAST_BYTES == 33
    with pytest.raises(BrokenSeal) as broken:
        open_sealed(KEYS, HOME, whole[:-1])
    assert broken.value.why == "form"


def test_the_number_of_a_key_is_read_from_the_header_alone():
    assert [key_number(each) for each in (b"", b"\0\0\0\0\7rest", b"\1\0\0\1\0rest", b"\2\xff\0\0\0")] == [
        0,
        0,
        256,
        0xFF000000,
    ]


def test_a_wrapped_key_and_a_search_code_are_spelt_for_ever():
    wrapping = WrappingKey("installation", bytes(32))
    nonce = bytes(12)
    bound = UUID(int=1).bytes + b"\0\0\0\7" + b"data"
    kept = nonce + AESGCM(wrapping.key).encrypt(nonce, KEY.key, bound)
    assert unwrap(wrapping, UUID(int=1), 7, "data", kept) == KEY
    code = hmac.new(bytes(32), b"phone:0312345678", hashlib.sha256).hexdigest()[:12]
    assert blind_index(bytes(32), "phone", "0312345678") == code
