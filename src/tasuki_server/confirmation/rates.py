# SPDX-License-Identifier: Apache-2.0
"""マイナ保険証利用率 — by month, as this institution counts it, beside what the law's rate is made of.

レセプト件数ベース is the number of people who used the card in a month over the number of receipts of that month. The one
that counts for a fee is reported by 支払基金: for a month, that of three months before, or of the two months before that.
Until the receipts of a month are made, people seen under health insurance are counted in their place, and this is told.

Cite: 疑義解釈資料（その24）令和7年4月25日 問1; 施設基準告示 第三の三の七（電子的診療情報連携体制整備加算 十分な実績）; 社会保障審議会医療保険部会
令和7年12月18日 資料2（レセプト件数ベース利用率）
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncMonth

from tasuki.kernel.days import months_before
from tasuki_server.claims.models import BuiltClaim, ClaimBuild
from tasuki_server.confirmation.models import ONLINE, Confirmation, Method
from tasuki_server.reception.models import Visit, VisitState

# 電子的診療情報連携体制整備加算: 十分な実績, as the explanation of the revision of 2026 gives it.
WANTED_PERCENT = 30
# 算定月の3月前、またはその前月・前々月.
MONTHS_BEFORE = (3, 4, 5)
COLUMNS = (
    "診療月", "マイナ保険証の利用人数", "レセプト件数", "レセプト件数の出どころ", "利用率（レセプト件数ベース）%",
    "マイナ保険証の確認件数", "オンライン資格確認の件数", "利用率（資格確認件数ベース）%",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthRate:
    """一月の利用率 — people, receipts and checks; a rate without a denominator is None."""

    month: date
    card_people: int
    receipts: int
    is_from_claims: bool
    card_checks: int
    checks: int

    @property
    def by_receipts(self) -> float | None:
        """レセプト件数ベース — in percent, one place after the point, cut off."""
        return _percent(self.card_people, self.receipts)

    @property
    def by_checks(self) -> float | None:
        """オンライン資格確認件数ベース — in percent."""
        return _percent(self.card_checks, self.checks)

    @property
    def is_enough(self) -> bool:
        """30％以上か."""
        return self.by_receipts is not None and self.by_receipts >= WANTED_PERCENT


def _percent(part: int, whole: int) -> float | None:
    return part * 1000 // whole / 10 if whole else None


def month_rates(until: date, count: int) -> list[MonthRate]:
    """月ごとの利用率 — the newest month first."""
    months = [months_before(until, back + 1) for back in range(count)]
    since = months[-1]
    online = Confirmation.objects.filter(day__gte=since, method__in=ONLINE, answer__isnull=False)
    by_month = online.annotate(month=TruncMonth("day")).values("month")
    checks = dict(by_month.annotate(n=Count("answer", distinct=True)).values_list("month", "n"))
    by_card = by_month.filter(method=Method.CARD)
    cards = dict(by_card.annotate(n=Count("answer", distinct=True)).values_list("month", "n"))
    people = dict(by_card.annotate(n=Count("patient", distinct=True)).values_list("month", "n"))
    receipts = _receipts(months)
    return [
        MonthRate(
            month,
            people.get(month, 0),
            receipts[month][0],
            receipts[month][1],
            cards.get(month, 0),
            checks.get(month, 0),
        )
        for month in months
    ]


def _receipts(months: Sequence[date]) -> dict[date, tuple[int, bool]]:
    """Receipts of the newest making of each month, else people seen under health insurance."""
    builds = ClaimBuild.objects.filter(month__in=months).order_by("month", "number")
    newest = dict(builds.values_list("month", "id"))
    built = BuiltClaim.objects.filter(build__in=newest.values(), is_left_out=False)
    made = dict(built.values_list("build__month").annotate(n=Count("id")))
    visits = Visit.objects.filter(day__gte=months[-1], insurance_record__isnull=False).exclude(
        state=VisitState.CANCELLED
    )
    seen = dict(
        visits.annotate(month=TruncMonth("day"))
        .values("month")
        .annotate(n=Count("patient", distinct=True))
        .values_list("month", "n")
    )
    return {month: (made[month], True) if month in made else (seen.get(month, 0), False) for month in months}


def usable_months(day: date) -> list[date]:
    """算定に使える月 — for a month in which a fee is claimed."""
    return [months_before(day, back + 1) for back in MONTHS_BEFORE]


def rates_csv(rates: Sequence[MonthRate]) -> str:
    """利用率のCSV — one row a month, with a mark for spreadsheets."""
    lines = [",".join(COLUMNS)]
    for each in rates:
        source = "作成したレセプト" if each.is_from_claims else "受診した人数（レセプト作成前）"
        values = (
            f"{each.month:%Y-%m}", each.card_people, each.receipts, source, _text(each.by_receipts),
            each.card_checks, each.checks, _text(each.by_checks),
        )  # fmt: skip
        lines.append(",".join(str(value) for value in values))
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def _text(rate: float | None) -> str:
    return "" if rate is None else f"{rate:.1f}"
