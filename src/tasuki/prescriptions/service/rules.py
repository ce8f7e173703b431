# SPDX-License-Identifier: Apache-2.0
"""期間の規則 — how long a prescription can be used, read and kept, and what may be registered since when.

Cite: 保険医療機関及び保険医療養担当規則 第20条第3号ロ・ハ・第23条; 電子処方箋管理サービスの運用について; マイナポータルAPI仕様;
電子処方箋等検討ワーキンググループ 第2回 (2023-09-27) 資料1 (猶予を含め5年3か月、経過後は一律削除)
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from tasuki.kernel.validity import Validity

SERVICE_SINCE = date(2023, 1, 26)


class DatedNumber(NamedTuple):
    """期日のある数 — a number of the rules and the days it holds."""

    value: int
    validity: Validity


# 使用期間: four days, the day of issue among them, unless the prescription names another.
USABLE_DAYS = (DatedNumber(4, Validity(SERVICE_SINCE, None)),)
# 閲覧期間: information can be read for about a hundred days.
READABLE_DAYS = (DatedNumber(100, Validity(SERVICE_SINCE, None)),)
# 調剤済み処方箋の保存サービス: five years from the dispensing, three months of grace, put there within a hundred days.
STORED_YEARS = (DatedNumber(5, Validity(date(2024, 3, 1), None)),)
STORED_GRACE_MONTHS = (DatedNumber(3, Validity(date(2024, 3, 1), None)),)
STORABLE_DAYS = (DatedNumber(100, Validity(date(2024, 3, 1), None)),)
# リフィル: three uses at most; 分割: three parts at most.
REFILL_ROUNDS = (DatedNumber(3, Validity(date(2022, 4, 1), None)),)
SPLIT_PARTS = (DatedNumber(3, Validity(SERVICE_SINCE, None)),)
# リフィルの2回目以降: seven days before and after the day on which the last supply ends.
REFILL_WINDOW_DAYS = (DatedNumber(7, Validity(date(2022, 4, 1), None)),)
# ダミーコードの禁止（1.5版、令和7年8月）: a drug or material must have a code.
CODES_NEEDED = Validity(date(2025, 8, 1), None)


def number_on(table: tuple[DatedNumber, ...], day: date) -> int:
    """規則の数 — of a day. Raises ``LookupError`` for a day no row holds.

    >>> number_on(READABLE_DAYS, date(2026, 11, 30))
    100
    """
    for each in table:
        if day in each.validity:
            return each.value
    raise LookupError(day)


def usable_until(issued_on: date) -> date:
    """使用期限 — the last day, where the prescription names none.

    >>> usable_until(date(2026, 11, 30))
    datetime.date(2026, 12, 3)
    """
    return issued_on + timedelta(days=number_on(USABLE_DAYS, issued_on) - 1)


def readable_since(today: date) -> date:
    """閲覧できる最初の日 — what was registered before it is no longer told.

    >>> readable_since(date(2026, 11, 30))
    datetime.date(2026, 8, 22)
    """
    return today - timedelta(days=number_on(READABLE_DAYS, today))


def kept_since(today: date) -> date:
    """残す最初の日 — what was registered before it can neither be read nor put into storage any more, and is removed.

    >>> kept_since(date(2026, 11, 30))
    datetime.date(2026, 8, 22)
    """
    return today - timedelta(days=max(number_on(READABLE_DAYS, today), number_on(STORABLE_DAYS, today)))


def checked_since(today: date) -> date:
    """チェックに要る最初の日 — the oldest day of issue that can still be used where nothing longer is named: drugs that had
    ended before meet nothing new. A prescription that names a later last day reaches back to its own issue.

    >>> checked_since(date(2026, 11, 30))
    datetime.date(2026, 11, 27)
    """
    return today - timedelta(days=number_on(USABLE_DAYS, today) - 1)


def refill_window(last_dispensed_on: date, supply_days: int) -> tuple[date, date]:
    """リフィルの次回調剤の期間 — seven days either side of the day the last supply has run out.

    >>> refill_window(date(2026, 11, 1), 28)
    (datetime.date(2026, 11, 22), datetime.date(2026, 12, 6))
    """
    due = last_dispensed_on + timedelta(days=supply_days)
    window = timedelta(days=number_on(REFILL_WINDOW_DAYS, last_dispensed_on))
    return due - window, due + window


def stored_until(dispensed_on: date, today: date) -> date:
    """保存期限 — five years from the dispensing and the months of grace; after that the service has nothing.

    >>> stored_until(date(2026, 11, 30), date(2026, 12, 1))
    datetime.date(2032, 2, 29)
    """
    months = number_on(STORED_YEARS, today) * 12 + number_on(STORED_GRACE_MONTHS, today)
    whole = dispensed_on.year * 12 + dispensed_on.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(dispensed_on.day, monthrange(year, month + 1)[1]))
