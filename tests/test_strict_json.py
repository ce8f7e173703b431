# SPDX-License-Identifier: Apache-2.0
"""厳密なJSON — the two ways of reading give the same, and refuse the same for the same reason."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasuki.kernel.strict_json import NotStrict, read_plainly, read_strictly

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.sampled_from('[]{}"\\,:a漢'))
    | st.just({})
    | st.just([])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.sampled_from('[{"\\a')), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


def depth_of(value: Any) -> int:
    """By walking."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(depth_of, inner), default=0) + isinstance(value, dict | list)


@given(VALUES, st.booleans())
def test_the_depth_is_that_of_what_was_read(value, is_ascii):
    data = json.dumps(value, ensure_ascii=is_ascii).encode()
    depth = depth_of(value)
    assert read_strictly(data, depth) == value
    if depth:
        with pytest.raises(NotStrict, match=f"{depth - 1}段"):
            read_strictly(data, depth - 1)


def test_a_text_of_brackets_alone_ends_soon():
    with pytest.raises(NotStrict, match="32段"):
        read_strictly(b"[" * 33 + b"]" * 33)
    assert read_strictly(b"[" * 32 + b"]" * 32) is not None
    wide = b"[" + b",".join([b'{"a":[]}'] * 20_000) + b"]"
    assert len(read_strictly(wide, 3)) == 20_000


def told(read: Any, data: bytes) -> tuple[Any, str]:
    """What was read, with its types, or why it was refused."""
    try:
        return repr(read(data, 6)), ""
    except NotStrict as wrong:
        return None, str(wrong)


SPACE = st.sampled_from(("", "", " ", "\n\t", "\r"))
NAMES = st.sampled_from(("a", "b", ":a", "", 'a"', "a\\\\", "漢", "\\u0061", '\\":', "\\u003a"))
WORDS = NAMES | st.sampled_from(("x", ": x", ' ":', "\\ud83d\\ude00", "\\ud800", "\\u0000", "[{", "\x01"))
NUMBERS = st.sampled_from(
    ("0", "-0", "1.50", "1e0", "-2E+3", "9" * 30, "1e999999999999999999999", "NaN", "01", "9" * 5000)
)


@st.composite
def texts(draw: Any, deep: int = 0) -> str:
    """JSON, or nearly: members twice, colons and quotes within texts, space anywhere."""
    space = draw(SPACE)
    kind = draw(st.sampled_from(("object", "object", "array", "word", "number"))) if deep < 8 else "word"
    if kind == "word":
        return f'{space}"{draw(WORDS)}"{draw(SPACE)}'
    if kind == "number":
        return space + draw(NUMBERS)
    inner = [draw(texts(deep + 1)) for _ in range(draw(st.integers(0, 3)))]
    if kind == "array":
        return f"{space}[{','.join(inner)}]"
    return space + "{" + ",".join(f'{draw(SPACE)}"{draw(NAMES)}"{draw(SPACE)}:{each}' for each in inner) + "}"


@settings(max_examples=400)
@given(
    texts(),
    st.integers(0, 60),
    st.sampled_from((b"", b"", b"", b"\xff", b"\xef\xbb\xbf", b'"', b"\xc0\xaf", b",")),
)
def test_what_is_read_quickly_is_what_is_read_member_by_member(text, place, broken):
    data = text.encode()
    data = data[:place] + broken + data[place:]
    assert told(read_strictly, data) == told(read_plainly, data)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a" : 1, "b": ":", "a": 2}',
        '{"a" : 1, "a" :2, "b": ":x"}',
        '{"a": 1, "\\u0061": 2}',
        '{"b": "\\u003a", "c": [":"], "a": 1, "a": 2}',
        '[{"a": {"b": 1, "b": 1}}, "\\":"]',
    ],
)
def test_a_member_given_twice_is_refused_however_it_is_written(text):
    with pytest.raises(NotStrict, match="二度"):
        read_strictly(text.encode())


def test_a_member_given_twice_is_found_among_many_without_seeking_each_of_them_in_all():
    many = ",".join(f'"{number}":0' for number in range(30_000))
    begun = process_time()
    with pytest.raises(NotStrict, match="29999 が二度"):
        read_strictly(f'{{{many},"29999":0}}'.encode())
    # A tenth of a second, and half a minute where each is sought in all of them.
    assert process_time() - begun < 5
