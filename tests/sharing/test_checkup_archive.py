# SPDX-License-Identifier: Apache-2.0
"""送付用アーカイブの書出し — opened again it is whole, and what cannot be named or belongs apart is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sharing.made_up_checkups import CLINIC, checkup
from tasuki.kernel.finding import BadInput
from tasuki.sharing.checkups import facts_of, open_archive, read_checkup_xml, write_archive
from tasuki.sharing.checkups.values import CheckupKind

DAY = date(2026, 6, 30)


@pytest.mark.parametrize("kind", list(CheckupKind))
def test_what_is_written_opens_whole_and_says_the_same(kind: CheckupKind):
    sent = [checkup(kind), checkup(kind, held_on=date(2025, 6, 1))]
    made = write_archive(sent, "00999999", DAY, 3)
    opened = open_archive(made.data)
    service = "1" if kind is CheckupKind.SPECIFIC else "4"
    assert made.name == f"{CLINIC.number}_00999999_202606303_{service}.zip" == f"{opened.folder}.zip"
    assert opened.findings == () and made.lost == ()
    back = [read_checkup_xml(data).checkup for _, data in opened.results()]
    assert [facts_of(each) for each in back] == [facts_of(each) for each in sent]
    assert write_archive(sent, "00999999", DAY, 3) == made


def test_two_senders_or_two_kinds_do_not_go_together():
    other = checkup(author=replace(CLINIC, number="1319999998"))
    for pair in ([checkup(), other], [checkup(), checkup(CheckupKind.EMPLOYER)], []):
        with pytest.raises(ValueError, match="one sender"):
            write_archive(pair, "00999999", DAY)


@pytest.mark.parametrize(
    ("author", "insurer"), [("131999", "00999999"), (CLINIC.number, "999999"), (CLINIC.number, "")]
)
def test_a_number_that_names_no_file_is_refused(author: str, insurer: str):
    with pytest.raises(BadInput) as refused:
        write_archive([checkup(author=replace(CLINIC, number=author))], insurer, DAY)
    assert [each.code for each in refused.value.findings] == ["CHK-A-04"]
