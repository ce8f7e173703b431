# SPDX-License-Identifier: Apache-2.0
"""植える誤り — kinds of errors: what each changes in a faultless receipt, and the finding it must bring.

Kinds of form are a table of one change each. Kinds of 電子点数表 add acts that a row of the table forbids; the row
is chosen from the Book, so that they exist with any masters that have such a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.claims.generate.receipts import Items, MadeReceipt, act_line
from tasuki.claims.tables.masters import EXCLUSION, INCLUSION

if TYPE_CHECKING:
    from random import Random

    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.tables.masters import Limit, Pair


class Change(NamedTuple):
    """書換え — an item of a record (the first of its kind) set to a text, and the finding expected."""

    name: str
    record_id: str
    number: int
    text: str
    expected: str


FORM_KINDS = (
    Change("レセプト種別が別表にない", "RE", 3, "1199", "UKE-L2-2150"),
    Change("診療年月がない月", "RE", 4, "202600", "UKE-L2-2160"),
    Change("診療年月が請求年月と同じ", "RE", 4, "=claim", "UKE-L2-2159"),
    Change("氏名が空", "RE", 5, "", "UKE-L3-3001"),
    Change("男女区分が3", "RE", 6, "3", "UKE-L3-3133"),
    Change("生年月日がない日", "RE", 7, "19800231", "UKE-L3-3145"),
    Change("生年月日が診療年月より後", "RE", 7, "20991231", "UKE-L3-3135"),
    Change("入院年月日がない日", "RE", 9, "20260231", "UKE-L3-3021"),
    Change("入院年月日が診療年月より後", "RE", 9, "20991231", "UKE-L3-3022"),
    Change("病棟区分が奇数桁", "RE", 10, "070", "UKE-L2-2166"),
    Change("病棟区分が別表にない", "RE", 10, "09", "UKE-L3-3119"),
    Change("特記事項が奇数桁", "RE", 12, "296", "UKE-L2-2165"),
    Change("特記事項の長が二つ", "RE", 12, "0216", "UKE-L3-3106"),
    Change("所得区分が二つ", "RE", 12, "2630", "UKE-L3-3128"),
    Change("廃止された特記事項", "RE", 12, "15", "UKE-L3-3118"),
    Change("病床数が数字でない", "RE", 13, "A", "UKE-L2-2543"),
    Change("レセプト番号が数字でない", "RE", 2, "A", "UKE-L2-2543"),
    Change("被保険者証の番号が空", "HO", 4, "", "UKE-L2-2162"),
    Change("記号の途中に空白", "HO", 3, "123 4567", "UKE-L2-2163"),
    Change("番号の途中に空白", "HO", 4, "1 2", "UKE-L2-2164"),
    Change("番号に数字がない", "HO", 4, "ア", "UKE-L3-3146"),
    Change("保険者番号が7桁", "HO", 2, " 1130012", "UKE-L2-2167"),
    Change("診療実日数が空", "HO", 5, "", "UKE-L3-3031"),
    Change("診療実日数が月を超える", "HO", 5, "32", "UKE-L3-3201"),
    Change("合計点数が明細と違う", "HO", 6, "1", "UKE-L4-4501"),
    Change("食事回数が月の3倍を超える", "HO", 8, "99", "UKE-L3-3531"),
    Change("職務上の事由が別表にない", "HO", 10, "9", "UKE-L3-3116"),
    Change("減免区分が別表にない", "HO", 13, "9", "UKE-L3-3520"),
    Change("減額割合に減免区分がない", "HO", 14, "50", "UKE-L3-3514"),
    Change("減額金額に減免区分がない", "HO", 15, "500", "UKE-L3-3515"),
    Change("傷病名の開始日がない日", "SY", 3, "20260231", "UKE-L3-3207"),
    Change("傷病名の開始日が診療年月より後", "SY", 3, "20991231", "UKE-L3-3206"),
    Change("転帰区分が9", "SY", 4, "9", "UKE-L3-3208"),
    Change("修飾語が4桁でない", "SY", 5, "80021", "UKE-L2-2168"),
    Change("未コード化傷病名に名称がない", "SY", 2, "0000999", "UKE-L3-3209"),
    Change("主傷病が01でない", "SY", 7, "02", "UKE-L3-3220"),
    Change("傷病名コードが数字でない", "SY", 2, "88334A1", "UKE-L2-2543"),
    Change("診療識別が外来で使えない", "SI", 2, "90", "UKE-L2-2303"),
    Change("診療識別が別表にない", "SI", 2, "77", "UKE-L2-2303"),
    Change("負担区分が別表にない", "SI", 3, "8", "UKE-L2-2302"),
    Change("負担区分がいない公費を指す", "SI", 3, "2", "UKE-L2-2302"),
    Change("コードの先頭が2", "SI", 4, "211000110", "UKE-L2-2304"),
    Change("点数が0", "SI", 6, "0", "UKE-L4-4501"),
    Change("回数が空", "SI", 7, "", "UKE-L2-2311"),
    Change("回数が算定日の計と違う", "SI", 7, "31", "UKE-L2-2315"),
    Change("コメントコードの先頭が1", "SI", 8, "110000001", "UKE-L2-2307"),
    Change("コメントコードのない文字", "SI", 9, "架空", "UKE-L2-2388"),
    Change("回数が4桁", "SI", 7, "1000", "UKE-L2-2539"),
    Change("窓口負担額区分が3桁", "MF", 2, "000", "UKE-L2-2539"),
    Change("資格確認の負担者種別が2桁", "SN", 2, "12", "UKE-L2-2539"),
)  # fmt: skip

# Whole records taken away, doubled, or cut short.
WITHOUT, TWICE, SHORT = "ない", "二度ある", "項目が足りない"
RECORD_KINDS = (
    ("HO", TWICE, "UKE-L2-2547"), ("SY", WITHOUT, "UKE-L2-2554"), ("HO", WITHOUT, "UKE-L2-2552-1"),
    ("RE", SHORT, "UKE-L2-2542"), ("HO", SHORT, "UKE-L2-2542"), ("SY", SHORT, "UKE-L2-2542"),
    ("SI", SHORT, "UKE-L2-2542"),
)  # fmt: skip

# 電子点数表: kind, window or span, whether 特例, and the finding.
TABLE_KINDS = (
    ("背反（1日）", EXCLUSION, 1, 0, "UKE-T-11"), ("背反（同一月）", EXCLUSION, 2, 0, "UKE-T-12"),
    ("背反（同時）", EXCLUSION, 3, 0, "UKE-T-13"), ("背反（1週）", EXCLUSION, 4, 0, "UKE-T-14"),
    ("背反（同一月、特例）", EXCLUSION, 2, 1, "UKE-T-12"), ("包括（1日）", INCLUSION, 1, 0, "UKE-T-21"),
    ("包括（同一月）", INCLUSION, 2, 0, "UKE-T-22"), ("包括（同時）", INCLUSION, 3, 0, "UKE-T-23"),
    ("回数（日）", 3, 1, 0, "UKE-T-31"), ("回数（週）", 3, 2, 0, "UKE-T-33"), ("回数（2週）", 3, 3, 0, "UKE-T-34"),
    ("回数（月）", 3, 4, 0, "UKE-T-32"), ("回数（月、特例）", 3, 4, 1, "UKE-T-32"),
    ("回数（患者当り・初回）", 3, 6, 0, "UKE-T-37"),
)  # fmt: skip


class Kind(NamedTuple):
    """誤りの種類 — its name and the finding it must bring."""

    name: str
    expected: str


KINDS: tuple[Kind, ...] = (
    *(Kind(each.name, each.expected) for each in FORM_KINDS),
    *(Kind(f"{record}が{what}", expected) for record, what, expected in RECORD_KINDS),
    *(Kind(name, expected) for name, *_, expected in TABLE_KINDS),
)


def plant(
    random: Random, pool: Pool, receipt: MadeReceipt, kind: Kind, claim_month: str
) -> tuple[str, ...] | None:
    """誤りを植える — changes the receipt; gives the codes added, or None where the masters know no such row."""
    for change in FORM_KINDS:
        if change.name == kind.name:
            text = claim_month if change.text == "=claim" else change.text
            receipt.of(change.record_id)[0][change.number - 1] = text
            return ()
    for record_id, what, _ in RECORD_KINDS:
        if kind.name == f"{record_id}が{what}":
            _change_record(receipt, record_id, what)
            return ()
    _, family, window, is_special, _ = next(row for row in TABLE_KINDS if row[0] == kind.name)
    if family == 3:
        return _over_limit(random, pool, receipt, window, is_special)
    return _forbidden_pair(random, pool, receipt, (family, window, is_special))


def _change_record(receipt: MadeReceipt, record_id: str, what: str) -> None:
    found = receipt.of(record_id)
    if what == WITHOUT:
        receipt.records[:] = [row for row in receipt.records if row[0] != record_id]
    elif what == TWICE:
        receipt.records.insert(receipt.records.index(found[0]), list(found[0]))
    else:
        found[0].pop()


def _forbidden_pair(
    random: Random, pool: Pool, receipt: MadeReceipt, wanted: tuple[int, int, int]
) -> tuple[str, ...] | None:
    pairs = [
        row for row in pool.pairs if (row.kind, row.win, row.is_special) == wanted and _is_single(pool, row)
    ]
    if not pairs:
        return None
    pair: Pair = random.choice(pairs[:400])
    day = receipt.visit_days[0]
    codes = (str(pair.code), str(pair.other))
    for code in codes:
        _add(receipt, act_line("80", code, pool.points[int(code)], {day: 1}))
    receipt.close()
    return codes


def _is_single(pool: Pool, pair: Pair) -> bool:
    """Whether nothing but this row speaks about the two codes, so that the finding is the one expected."""
    return len(_rows_between(pool).get(frozenset((pair.code, pair.other)), ())) == 1


_BETWEEN: dict[int, dict[frozenset[int], list[int]]] = {}


def _rows_between(pool: Pool) -> dict[frozenset[int], list[int]]:
    found = _BETWEEN.get(id(pool.pairs))
    if found is None:
        found = {}
        for pair in pool.pairs:
            found.setdefault(frozenset((pair.code, pair.other)), []).append(pair.row_no)
        _BETWEEN.clear()
        _BETWEEN[id(pool.pairs)] = found
    return found


def _over_limit(
    random: Random, pool: Pool, receipt: MadeReceipt, span: int, is_special: int
) -> tuple[str, ...] | None:
    limits = [
        row for row in pool.limits if row.span == span and row.is_special == is_special and row.most < 9 and row.months < 2
    ]  # fmt: skip
    if not limits:
        return None
    limit: Limit = random.choice(limits)
    code, day = str(limit.code), receipt.visit_days[0]
    _add(receipt, act_line("80", code, pool.points[limit.code], {day: limit.most + 1}))
    receipt.close()
    return (code,)


def _add(receipt: MadeReceipt, line: Items) -> None:
    receipt.records.append(line)
