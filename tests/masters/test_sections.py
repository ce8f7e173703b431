# SPDX-License-Identifier: Apache-2.0
"""The 区分番号 of the 告示, one branch deeper than the code-table number of the master."""

from __future__ import annotations

from datetime import date

import pytest

from tasuki.masters.sections import section_of
from tasuki.masters.starter import load_starter


@pytest.mark.parametrize(
    ("code", "section"),
    [
        ("111000110", "A000"),
        ("113003710", "B001-2"),  # 小児科外来診療料
        ("113014110", "B001-2-8"),  # 外来放射線照射診療料
        ("113016270", "B001-2-9"),  # 時間外加算（再診）（地域包括診療料）
        ("113704510", "B001-2-12"),  # 外来腫瘍化学療法診療料１
        ("113023770", "B001-3-2"),  # 施設基準不適合減算, of ニコチン依存症管理料
    ],
)
def test_an_act_stands_in_the_section_of_the_fee_table(code: str, section: str) -> None:
    book = load_starter().at(date(2026, 5, 31))
    assert section_of(book.act(code)) == section
