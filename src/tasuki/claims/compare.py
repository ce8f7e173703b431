# SPDX-License-Identifier: Apache-2.0
"""請求ファイルの比較 — what changed between two files, receipt by receipt, whatever order they stand in.

Receipts are matched by whose they are, never by position: service month, 入院 or 外来 and birthday must
agree; receipts that are equal fall away first. Among the others the 検索番号 decides, then the chart number, then (where no
chart number stands) the number of the insurer or programme, then the name. A receipt whose birthday was corrected is told as one removed and one added.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.fee_tables import FeeTable, chart_number, item_name, search_number
from tasuki.claims.points import FileTotals

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from tasuki.claims.receipt import Receipt
    from tasuki.claims.records import Record

# レセプト番号 only says where a receipt stands in its file.
_POSITION = {"RE": 2}
# The item that says which thing a record is about: records that share it are one record changed.
_SUBJECT = {"SY": 2, "SI": 4, "IY": 4, "TO": 4, "CO": 4, "SN": 2, "JD": 2, "KO": 2, "SS": 4, "HS": 5}


class ItemChange(NamedTuple):
    """項目の変更 — item number, its official name ("" where no layout names it), and both texts."""

    number: int
    term: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RecordChange:
    """レコードの変更 — one record added (``before`` None), removed (``after`` None) or changed."""

    before: Record | None
    after: Record | None
    items: tuple[ItemChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptChange:
    """レセプトの変更 — one receipt added, removed or changed, with the points of its main payer."""

    before: Receipt | None
    after: Receipt | None
    records: tuple[RecordChange, ...] = ()

    @property
    def kind(self) -> str:
        """変更の種類 — added, removed or changed."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def points_difference(self) -> int:
        """点数の差 — after less before."""
        return _points(self.after) - _points(self.before)


def _points(receipt: Receipt | None) -> int:
    return 0 if receipt is None else FileTotals(0, 0).plus(receipt).total_points


def content_of(receipt: Receipt) -> tuple[tuple[str, ...], ...]:
    """レセプトの内容 — all its items but where it stands in its file."""
    return tuple(map(_content, receipt.records))


def identities_of(receipt: Receipt, table: FeeTable) -> Iterator[tuple[str, ...]]:
    """照合の鍵 — by which it is matched, the strongest first, "()" where it has none of a kind.

    Of receipts that share a key the first of the one file goes with the first of the other. Month, 入院 or 外来 and
    birthday are part of each.
    """
    header = receipt.header
    month, kind = header.service_month, receipt.type
    setting = "" if kind is None else "in" if kind.is_inpatient else "out"
    born = header.born_on
    common = (
        month.text if month else header.record.value(4),
        setting,
        born.isoformat() if born else header.record.value(7),
    )
    for identity in _IDENTITIES:
        key = identity(receipt, table)
        yield (*common, *key) if key else ()


def compare_receipts(
    before: Iterable[Receipt], after: Iterable[Receipt], table: FeeTable = FeeTable.MEDICAL
) -> Iterator[ReceiptChange]:
    """レセプトの比較 — changes in the order of the file before, then what was added in the order after."""
    olds = list(before)
    news = list(after)
    pairs = _matched(olds, news, table)
    taken = set(pairs.values())
    for at, old in enumerate(olds):
        partner = pairs.get(at)
        if partner is None:
            yield ReceiptChange(old, None)
            continue
        changes = tuple(compare_records(old.records, news[partner].records, table))
        if changes:
            yield ReceiptChange(old, news[partner], changes)
    for at, new in enumerate(news):
        if at not in taken:
            yield ReceiptChange(None, new)


def _matched(olds: list[Receipt], news: list[Receipt], table: FeeTable) -> dict[int, int]:
    pairs: dict[int, int] = {}
    _pair(pairs, list(map(content_of, olds)), list(map(content_of, news)))
    nothing: tuple[tuple[str, ...], ...] = ((),) * len(_IDENTITIES)
    taken = set(pairs.values())
    of_olds = [nothing if at in pairs else (*identities_of(one, table),) for at, one in enumerate(olds)]
    of_news = [nothing if at in taken else (*identities_of(one, table),) for at, one in enumerate(news)]
    for nth in range(len(_IDENTITIES)):
        _pair(pairs, [each[nth] for each in of_olds], [each[nth] for each in of_news])
    return pairs


def _pair(pairs: dict[int, int], olds: Sequence[Hashable], news: Sequence[Hashable]) -> None:
    taken = set(pairs.values())
    waiting: dict[Hashable, list[int]] = defaultdict(list)
    for at in range(len(news) - 1, -1, -1):
        if news[at] and at not in taken:
            waiting[news[at]].append(at)
    for at, key in enumerate(olds):
        if at not in pairs and waiting.get(key):
            pairs[at] = waiting[key].pop()


def _by_search_number(receipt: Receipt, table: FeeTable) -> tuple[str, ...]:
    number = search_number(table, receipt)
    return (number,) if number else ()


def _by_everything(receipt: Receipt, table: FeeTable) -> tuple[str, ...]:
    return (_plain(chart_number(table, receipt)), *_payer(receipt), *_by_name(receipt, table))


def _by_chart(receipt: Receipt, table: FeeTable) -> tuple[str, ...]:
    number = _plain(chart_number(table, receipt))
    return (number,) if number else ()


def _by_payer(receipt: Receipt, table: FeeTable) -> tuple[str, ...]:
    # Twins share birthday, symbol and number; their chart numbers tell them apart.
    return () if _by_chart(receipt, table) else _payer(receipt)


def _payer(receipt: Receipt) -> tuple[str, ...]:
    payer = receipt.insurer
    if payer is not None:
        return ("HO", payer.insurer_number.strip(), _plain(payer.symbol), _plain(payer.number))
    programmes = receipt.programmes
    return ("KO", programmes[0].payer_number, programmes[0].recipient_number) if programmes else ()


def _by_name(receipt: Receipt, table: FeeTable) -> tuple[str, ...]:
    name = _plain(receipt.header.patient_name)
    return (name,) if name else ()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")


_IDENTITIES: tuple[Callable[[Receipt, FeeTable], tuple[str, ...]], ...] = (
    _by_search_number,
    _by_everything,
    _by_chart,
    _by_payer,
    _by_name,
)


def compare_records(
    before: Iterable[Record], after: Iterable[Record], table: FeeTable = FeeTable.MEDICAL
) -> Iterator[RecordChange]:
    """レコードの比較 — equal records fall away wherever they stand; the rest pair by what they are about.

    Records that only moved are no change.
    """
    olds, news = list(before), list(after)
    if list(map(_content, olds)) == list(map(_content, news)):
        return
    old_left = _without(olds, news)
    new_left = _without(news, olds)
    waiting: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in reversed(new_left):
        waiting[_subject(record)].append(record)
    paired: set[int] = set()
    for record in old_left:
        found = waiting[_subject(record)]
        if not found:
            yield RecordChange(record, None)
            continue
        partner = found.pop()
        paired.add(id(partner))
        yield RecordChange(record, partner, tuple(_items(record, partner, table)))
    for record in new_left:
        if id(record) not in paired:
            yield RecordChange(None, record)


def _without(records: list[Record], others: list[Record]) -> list[Record]:
    spare = Counter(_content(record) for record in others)
    left: list[Record] = []
    for record in records:
        content = _content(record)
        if spare[content]:
            spare[content] -= 1
        else:
            left.append(record)
    return left


def _content(record: Record) -> tuple[str, ...]:
    skipped = _POSITION.get(record.id)
    values = record.values
    return values if skipped is None else (*values[: skipped - 1], *values[skipped:])


def _subject(record: Record) -> tuple[str, str]:
    number = _SUBJECT.get(record.id)
    return record.id, record.value(number) if number else ""


def _items(before: Record, after: Record, table: FeeTable) -> Iterator[ItemChange]:
    skipped = _POSITION.get(before.id)
    for number in range(1, max(len(before.values), len(after.values)) + 1):
        old, new = before.value(number), after.value(number)
        if old == new or number == skipped:
            continue
        yield ItemChange(number, item_name(table, before.id, number), old, new)
