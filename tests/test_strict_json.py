# SPDX-License-Identifier: Apache-2.0
"""厳密なJSON — how deep a text goes is told by its brackets alone, as by walking what was read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.kernel.strict_json import NotStrict, read_strictly

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
