# SPDX-License-Identifier: Apache-2.0
"""速い読取り — the same tree as the codec, or nothing at all."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message, Node
from tasuki.eligibility.requests import CardNumber, CardSearch, Sender, ask_by_card
from tasuki.eligibility.xml_text import read_xml, write_xml
from tasuki.kernel.finding import BadInput
from tasuki_server.drills.fuzz_values import broken
from tasuki_server.eligibility.fast_request import read_usual

_TEXT = st.text(st.sampled_from("架空１２３0aｱ<>&;\"' \u3000\t\n\r#x"), max_size=8)
_NAME = st.sampled_from(("InsurerNumber", "Birthdate", "Unknown1", "ResultList", "MessageBody"))
_LEAVES = st.lists(st.builds(Node, _NAME, _TEXT), max_size=4).map(tuple)


def _message(header, body, encoding):
    search = Node("QualificationConfirmSearchInfo", "", body)
    parts = (Node("MessageHeader", "", header), Node("MessageBody", "", (search,)))
    return write_xml(Message(Node("XmlMsg", "", parts), encoding))


@given(_LEAVES, _LEAVES, st.sampled_from((UTF8, SHIFT_JIS)))
def test_what_is_read_fast_is_what_the_codec_reads(header, body, encoding):
    data = _message(header, body, encoding)
    found = read_usual(data)
    assert found is None or found == read_xml(data)


@pytest.mark.parametrize("encoding", [UTF8, SHIFT_JIS])
def test_the_usual_request_is_read_fast_and_broken_ones_as_the_codec_does(encoding):
    import datetime

    search = [CardSearch(CardNumber("138057", "架空", "12", "01"), datetime.date(1990, 1, 2), True, "手元")]
    data = write_xml(ask_by_card(Sender("1311234567", "A1", encoding), search))
    assert read_usual(data) == read_xml(data)
    chosen = random.Random(3)
    for _ in range(3000):
        turned = broken(data, chosen)
        found = read_usual(turned)
        if found is not None:
            assert found == read_xml(turned)
    with pytest.raises(BadInput):
        read_xml(data[:-20])
    assert read_usual(data[:-20]) is None
