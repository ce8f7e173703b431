# SPDX-License-Identifier: Apache-2.0
"""The table checks once more, as joins of Polars frames: the oracle the calculation is held against.

Written from what the tables mean, not from the passes: a line is denied when *any* row that speaks of it denies
it. A round holds the n-th visit of every month at once; what a round grants is history to the next. It knows
conditions (setting, kind, beds, age, insurance, standards), counts, exclusions and inclusions, for visits
whose orders are single acts done once. It answers which codes stand and by which table each other code fell.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from tasuki.facility.institution import InstitutionKind
from tasuki.masters.rows import InclusionUnit, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tasuki.chart.visit import Visit
    from tasuki.facility.institution import Institution
    from tasuki.masters.book import Book
    from tasuki.masters.rows import Exclusion

# 生活習慣病管理料: on another day what they contain depends on the disease, which no table tells.
BY_DISEASE = ("113041710", "113041810", "113041910", "113707110", "113707210")
WEEK, FORTNIGHT = 7, 14
MONTHS = {"131": 1, "143": 2, "144": 3, "145": 4, "146": 6, "147": 12, "161": 24, "148": 60}
BEDS = {
    "1": ("beds", 0, 99), "2": ("beds", 100, 199), "3": ("beds", 0, 199), "4": ("beds", 200, 9999),
    "5": ("general", 0, 199), "6": ("general", 200, 9999), "7": ("beds", 0, 399), "8": ("beds", 400, 9999),
}  # fmt: skip


@dataclass(frozen=True)
class Month:
    """The visits of one person at one institution in the order of their days."""

    institution: Institution
    visits: tuple[Visit, ...]


class Tables:
    """The tables of a book as frames."""

    def __init__(self, book: Book, codes: Iterable[str]) -> None:
        wanted = frozenset(codes)
        self.acts = pl.DataFrame(
            [
                {
                    "code": row.code, "since": row.validity.since, "until": row.validity.until or date.max,
                    "setting": row.setting, "facility_kind": row.facility_kind, "beds_kind": row.beds_kind,
                    "age_from": row.age_from, "age_to": row.age_to, "elderly": row.elderly,
                    "standards": list(row.standards), "nominal": int(row.points) if row.points_kind in (3, 8) else 0,
                }
                for code in sorted(wanted)
                for row in book.acts.get(code, ())
            ],
            schema_overrides={"standards": pl.List(pl.String), "nominal": pl.Int64},
        )  # fmt: skip
        self.stands_for = _frame(
            {"wanted": str, "filed": str},
            [
                {"wanted": wanted_code, "filed": filed}
                for wanted_code, members in dict(book.standard_members).items()
                for filed in members
            ],
        )
        self.limits = _frame(
            {"code": str, "unit": str, "most": int, "is_special": bool, "since": date, "until": date},
            [
                {"code": each.code, "unit": each.unit_code, "most": each.count, "is_special": each.is_special, **_days(each)}
                for code in sorted(wanted)
                for each in book.limits.get(code, ())
            ],
        )  # fmt: skip
        self.pairs = _frame(
            {"code": str, "other": str, "window": int, "keep": int, "is_special": bool, "since": date, "until": date},
            [
                {"code": each.code, "other": each.other, "window": int(each.window), "keep": each.keep,
                 "is_special": each.is_special, **_days(each)}
                for code in sorted(wanted)
                for each in book.exclusions.get(code, ())
                if each.other in wanted and not _is_scope_and_photograph(book, each)
            ],
        )  # fmt: skip
        self.contains = _frame(
            {"parent": str, "code": str, "unit": int, "is_special": bool, "since": date, "until": date},
            [
                {"parent": code, "code": member.code, "unit": int(group.unit), "is_special": member.is_special,
                 "since": max(group.validity.since, member.validity.since),
                 "until": min(group.validity.until or date.max, member.validity.until or date.max)}
                for code in sorted(wanted)
                for group in book.parents.get(code, ())
                for member in book.members.get(group.group, ())
                if member.code in wanted
            ],
        )  # fmt: skip


def _is_scope_and_photograph(book: Book, pair: Exclusion) -> bool:
    """A scope and a photograph at one time, ordered apart as all of ours are: only a human can say (通知 内視鏡検査(12))."""
    chapters = {book.acts[code][0].chapter for code in (pair.code, pair.other)}
    return pair.window is Window.SAME_TIME and chapters == {"D", "E"}


def _frame(columns: dict[str, type], rows: list[dict[str, Any]]) -> pl.DataFrame:
    kinds = {str: pl.String, int: pl.Int64, bool: pl.Boolean, date: pl.Date}
    return pl.DataFrame(rows, schema={name: kinds[kind] for name, kind in columns.items()})


def _days(row: Any) -> dict[str, date]:
    return {"since": row.validity.since, "until": row.validity.until or date.max}


def _on_day(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("day").is_between(pl.col("since"), pl.col("until"))).drop("since", "until")


def twin_months(months: list[Month], book: Book) -> list[list[tuple[list[str], list[tuple[str, str]]]]]:
    """For each visit of each month: the codes that stand, and each code that fell with the table it fell by."""
    codes = {
        item.code
        for month in months
        for visit in month.visits
        for order in visit.orders
        for item in order.items
    }
    tables = Tables(book, codes)
    history = _frame({"month": int, "code": str, "past": date}, [])
    answers: list[list[tuple[list[str], list[tuple[str, str]]]]] = [[] for _ in months]
    for turn in range(max(len(month.visits) for month in months)):
        present = [(number, month) for number, month in enumerate(months) if turn < len(month.visits)]
        stands, fell = _round(tables, present, turn, history)
        days = pl.DataFrame(
            [{"month": number, "past": month.visits[turn].day} for number, month in present],
            schema={"month": pl.Int64, "past": pl.Date},
        )
        history = pl.concat(
            [history, stands.select("month", "code").join(days, on="month").select(history.columns)]
        )
        standing = stands.group_by("month").agg(pl.col("code").sort()).rows_by_key("month", unique=True)
        falling = fell.group_by("month").agg(pl.struct("code", "by").sort()).rows_by_key("month", unique=True)
        for number, _ in present:
            lost = [(each["code"], each["by"]) for each in falling.get(number, ([],))[0]]
            answers[number].append((list(standing.get(number, ([],))[0]), lost))
    return answers


def _round(
    tables: Tables, present: list[tuple[int, Month]], turn: int, history: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    lines, filed = _lines(present, turn)
    lines = _on_day(lines.join(tables.acts, on="code")).with_row_index("line")
    fell: list[pl.DataFrame] = []

    def take_away(by: str, lost: pl.DataFrame) -> None:
        nonlocal lines
        gone = lines.join(
            lost.select("line", *(["by"] if "by" in lost.columns else [])).unique("line"), on="line"
        )
        fell.append(gone.select("month", "code", "by" if "by" in gone.columns else pl.lit(by).alias("by")))
        lines = lines.join(lost.select("line").unique(), on="line", how="anti")

    take_away("", _unfit(lines, filed, tables))
    take_away("table/limit", _too_many(lines, tables, history))
    contained = _contained(lines, tables, history)
    take_away("table/exclusion", _excluded(lines, contained, tables, history))
    contained = _contained(lines, tables, history)
    firm = contained.filter(~pl.col("is_doubtful"))
    again = firm.select("month").unique()
    take_away(
        "table/inclusion", lines.join(firm.select("month", "code").unique(), on=["month", "code"], how="semi")
    )
    rest = lines.join(again, on="month", how="semi")
    take_away("table/exclusion", _excluded(rest, _contained(rest, tables, history), tables, history))
    return lines, pl.concat(fell)


def _lines(present: list[tuple[int, Month]], turn: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    lines, filed = [], []
    for number, month in present:
        visit, clinic = month.visits[turn], month.institution
        insurance = visit.coverage.insurance
        shared = {
            "month": number, "day": visit.day, "born": visit.person.born, "beds": clinic.beds,
            "general": clinic.general_bed_count,
            "facility": "1" if clinic.kind is InstitutionKind.HOSPITAL else "2",
            "is_late": insurance is not None and insurance.kind.value == "late_elderly",
        }  # fmt: skip
        for order in sorted(visit.orders, key=lambda order: order.id):
            lines.append({**shared, "order": order.id, "code": order.items[0].code})
        filed.extend({"month": number, "filed": code} for code in clinic.standards_on(visit.day))
    kinds = {"month": int, "day": date, "born": date, "beds": int, "general": int, "facility": str, "is_late": bool, "order": str, "code": str}  # fmt: skip
    return _frame(kinds, lines), _frame({"month": int, "filed": str}, filed)


def _unfit(lines: pl.DataFrame, filed: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """The first condition of its own row that a line fails, in the order of the columns of the master."""
    beds = pl.lit(True)
    for kind, (of, least, most) in BEDS.items():
        beds = beds & ((pl.col("beds_kind") != kind) | pl.col(of).is_between(least, most))
    missing = _lines_without_standard(lines, filed, tables)
    is_missing = pl.col("line").is_in(missing["line"].implode())
    by = (
        pl.when(pl.col("code").str.contains("^10[12]")).then(pl.lit("table/payer"))
        .when(pl.col("setting") == "1").then(pl.lit("table/setting"))
        .when(pl.col("facility_kind").is_in(["1", "2"]) & (pl.col("facility_kind") != pl.col("facility")))
        .then(pl.lit("table/facility_kind"))
        .when(~beds).then(pl.lit("table/beds"))
        .when(~(_reached("age_from") | ~_limits("age_from")) | (_limits("age_to") & _reached("age_to")))
        .then(pl.lit("table/age"))
        .when((pl.col("elderly") != "0") & (pl.col("is_late") != (pl.col("elderly") == "2")))
        .then(pl.lit("table/elderly"))
        .when(is_missing).then(pl.lit("table/standard"))
    )  # fmt: skip
    return lines.with_columns(by.alias("by")).filter(pl.col("by").is_not_null())


def _limits(column: str) -> pl.Expr:
    return ~pl.col(column).is_in(["00", "0", ""])


def _reached(column: str) -> pl.Expr:
    """Whether the age of a column was reached on the day."""
    day, born = pl.col("day"), pl.col("born")
    number = pl.col(column).cast(pl.Int64, strict=False)
    calendar = (
        day.dt.month().cast(pl.Int64) * 100 + day.dt.day()
        < born.dt.month().cast(pl.Int64) * 100 + born.dt.day()
    )
    years = day.dt.year().cast(pl.Int64) - born.dt.year() - calendar.cast(pl.Int64)
    after = pl.col(column).replace_strict(
        {"B3": 3, "B6": 6, "BF": 15, "BK": 20}, default=None, return_dtype=pl.Int64
    )
    months = born.dt.year().cast(pl.Int64) * 12 + born.dt.month() + 12 * after
    today = day.dt.year().cast(pl.Int64) * 12 + day.dt.month() - 1
    # School begins on 1 April after the day before the sixth birthday.
    eve = born.dt.offset_by("-1d")
    school = eve.dt.year().cast(pl.Int64) + 6 + (eve.dt.month() > 3).cast(pl.Int64)
    is_school = (day.dt.year() > school) | ((day.dt.year() == school) & (day.dt.month() >= 4))
    return (
        pl.when(pl.col(column) == "AA").then((day - born).dt.total_days() >= 28)
        .when(pl.col(column) == "AE").then((day - born).dt.total_days() >= 90)
        .when(after.is_not_null()).then(today >= months)
        .when(pl.col(column) == "MG").then(is_school)
        .otherwise(years >= number)
    )  # fmt: skip


def _lines_without_standard(lines: pl.DataFrame, filed: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Places 1-6 are alternatives, places 7-9 are alternatives, place 10 stands alone: all three must hold."""
    places = pl.int_ranges(0, pl.col("standards").list.len())
    asked = (
        lines.select("line", "month", "standards").with_columns(places.alias("place"))
        .explode("standards", "place")
        .filter(~pl.col("standards").is_in(["0", ""]))
        .with_columns(pl.when(pl.col("place") < 6).then(1).when(pl.col("place") < 9).then(2).otherwise(3).alias("group"))
    )  # fmt: skip
    direct = asked.join(filed, left_on=["month", "standards"], right_on=["month", "filed"], how="semi")
    members = asked.join(tables.stands_for, left_on="standards", right_on="wanted")
    shared = members.join(filed, on=["month", "filed"], how="semi").select(asked.columns)
    held = pl.concat([direct, shared]).select("line", "group").unique()
    return asked.select("line", "group").unique().join(held, on=["line", "group"], how="anti")


def _too_many(lines: pl.DataFrame, tables: Tables, history: pl.DataFrame) -> pl.DataFrame:
    """Lines beyond a limit that is not special: billed before in its window, or earlier in the visit."""
    day = pl.col("day")
    first = day.dt.month_start()
    window = pl.when(pl.col("unit") == "121").then(day)
    window = window.when(pl.col("unit") == "138").then(
        day - pl.duration(days=day.dt.weekday().cast(pl.Int64) % WEEK)
    )
    window = window.when(pl.col("unit") == "142").then(day - pl.duration(days=FORTNIGHT - 1))
    april = pl.date(day.dt.year() - (day.dt.month() < 4).cast(pl.Int32), 4, 1)
    window = window.when(pl.col("unit") == "162").then(april)
    for unit, months in MONTHS.items():
        window = window.when(pl.col("unit") == unit).then(first.dt.offset_by(f"-{months - 1}mo"))
    numbered = lines.sort("month", "order").with_columns(
        pl.col("line").cum_count().over("month", "code").cast(pl.Int64).alias("number")
    )
    asked = _on_day(numbered.drop("since", "until", strict=False).join(tables.limits, on="code"))
    asked = (
        asked.filter(~pl.col("is_special"))
        .with_columns(window.alias("from"))
        .filter(pl.col("from").is_not_null())
    )
    past = (
        asked.join(history, on=["month", "code"])
        .filter(pl.col("past").is_between(pl.col("from"), pl.col("day")))
        .group_by("line", "unit").agg(pl.len().cast(pl.Int64).alias("used"))
    )  # fmt: skip
    told = asked.join(past, on=["line", "unit"], how="left").with_columns(pl.col("used").fill_null(0))
    return told.filter(pl.col("used") + pl.col("number") > pl.col("most"))


def _past_within(frame: pl.DataFrame, history: pl.DataFrame, of: str, window: pl.Expr) -> pl.DataFrame:
    """Rows whose code ``of`` was billed on a past day of the window."""
    return frame.join(history, left_on=["month", of], right_on=["month", "code"]).filter(window)


def _same_month() -> pl.Expr:
    return (pl.col("past").dt.year() == pl.col("day").dt.year()) & (
        pl.col("past").dt.month() == pl.col("day").dt.month()
    )


def _contained(lines: pl.DataFrame, tables: Tables, history: pl.DataFrame) -> pl.DataFrame:
    """Every standing code that something contains, with whether only a human can say so."""
    codes = lines.select("month", "day", "code").unique()
    today = _on_day(codes.join(tables.contains, on="code"))
    standing = codes.select("month", pl.col("code").alias("parent"))
    now = today.join(standing, on=["month", "parent"], how="semi").filter(pl.col("code") != pl.col("parent"))
    # Before an operation: the first of each test alone, and of its own day only what came before it.
    operation = pl.col("unit") == int(InclusionUnit.WEEK_BEFORE_OPERATION)
    week = (pl.col("day") - pl.col("past")).dt.total_days().is_between(0, WEEK)
    second = (
        _past_within(now.filter(operation), history, "code", week).select("month", "code", "parent").unique()
    )
    now = now.join(
        second.with_columns(unit=pl.lit(int(InclusionUnit.WEEK_BEFORE_OPERATION))),
        on=["month", "code", "parent", "unit"],
        how="anti",
    )
    # A parent that another parent contains, which it does not contain in turn, contains nothing.
    links = now.select("month", "parent", "code").unique()
    turned = links.select("month", pl.col("code").alias("parent"), pl.col("parent").alias("code"))
    parents = links.select("month", pl.col("parent").alias("code")).unique()
    lost = links.join(turned, on=["month", "parent", "code"], how="anti").join(
        parents, on=["month", "code"], how="semi"
    )
    kept = now.join(lost.select("month", pl.col("code").alias("parent")), on=["month", "parent"], how="anti")
    day, past = pl.col("day"), pl.col("past")
    window = (
        pl.when(pl.col("unit") == int(InclusionUnit.DAY)).then(past == day)
        .when(pl.col("unit") == int(InclusionUnit.MONTH)).then(_same_month())
        .otherwise(pl.lit(False))
    )  # fmt: skip
    before = _past_within(today.filter(pl.col("code") != pl.col("parent")), history, "parent", window)
    doubtful = pl.col("is_special") | pl.col("parent").is_in(BY_DISEASE) & (
        past.max().over("month", "parent") != day
    )
    return pl.concat(
        [
            kept.select("month", "code", (pl.col("is_special") | operation).alias("is_doubtful")),
            before.select("month", "code", doubtful.alias("is_doubtful")),
        ]
    )


def _excluded(
    lines: pl.DataFrame, contained: pl.DataFrame, tables: Tables, history: pl.DataFrame
) -> pl.DataFrame:
    """The lines that lose, the certain ones first, until no two that stand exclude each other."""
    points = lines.group_by("month", "day", "code").agg(pl.col("nominal").max())
    firm = contained.filter(~pl.col("is_doubtful"))
    points = points.join(firm.select("month", "code").unique(), on=["month", "code"], how="anti")
    gone = _frame({"month": int, "code": str}, [])
    while True:
        standing = points.join(gone, on=["month", "code"], how="anti")
        clashes = _clashes(standing, tables, history)
        if clashes.is_empty():
            return lines.join(gone.unique(), on=["month", "code"], how="semi")
        losers = clashes.select("month", pl.col("code").alias("other")).unique()
        open_ones = clashes.filter(~pl.col("is_past")).join(losers, on=["month", "other"], how="semi")
        firm = clashes.join(open_ones, on=["month", "code", "other", "is_past"], how="anti")
        unsettled = clashes.join(firm.select("month").unique(), on="month", how="anti")
        least = unsettled.sort("month", "nominal", "code").unique("month", keep="first")
        gone = pl.concat([gone, firm.select("month", "code"), least.select("month", "code")]).unique()


def _clashes(standing: pl.DataFrame, tables: Tables, history: pl.DataFrame) -> pl.DataFrame:
    rows = _on_day(standing.join(tables.pairs, on="code")).filter(~pl.col("is_special"))
    day, past = pl.col("day"), pl.col("past")
    window = (
        pl.when(pl.col("window") == int(Window.DAY)).then(past == day)
        .when(pl.col("window") == int(Window.MONTH)).then(_same_month())
        .when(pl.col("window") == int(Window.WEEK)).then((day - past).dt.total_days().is_between(0, WEEK - 1))
        .otherwise(pl.lit(False))
    )  # fmt: skip
    before = _past_within(rows, history, "other", window).select(rows.columns).unique()
    lost_before = before.filter(pl.col("keep").is_in([2, 3])).with_columns(pl.lit(True).alias("is_past"))
    rest = rows.join(before, on=["month", "code", "other", "window"], how="anti")
    others = standing.select("month", pl.col("code").alias("other"), pl.col("nominal").alias("others"))
    both = rest.join(others, on=["month", "other"])
    is_less = (pl.col("nominal") < pl.col("others")) | (
        (pl.col("nominal") == pl.col("others")) & (pl.col("other") < pl.col("code"))
    )
    lost_now = both.filter((pl.col("keep") == 2) | ((pl.col("keep") == 3) & is_less))
    lost_now = lost_now.with_columns(pl.lit(False).alias("is_past"))
    columns = ["month", "code", "other", "nominal", "is_past"]
    return pl.concat([lost_before.select(columns), lost_now.select(columns)]).unique()
