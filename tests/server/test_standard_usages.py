# SPDX-License-Identifier: Apache-2.0
"""用法の標準コード — every code beside a phrase reads back as what the phrase says."""

from __future__ import annotations

import re

import pytest

from tasuki.chart.orders import OrderKind
from tasuki.prescriptions.usage_code import UsageCode, read_usage_code
from tasuki_server.orders.usages import USAGES, standard_code

SAME = {"痛い時": "疼痛時", "寝る前": "就寝前", "6時間ごと": "６時間毎"}
MEALS = {"毎食": ("朝食", "昼食", "夕食"), "朝夕食": ("朝食", "夕食")}


@pytest.mark.parametrize("usage", [each for each in USAGES if each.standard], ids=lambda each: each.text)
def test_a_code_says_what_its_phrase_says(usage):
    read = read_usage_code(usage.standard)
    assert isinstance(read, UsageCode)
    words = usage.text
    if usage.kind is OrderKind.AS_NEEDED:
        assert read.occasions == (SAME.get(words, words),)
        return
    times = re.fullmatch(r"1日(\d)回 (.+)", words)
    assert times
    assert read.times_a_day == int(times[1])
    said = []
    for part in times[2].split("・"):
        group = next((group for group in MEALS if part.startswith(group)), None)
        said += (
            [meal + part.removeprefix(group) for meal in MEALS[group]] if group else [SAME.get(part, part)]
        )
    assert list(read.occasions) == said


def test_other_words_get_no_code():
    assert standard_code("毎食後") == standard_code("") == standard_code("1日1回　朝食後") == ""
    # A phrase that says more than any code has none.
    assert standard_code("発熱時（38.5℃以上）") == standard_code("週1回 起床時") == ""
