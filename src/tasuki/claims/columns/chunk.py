# SPDX-License-Identifier: Apache-2.0
"""チャンクの列 — the bytes of whole receipts to columns, and what is not plain to the object reader.

A receipt is plain when each of its records has exactly its items and every number, day and code in it has its
official form. All others are read as objects (:mod:`tasuki.claims.columns.objects`), so that both ways agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tasuki.claims.columns.body_lines import line_columns
from tasuki.claims.columns.fields import Cut, Flags, Ints, Span, id_number, id_table, whole_numbers
from tasuki.claims.columns.objects import Source, columns_of_receipts, records_of
from tasuki.claims.columns.patient import bucket_of, patient_keys
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
    owner = np.searchsorted(heads, np.arange(len(cut.starts)), side="right") - 1
    is_odd = np.zeros(len(heads), np.bool_)
    strange = _strange_lines(cut)
    is_odd[owner[strange]] = True
    _mark_odd(cut, owner, is_odd)
    receipts, patients = _receipts(cut, heads, first_line, source, is_odd)
    keys = source.file * (1 << 32) + heads + first_line
    known = _Owners(owner, keys, patients, is_odd, first_line)
    payers = _payers(cut, heads, known)
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
    places = zip(cut.starts[lines].tolist(), (cut.ends[lines] + 1).tolist(), strict=True)
    texts_of_lines = [cut.bytes[start:end] for start, end in places]
    if _is_shift_jis(b"".join(texts_of_lines)):
        return lines[:0]
    return lines[[not _is_shift_jis(each) for each in texts_of_lines]]


def _is_shift_jis(text: bytes) -> bool:
    try:
        text.decode("cp932")
    except UnicodeDecodeError:
        return False
    return True


def _receipts(
    cut: Cut, heads: Ints, first_line: int, source: Source, is_odd: Flags
) -> tuple[dict[str, Any], Ints]:
    number, is_number, wrong = whole_numbers(cut.words, cut.span(heads, 2), 6)
    is_odd |= wrong
    month, wrong = months(cut.words, cut.span(heads, 4))
    is_odd |= wrong
    born, is_born, wrong = days(cut.words, cut.span(heads, 7))
    is_odd |= wrong
    payer, symbol, holder = _first_payer(cut, heads)
    chart = cut.span(heads, 14)
    card = [_unless(chart, each) for each in (payer, symbol, holder)]
    identity = (chart, *card, cut.span(heads, 7), cut.span(heads, 6))
    patients = patient_keys(cut.data, source.institution, identity, len(heads))
    count = len(heads)
    columns = {
        "receipt": source.file * (1 << 32) + heads + first_line,
        "patient": patients,
        "line": (heads + first_line).astype(np.int32),
        "file": np.full(count, source.file, np.int32),
        "bucket": np.asarray(bucket_of(patients, source.buckets), np.int32),
        "institution": arrow().array([source.institution] * count, arrow().string()),
        "number": numbers(number, is_number),
        "type": texts(cut.data, cut.span(heads, 3)),
        "month": month.astype(np.int32),
        "sex": texts(cut.data, cut.span(heads, 6)),
        "born_on": arrow().array(born.astype(np.int32), arrow().date32(), mask=~is_born),
        "chart_number": texts(cut.data, chart),
        "insurer": texts(cut.data, payer),
        "is_past": np.full(count, source.is_past, np.bool_),
        "_of": np.arange(count),
    }
    return columns, patients


def _unless(chart: Span, item: Span) -> Span:
    """The item where there is no chart number, nothing where there is one."""
    return Span(item.start, np.where(chart.width > 0, item.start, item.end))


def _first_payer(cut: Cut, heads: Ints) -> tuple[Span, Span, Span]:
    """The insurer of each receipt, or its first programme where it has none: number, symbol, holder."""
    payers = np.flatnonzero((cut.ids == id_number("HO")) | (cut.ids == id_number("KO")))
    of = np.searchsorted(heads, payers, side="right") - 1
    is_programme = (cut.ids[payers] == id_number("KO")).astype(np.int64)
    order = np.lexsort((payers, is_programme, of))
    owners, first = np.unique(of[order], return_index=True)
    chosen = np.full(len(heads), -1)
    chosen[owners] = payers[order][first]
    at = np.maximum(chosen, 0)
    is_insurer = (chosen >= 0) & (cut.ids[at] == id_number("HO"))
    number, second, third = (cut.span(at, item) for item in (2, 3, 4))
    nothing = np.zeros(len(heads), np.int64)

    def only(span: Span, keep: Flags) -> Span:
        return Span(np.where(keep, span.start, nothing), np.where(keep, span.end, nothing))

    holder = Span(
        np.where(is_insurer, third.start, second.start), np.where(is_insurer, third.end, second.end)
    )  # fmt: skip
    return only(number, chosen >= 0), only(second, is_insurer), only(holder, chosen >= 0)


def _payers(cut: Cut, heads: Ints, known: _Owners) -> dict[str, Any]:
    lines = np.flatnonzero((cut.ids == id_number("HO")) | (cut.ids == id_number("KO")))
    is_insurer = cut.ids[lines] == id_number("HO")
    of = known.owner[lines]
    start = np.searchsorted(lines, heads)
    insurers = np.concatenate((np.zeros(1, np.int64), np.cumsum(is_insurer)))
    # Programmes of the receipt up to this line: lines since its head, less the insurers among them.
    since = np.arange(len(lines)) + 1 - start[of]
    position = since - (insurers[1:] - insurers[start[of]])
    columns = known.place(lines)
    columns["position"] = np.where(is_insurer, 0, position).astype(np.int32)
    columns["number"] = texts(cut.data, cut.span(lines, 2))
    third, fourth = cut.span(lines, 3), cut.span(lines, 4)
    nothing = np.zeros(len(lines), np.int64)
    columns["symbol"] = texts(
        cut.data, Span(np.where(is_insurer, third.start, nothing), np.where(is_insurer, third.end, nothing))
    )  # fmt: skip
    columns["holder"] = texts(
        cut.data,
        Span(np.where(is_insurer, fourth.start, third.start), np.where(is_insurer, fourth.end, third.end)),
    )
    for name, insurer, programme in (
        ("visit_days", 5, 5), ("total_points", 6, 6), ("share_yen", 12, 7), ("meal_yen", 9, 12)
    ):  # fmt: skip
        one, other = cut.span(lines, insurer), cut.span(lines, programme)
        span = Span(np.where(is_insurer, one.start, other.start), np.where(is_insurer, one.end, other.end))
        value, is_filled, wrong = whole_numbers(cut.words, span, 9)
        known.is_odd[of[wrong]] = True
        columns[name] = numbers(value, is_filled)
    return columns


def _diseases(cut: Cut, known: _Owners) -> dict[str, Any]:
    lines = cut.lines_of("SY")
    since, is_filled, wrong = days(cut.words, cut.span(lines, 3))
    known.is_odd[known.owner[lines[wrong]]] = True
    main = cut.span(lines, 7)
    columns = known.place(lines)
    columns["code"] = texts(cut.data, cut.span(lines, 2))
    columns["since_on"] = arrow().array(since.astype(np.int32), arrow().date32(), mask=~is_filled)
    columns["outcome"] = texts(cut.data, cut.span(lines, 4))
    columns["modifiers"] = texts(cut.data, cut.span(lines, 5))
    columns["name"] = texts(cut.data, cut.span(lines, 6))
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
