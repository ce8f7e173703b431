# SPDX-License-Identifier: Apache-2.0
"""識別子 — both ways to make one give what RFC 9562 says, in the order of time."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest

from tasuki_server.institutions.ids import milliseconds_of, new_id, new_name, new_names

WAYS = {
    "as a number": new_id, "as text": lambda: UUID(new_name()), "as one of several": lambda: UUID(new_names(3)[1]),
}  # fmt: skip


@pytest.mark.parametrize("make", WAYS.values(), ids=WAYS)
def test_an_identifier_is_of_version_7_and_all_else_is_chance(make):
    with milliseconds_of(lambda: 0x0123_4567_89AB):
        made = [make() for _ in range(400)]
    assert {(each.version, each.variant, each.int >> 80) for each in made} == {
        (7, RFC_4122, 0x0123_4567_89AB)
    }
    ones = always = made[0].int
    for each in made[1:]:
        ones |= each.int
        always &= each.int
    # 74 bits are free: over four hundred identifiers each of them was both.
    assert (ones ^ always).bit_count() == 74


@pytest.mark.parametrize("make", WAYS.values(), ids=WAYS)
def test_later_identifiers_sort_behind_earlier_ones(make):
    made = []
    for clock in (1, 0xFFFF, 0x1_0000, 0xFFFF_FFFF_FFFF):
        with milliseconds_of(lambda clock=clock: clock):
            made.append(make())
    assert made == sorted(made)
    assert [str(each) for each in made] == sorted(str(each) for each in made)


def test_text_is_written_as_a_uuid_writes_itself():
    made = new_name()
    assert str(UUID(made)) == made
