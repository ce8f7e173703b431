# SPDX-License-Identifier: Apache-2.0
"""壊れたファイル — whatever a line holds, reading, checking, showing and rewriting answer and lose nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from claims import invented_file as made
from tasuki.claims.checks.run import check_file
from tasuki.claims.reader import read
from tasuki.claims.rewrite import conform, rewrite
from tasuki.claims.view import receipt_text, receipt_view
from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.masters.starter import load_starter

LINES = made.data().split(b"\r\n")
VALUES = [
    b"", b"0", b"9", b"99999999", b"-1", b"1.5", b"\x81", b"\xff", b"\x1a", b"\x00", b" ", b'"', b"SI", b"8",
    b"97", b"01", b"20260631", b"5060601", b"999912", b"99991231", b"00010101", b"890000001", b"1e9",
    "髙".encode("cp932"), "０".encode("cp932"), "あ".encode(),
]  # fmt: skip
AT = st.integers(0, len(LINES) - 1)
CHANGES = st.one_of(
    st.tuples(st.just("item"), AT, st.integers(0, 50), st.sampled_from(VALUES)),
    st.tuples(st.just("cut"), AT, st.integers(0, 80), st.just(b"")),
    st.tuples(st.just("drop"), AT, st.just(0), st.just(b"")),
    st.tuples(st.just("repeat"), AT, AT, st.just(b"")),
    st.tuples(st.just("byte"), AT, st.integers(0, 80), st.binary(min_size=1, max_size=1)),
)


def changed(changes: list[tuple[str, int, int, bytes]], end: bytes) -> bytes:
    lines = list(LINES)
    for kind, at, number, value in changes:
        at %= len(lines)
        if kind == "item":
            items = lines[at].split(b",")
            items[number % len(items)] = value
            lines[at] = b",".join(items)
        elif kind == "cut":
            lines[at] = lines[at][:number]
        elif kind == "drop" and len(lines) > 1:
            del lines[at]
        elif kind == "repeat":
            lines.insert(at, LINES[number])
        elif kind == "byte" and lines[at]:
            place = number % len(lines[at])
            lines[at] = lines[at][:place] + value + lines[at][place + 1 :]
    return end.join(lines)


@settings(max_examples=150, deadline=None)
@given(st.lists(CHANGES, min_size=1, max_size=6), st.sampled_from([b"\r\n", b"\n"]))
def test_every_broken_file_is_answered(changes: list[tuple[str, int, int, bytes]], end: bytes) -> None:
    data = changed(changes, end)
    file = read(data, "x")
    assert rewrite(data) == data
    assert all(sentence(found) for found in (*file.findings, *check_file(file, load_starter())))
    for receipt in file.receipts:
        assert receipt_text(receipt_view(receipt, file.institution, load_starter()))
    try:
        accepted = conform(data)
    except BadInput as refused:
        assert all(sentence(found) for found in refused.findings)
    else:
        assert conform(accepted) == accepted
