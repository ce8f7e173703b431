# SPDX-License-Identifier: Apache-2.0
"""速い書出し — the same bytes as the codec for whatever answer there is, in both character codes."""

from __future__ import annotations

import pytest
from hypothesis import given

from eligibility import made_answers as made
from tasuki.eligibility.answer import read_answer
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.message import SHIFT_JIS, UTF8, Message
from tasuki.eligibility.xml_text import read_xml
from tasuki_server.eligibility import fast_answer
from tasuki_server.eligibility.message_form import message_bytes


@given(made.containers("XmlMsg"))
def test_the_fast_writer_writes_what_the_codec_writes(root):
    answer = read_answer(Message(root))
    for encoding in (UTF8, SHIFT_JIS):
        expected = message_bytes(answer_message(answer, encoding), encoding)
        assert fast_answer.answer_xml(answer, encoding) == expected


@pytest.mark.parametrize("encoding", [UTF8, SHIFT_JIS])
def test_a_whole_answer_goes_the_fast_way(monkeypatch, encoding):
    answer = read_answer(Message(made.full_message()))
    expected = message_bytes(answer_message(answer, encoding), encoding)
    monkeypatch.setattr(fast_answer, "answer_message", None)
    written = fast_answer.answer_xml(answer, encoding)
    assert written == expected
    assert read_answer(read_xml(written)) == answer
