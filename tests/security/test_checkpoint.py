# SPDX-License-Identifier: Apache-2.0
"""チェックポイント — one spelling, and everything else refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasuki.security.checkpoint import BadCheckpoint, Checkpoint, read_checkpoint

ROOT = "A" * 43 + "="


@given(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1),
    st.integers(0, 10**17),
    st.binary(min_size=32, max_size=32),
)
def test_what_is_written_is_read(origin: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(origin, size, root)
    assert read_checkpoint(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"log\n01\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n１\n{ROOT}\n",
        f"log\n{'9' * 30}\n{ROOT}\n",
        f"log\n1\n{ROOT}\nmore\n",
        "log\n1\nAAAA\n",
        f"log\n1\n{ROOT[:-2]}B=\n",
        "log\n1\n!\n",
    ],
)
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        read_checkpoint(text)


def test_a_size_has_eighteen_digits_at_most() -> None:
    assert read_checkpoint(f"log\n{'9' * 18}\n{ROOT}\n").size == 10**18 - 1
    with pytest.raises(BadCheckpoint):
        read_checkpoint(f"log\n{'9' * 19}\n{ROOT}\n")
