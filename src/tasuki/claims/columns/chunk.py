# SPDX-License-Identifier: Apache-2.0
"""チャンクの列 — the bytes of whole receipts to columns, and what is not plain to the object reader.

A receipt is plain when each of its records has exactly its items and every number, day and code in it has its
official form. All others are read as objects (:mod:`tasuki.claims.columns.objects`), so that both ways agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tasuki.claims.columns.body_lines import line_columns
from tasuki.claims.columns.digits import whole_numbers
from tasuki.claims.columns.fields import Cut, Flags, Ints, Span, id_number, id_table
from tasuki.claims.columns.objects import Source, columns_of_receipts, records_of
from tasuki.claims.columns.patient import bucket_of, patient_keys
from tasuki.claims.columns.payers import first_payers, payer_columns, payer_lines
from tasuki.claims.columns.schema import TABLES, arrow, table_schema
from tasuki.claims.columns.values import days, months, numbers, texts
from tasuki.claims.layout import LAYOUTS
from tasuki.claims.reader import KNOWN_IDS
from tasuki.claims.receipt import Receipt
from tasuki.claims.records import HISTORY_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable

_DONOR = ("TI", "TR", "TS")
_JUDGED = ("RE", "HO", "KO", "SY", "SI", "IY", "TO", "CO")
# GYYMM, of which the object reader tells.
_OLD_MONTH = 5
_AROUND = ("IR", "GO", "HG", "HI")
# By the number of a record id: how many items a judged record has, and whether the reader would say nothing of it.
_SIZES = id_table({each: LAYOUTS[each].size for each in _JUDGED} | dict.fromkeys(_DONOR, -1))
_IS_QUIET = id_table({each: int(each not in _AROUND) for each in KNOWN_IDS})


class Columns(NamedTuple):
    """列の組 — the four tables of some receipts, and whether the reader would report something of the lines."""

    receipts: Any
    payers: Any
    diseases: Any
    lines: Any
    is_plain: bool = True


def columns_of(data: bytes, first_line: int, source: Source) -> Columns:
    """チャンクの列 — of bytes that begin with RE and end with the last line of a receipt."""
    cut = Cut(data)
    heads = cut.lines_of("RE")
    owner = np.cumsum(cut.ids == id_number("RE")) - 1
    is_odd = np.zeros(len(heads), np.bool_)
    strange = _strange_lines(cut)
    is_odd[owner[strange]] = True
    _mark_odd(cut, owner, is_odd)
    paying = payer_lines(cut, owner)
    cards = first_payers(paying, len(heads))
    receipts, patients = _receipts(cut, heads, first_line, source, is_odd, cards)
    keys = source.file * (1 << 32) + heads + first_line
    known = _Owners(owner, keys, patients, is_odd, first_line)
    payers = payer_columns(cut, heads, paying, known.place, is_odd)
    diseases = _diseases(cut, known)
    lines = line_columns(cut, known.place, owner, is_odd, receipts["month"])
    given = (receipts, payers, diseases, lines)
    of = [columns.pop("_of") for columns in given]
    tables = [_table(name, columns) for name, columns in zip(TABLES, given, strict=True)]
    if is_odd.any():
        odd = np.flatnonzero(is_odd)
        read = columns_of_receipts(_odd_receipts(cut, heads, odd, first_line), source)
        tables = [
            _with_odd(table, owners, other, odd, keys)
            for table, owners, other in zip(tables, of, read, strict=True)
        ]
    receipts_table, payers_table, diseases_table, lines_table = tables
    is_plain = not len(strange) and _is_plain(cut)
    return Columns(receipts_table, payers_table, diseases_table, lines_table, is_plain)


class _Owners(NamedTuple):
    """Which receipt each line of the chunk belongs to, with its keys."""

    owner: Ints
    keys: Ints
    patients: Ints
    is_odd: Flags
    first_line: int

    def place(self, lines: Ints) -> dict[str, Any]:
        """The key columns of some lines, and the receipt they belong to as counted in the chunk."""
        of = self.owner[lines]
        return {
            "receipt": self.keys[of], "patient": self.patients[of],
            "line": (lines + self.first_line).astype(np.int32), "_of": of,
        }  # fmt: skip


def _mark_odd(cut: Cut, owner: Ints, is_odd: Flags) -> None:
    expected = _SIZES[cut.ids]
    is_odd[owner[(expected != 0) & (expected != cut.sizes)]] = True


def _is_plain(cut: Cut) -> bool:
    """Whether the object reader would report nothing about these lines."""
    if not cut.is_crlf.all():
        return False
    for at in np.flatnonzero(_IS_QUIET[cut.ids] == 0).tolist():
        line = cut.bytes[cut.starts[at] : cut.text_ends[at]]
        if line.partition(b",")[0].decode("cp932", "replace") not in HISTORY_IDS:
            return False
    month = cut.span(cut.lines_of("RE"), 4)
    return not (month.width == _OLD_MONTH).any()


def _strange_lines(cut: Cut) -> Ints:
    """The lines that are no Shift_JIS, of which the object reader tries another encoding."""
    lines = cut.lines_beyond_ascii()
    texts_of_lines = cut.texts_of(lines)
    if _is_shift_jis(texts_of_lines.buffers()[2] or b""):
        return lines[:0]
    return lines[[not _is_shift_jis(each) for each in texts_of_lines.to_pylist()]]


def _is_shift_jis(text: Any) -> bool:
    try:
        str(text, "cp932")
    except UnicodeDecodeError:
        return False
    return True


def _receipts(
    cut: Cut, heads: Ints, first_line: int, source: Source, is_odd: Flags, cards: tuple[Span, Span, Span]
) -> tuple[dict[str, Any], Ints]:
    of_number, kind, of_month, sex, of_birth, chart = cut.spans(heads, (2, 3, 4, 6, 7, 14))
    number, is_number, wrong = whole_numbers(cut.words, of_number, 6)
    is_odd |= wrong
    month, wrong = months(cut.words, of_month)
    is_odd |= wrong
    born, is_born, wrong = days(cut.words, of_birth)
    is_odd |= wrong
    payer, symbol, holder = cards
    card = [_unless(chart, each) for each in (payer, symbol, holder)]
    patients = patient_keys(cut, source.institution, (chart, *card, of_birth, sex), len(heads))
    count = len(heads)
    columns = {
        "receipt": source.file * (1 << 32) + heads + first_line,
        "patient": patients,
        "line": (heads + first_line).astype(np.int32),
        "file": np.full(count, source.file, np.int32),
        "bucket": np.asarray(bucket_of(patients, source.buckets), np.int32),
        "institution": arrow().array([source.institution] * count, arrow().string()),
        "number": numbers(number, is_number),
        "type": texts(cut, kind),
        "month": month.astype(np.int32),
        "sex": texts(cut, sex),
        "born_on": arrow().array(born.astype(np.int32), arrow().date32(), mask=~is_born),
        "chart_number": texts(cut, chart),
        "insurer": texts(cut, payer),
        "is_past": np.full(count, source.is_past, np.bool_),
        "_of": np.arange(count),
    }
    return columns, patients


def _unless(chart: Span, item: Span) -> Span:
    """The item where there is no chart number, nothing where there is one."""
    return Span(item.start, np.where(chart.width > 0, item.start, item.end))


def _diseases(cut: Cut, known: _Owners) -> dict[str, Any]:
    lines = cut.lines_of("SY")
    code, of_start, outcome, modifiers, name, main = cut.spans(lines, (2, 3, 4, 5, 6, 7))
    since, is_filled, wrong = days(cut.words, of_start)
    known.is_odd[known.owner[lines[wrong]]] = True
    columns = known.place(lines)
    columns["code"] = texts(cut, code)
    columns["since_on"] = arrow().array(since.astype(np.int32), arrow().date32(), mask=~is_filled)
    columns["outcome"] = texts(cut, outcome)
    columns["modifiers"] = texts(cut, modifiers)
    columns["name"] = texts(cut, name)
    value, _, _ = whole_numbers(cut.words, main, 2)
    columns["is_main"] = (main.width == 2) & (value == 1)
    return columns


def _table(name: str, columns: dict[str, Any]) -> Any:
    pa = arrow()
    schema = table_schema(name)
    arrays = [
        value if isinstance(value, pa.Array) else pa.array(value, field.type)
        for field, value in ((field, columns[field.name]) for field in schema)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _odd_receipts(cut: Cut, heads: Ints, odd: Ints, first_line: int) -> Iterable[Receipt]:
    following = np.append(heads, len(cut.starts))
    for at in odd.tolist():
        begin, end = int(following[at]), int(following[at + 1])
        data = cut.bytes[cut.starts[begin] : cut.ends[end - 1] + 1]
        yield Receipt(records_of(data, first_line + begin))


def _with_odd(table: Any, of: Ints, other: Any, odd: Ints, keys: Ints) -> Any:
    """The rows of odd receipts replaced by those the object reader gave, each receipt in its place."""
    begin, end = np.searchsorted(of, odd, "left"), np.searchsorted(of, odd, "right")
    receipt = other["receipt"].to_numpy()
    first, last = np.searchsorted(receipt, keys[odd], "left"), np.searchsorted(receipt, keys[odd], "right")
    # Neighbours go together: from the end of one plain run to the begin of the next.
    is_apart = np.append(True, odd[1:] != odd[:-1] + 1)
    heads = np.flatnonzero(is_apart)
    tails = np.append(heads[1:], len(odd)) - 1
    pieces, at = [], 0
    for head, tail in zip(heads.tolist(), tails.tolist(), strict=True):
        pieces.append(table.slice(at, int(begin[head]) - at))
        pieces.append(other.slice(int(first[head]), int(last[tail]) - int(first[head])))
        at = int(end[tail])
    pieces.append(table.slice(at))
    return arrow().concat_tables(pieces).combine_chunks()
