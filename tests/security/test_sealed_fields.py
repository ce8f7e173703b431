# SPDX-License-Identifier: Apache-2.0
"""項目の暗号化 — a value opens at its own place only, whatever is moved or altered."""

from __future__ import annotations

import os
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.sealed_fields import (
    BrokenSeal,
    DataKey,
    Place,
    WrappingKey,
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
