# SPDX-License-Identifier: Apache-2.0
"""停止時の閲覧記録 — every kind of change before the end is seen, at its line."""

from __future__ import annotations

import json

import pytest

from tasuki.security.view_log import next_line, read_log

KEY = bytes(32)


@pytest.fixture
def lines():
    last, texts = None, []
    for number in range(5):
        last, text = next_line(KEY, last, {"act": "open", "patient": f"p{number}"})
        texts.append(text)
    return texts


def test_a_whole_log_is_read_as_it_was_written(lines):
    read = read_log(KEY, lines)
    assert read.broken_at == 0
    assert [each.fields["patient"] for each in read.views] == [f"p{n}" for n in range(5)]


def test_a_change_is_seen_at_its_line_and_what_stands_before_it_is_kept(lines):
    other = next_line(KEY, None, {"act": "open", "patient": "p2"})[1]
    renamed = json.loads(lines[2])
    renamed["fields"]["patient"] = "p9"
    changed = {
        "altered": [*lines[:2], json.dumps(renamed), *lines[3:]],
        "left out": [*lines[:2], *lines[3:]],
        "put in": [*lines[:2], other, *lines[2:]],
        "swapped": [*lines[:2], lines[3], lines[2], lines[4]],
        "twice": [*lines[:2], lines[1], *lines[2:]],
        "no json": [*lines[:2], "{", *lines[3:]],
        "no line": [*lines[:2], "[]", *lines[3:]],
    }
    for name, given in changed.items():
        read = read_log(KEY, given)
        assert (read.broken_at, len(read.views)) == (3, 2), name


def test_whoever_lacks_the_key_writes_no_line(lines):
    forged = next_line(bytes(31) + b"1", read_log(KEY, lines).views[-1], {"act": "open"})[1]
    assert read_log(KEY, [*lines, forged]).broken_at == 6
