# SPDX-License-Identifier: Apache-2.0
"""The store and our own tables: what is written is read back, and anything else is refused."""

from __future__ import annotations

import pytest

from tasuki.kernel.finding import BadInput
from tasuki.kernel.messages import sentence
from tasuki.masters import store, tsv
from tasuki.masters.book import KEYS, Book
from tasuki.masters.rows import Act
from tasuki.masters.starter import starter_tables
from tasuki.masters.store import StoredSource, decode_store, encode_store, load_book, read_header

SOURCE = StoredSource("s.csv", "s", "医科診療行為マスター", None, True, "0" * 64, 3, 2, 1)


def test_a_store_gives_back_the_tables_and_their_sources() -> None:
    tables = starter_tables()
    data = encode_store(tables, (SOURCE,), ("R8",))
    assert decode_store(data) == tables
    header = read_header(data)
    assert (header.sources, header.filled, header.revisions) == ((SOURCE,), ("R8",), tables.revisions)
    assert load_book(data).revisions == tables.revisions


@pytest.mark.parametrize("cut", [5, 40, 2000, -1])
def test_a_store_cut_short_is_refused(cut: int) -> None:
    data = encode_store(starter_tables())
    with pytest.raises(BadInput) as refused:
        decode_store(data[:cut], "masters.bin")
    assert refused.value.findings[0].code == "masters.store-broken"
    assert "masters.bin" in sentence(refused.value.findings[0])


def test_a_book_of_a_store_holds_what_a_book_of_tables_holds() -> None:
    tables = starter_tables()
    made, loaded = Book(tables), load_book(encode_store(tables))
    for name in (*KEYS, "standards", "standard_members"):
        assert dict(getattr(loaded, name)) == getattr(made, name), name
    assert loaded.parent_codes == made.parent_codes
    assert loaded.partners["113001810"] == made.partners["113001810"] != frozenset()
    assert loaded.acts.get("no such code") is None
    assert "no such code" not in loaded.acts


def test_a_store_with_one_byte_changed_is_refused_at_once() -> None:
    data = bytearray(encode_store(starter_tables()))
    data[-100] ^= 1
    with pytest.raises(BadInput) as refused:
        load_book(bytes(data))
    assert refused.value.findings[0].code == "masters.store-broken"


def test_a_store_of_an_earlier_form_asks_for_a_new_import() -> None:
    with pytest.raises(BadInput) as refused:
        load_book(b"TASUKI MASTERS 1\n{}\n")
    assert refused.value.findings[0].code == "masters.store-version"


def test_a_store_of_other_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_store(starter_tables())
    monkeypatch.setattr(store, "row_layout", lambda: "another")
    with pytest.raises(BadInput) as refused:
        decode_store(data)
    assert refused.value.findings[0].code == "masters.store-version"


def test_our_tables_say_which_cell_is_wrong() -> None:
    with pytest.raises(BadInput) as refused:
        tsv.decode(Act, b"code\tname\tsince\tpoints\n1\tx\t2024-06-01\tmany\n", "acts.tsv")
    where = refused.value.findings[0].where
    assert (where.file, where.line, where.field) == ("acts.tsv", 2, "points")


def test_our_tables_are_read_as_written() -> None:
    acts = starter_tables().acts
    assert tsv.decode(Act, tsv.encode(Act, acts)) == acts
