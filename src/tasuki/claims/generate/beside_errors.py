# SPDX-License-Identifier: Apache-2.0
"""照合の誤り — what shows only beside other months, pharmacies, prescriptions and the answer of eligibility."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tasuki.claims.generate.beside import Supply, past_receipt
from tasuki.claims.generate.changes import (
    AGAIN,
    SUSPECTED,
    WORKER,
    give,
    make_child,
    missing_disease,
    put_disease,
    today,
)
from tasuki.claims.generate.covers import ELDERLY, WITH_PROGRAMME, WORKING, Shape
from tasuki.claims.generate.lines import act_line, disease_line, drug_line
from tasuki.claims.generate.made_master import (
    GLAUCOMA,
    HEADACHE,
    HYPERTENSION,
    LIPIDS,
    MOST_A_DAY,
    MOST_DAYS,
)
from tasuki.claims.generate.planting import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasuki.claims.generate.beside import Items
    from tasuki.claims.generate.planting import Planting
    from tasuki.claims.tables.masters import Limit

FIRST = Shape(is_first=True)


def _outside(
    at: Planting, code: str, amount: str = "1", days: int = 7, prescribed: dict[str, Any] | None = None
) -> tuple[str, ...]:
    """A pharmacy dispenses a drug, prescribed as it was but for what is named."""
    beside = at.receipt.beside
    # One drug stands once: the same at another amount would explain this one.
    beside.prescribed[:] = [each for each in beside.prescribed if each.code != code]
    beside.dispensed[:] = [each for each in beside.dispensed if each.code != code]
    supply = Supply(code, at.receipt.visit_days[0], amount, days)
    beside.dispensed.append(supply)
    beside.prescribed.append(supply._replace(**(prescribed or {})))
    return (code,)


def _not_prescribed(at: Planting) -> tuple[str, ...]:
    """A drug of an ingredient that was not prescribed: another product of one that was is the same drug."""
    drugs = (*at.pool.drugs, *(each for drugs in at.pool.treatments.values() for each in drugs))
    here = {each.code for each in at.receipt.beside.prescribed}
    ingredients = {each.ingredient for each in drugs if each.code in here}
    code = next(each.code for each in at.pool.drugs if each.ingredient not in ingredients)
    at.receipt.beside.dispensed.append(Supply(code, at.receipt.visit_days[0], "1", 7))
    return (code,)


def _otherwise(prescribed: dict[str, Any], at: Planting) -> tuple[str, ...]:
    here = {each.code for each in at.receipt.beside.prescribed}
    code = next(each.code for each in at.pool.drugs if each.code not in here)
    return _outside(at, code, prescribed=prescribed)


def _treated(
    at: Planting, amount: str = "1", days: int = 7, modifier: str = "", later: int = 0
) -> tuple[str, ...]:
    disease = missing_disease(at)
    put_disease(at, disease_line(disease, today(at, later), modifier=modifier))
    return _outside(at, at.pool.treatments[disease][0].code, amount, days)


def _untreated(at: Planting) -> tuple[str, ...]:
    return _outside(at, at.pool.treatments[missing_disease(at)][0].code)


def _suspected(at: Planting) -> tuple[str, ...]:
    return _treated(at, modifier=SUSPECTED)


def _too_much(at: Planting) -> tuple[str, ...]:
    return _treated(at, str(MOST_A_DAY + 1))


def _too_long(at: Planting) -> tuple[str, ...]:
    return _treated(at, days=MOST_DAYS + 1)


def _contraindicated(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(HYPERTENSION, today(at)))
    put_disease(at, disease_line(GLAUCOMA, today(at)))
    return _outside(at, at.pool.treatments[HYPERTENSION][0].code)


def _pair(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(HYPERTENSION, today(at)))
    first, second = at.pool.treatments[HYPERTENSION][:2]
    # Handed out here too, the pair would be one of this receipt alone.
    at.receipt.records[:] = [row for row in at.receipt.records if row[0] != "IY" or row[3] != first.code]
    give(at, second)
    return _outside(at, first.code)


def _group_over(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(LIPIDS, today(at)))
    first, second = at.pool.treatments[LIPIDS][:2]
    give(at, second, "2")
    return _outside(at, first.code, "3")


def _on_and_on(at: Planting) -> tuple[str, ...]:
    """Four weeks until the end of the last month, and four weeks more."""
    put_disease(at, disease_line(HEADACHE, today(at)))
    drug = at.pool.treatments[HEADACHE][0]
    day = at.receipt.month.plus(-1).last_day - 27
    line = drug_line(Supply(drug.code, day, "1", 28), drug.points("1"))
    _past(at, line)
    return give(at, drug, days=28)


def _child(at: Planting) -> tuple[str, ...]:
    make_child(at)
    return _treated(at)


def _later(at: Planting) -> tuple[str, ...]:
    return _treated(at, later=1)


def _card(changed: dict[str, Any], at: Planting) -> tuple[str, ...]:
    at.receipt.beside.card.update(changed)
    return ()


def _card_days(since: int | None, until: int | None, at: Planting) -> tuple[str, ...]:
    """The card begins or ends so many months from this one; until 0 ends on the first of two days of care."""
    month = at.receipt.month
    begin = "2020-04-01" if since is None else month.plus(since).day(1).isoformat()
    end = None
    if until == 0:
        end = month.day(at.receipt.visit_days[0]).isoformat()
    elif until is not None:
        end = month.plus(until).day(month.plus(until).last_day).isoformat()
    return _card({"validity": {"since": begin, "until": end}}, at)


def _benefit(at: Planting) -> tuple[str, ...]:
    at.receipt.of("RE")[0][7] = "80"
    return ()


def _income(at: Planting) -> tuple[str, ...]:
    at.receipt.of("RE")[0][11] = "29"
    return _card({"income_class": "ア"}, at)


def _programme(at: Planting) -> tuple[str, ...]:
    since = at.receipt.month.plus(1).day(1).isoformat()
    at.receipt.beside.programme["validity"] = {"since": since, "until": None}
    return ()


def _past(at: Planting, *more: Items, day: int = 15) -> None:
    month = at.receipt.month.plus(-1)
    records = past_receipt(at.receipt, at.pool, month, day)
    for row in more:
        if row[0] == "SY":
            places = [place for place, each in enumerate(records) if each[0] in ("MF", "SY")]
            records.insert(places[-1] + 1, row)
        else:
            row[2] = at.receipt.burden
            records.append(row)
    points = sum(int(row[5]) * int(row[6]) for row in records if row[0] in ("SI", "IY"))
    for row in records:
        if row[0] in ("HO", "KO"):
            row[5] = str(points)
    at.receipt.beside.past[month] = records


def _vanished(at: Planting) -> tuple[str, ...]:
    since = at.receipt.month.plus(-1).day(1).strftime("%Y%m%d")
    _past(at, disease_line(GLAUCOMA, since))
    return ()


def _over_months(is_wanted: Callable[[Limit], bool], at: Planting) -> tuple[str, ...] | None:
    limits = [row for row in at.pool.limits if row.most < 9 and is_wanted(row)]
    if not limits:
        return None
    limit = at.random.choice(limits)
    code, points = str(limit.code), at.pool.points[limit.code]
    _past(at, act_line("80", code, points, {15: limit.most}))
    at.receipt.add(act_line("80", code, points, {at.receipt.visit_days[0]: 1}))
    at.receipt.close()
    return (code,)


def _is_firm(row: Limit) -> bool:
    return row.span == 4 and row.months > 1 and not row.is_special


def _is_advised(row: Limit) -> bool:
    return row.span == 6 or (row.span == 4 and row.months > 1 and bool(row.is_special))


def _first_again(at: Planting) -> tuple[str, ...]:
    month = at.receipt.month.plus(-1)
    _past(at, disease_line(GLAUCOMA, month.day(1).strftime("%Y%m%d")), day=month.last_day)
    return ()


BESIDE_KINDS = tuple(
    kind._replace(is_beside=True)
    for kind in (
        Kind("前月の病名が消えた", "UKE-D-12", _vanished, AGAIN),
        Kind("処方にない調剤", "UKE-P-01", _not_prescribed),
        Kind("調剤の日数が処方と違う", "UKE-P-02", partial(_otherwise, {"days": 14})),
        Kind("調剤の量が処方と違う", "UKE-P-03", partial(_otherwise, {"amount": "2"})),
        Kind("調剤薬の適応病名がない", "UKE-P-04", _untreated),
        Kind("調剤薬に疑い病名だけ", "UKE-P-05", _suspected),
        Kind("調剤薬の1日量が多い", "UKE-P-06", _too_much),
        Kind("調剤薬の日数が長い", "UKE-P-07", _too_long),
        Kind("調剤薬の禁忌病名", "UKE-P-08", _contraindicated),
        Kind("調剤薬と院内の薬が併用禁忌", "UKE-P-09", _pair),
        Kind("調剤薬の年齢が合わない", "UKE-P-10", _child, WORKER),
        Kind("処方より後に始まった病名", "UKE-P-11", _later),
        Kind("院内と院外で同じ成分の合計が多い", "UKE-P-12", _group_over),
        Kind("前月から続く漫然投与", "UKE-H-04", _on_and_on, AGAIN),
        Kind("前月に切れた保険証", "UKE-E-01", partial(_card_days, None, -1)),
        Kind("翌月からの保険証", "UKE-E-02", partial(_card_days, 1, None)),
        Kind("保険証の番号が違う", "UKE-E-03", partial(_card, {"number": "999999"})),
        Kind("月の途中で切れた保険証", "UKE-E-04", partial(_card_days, None, 0), Shape(fewest_visits=2)),
        Kind("給付割合が資格と違う", "UKE-E-05", _benefit, WORKER),
        Kind("種別が資格の負担割合と違う", "UKE-E-06", partial(_card, {"share_percent": 30}), Shape(types=ELDERLY)),
        Kind("所得区分が資格と違う", "UKE-E-07", _income, Shape(types=WORKING)),
        Kind("受給者証の前の公費", "UKE-E-08", _programme, Shape(types=WITH_PROGRAMME)),
        Kind("前月と合わせて回数を超える", "UKE-H-01", partial(_over_months, _is_firm), AGAIN),
        Kind("患者当りの回数を前月と合わせて超える", "UKE-H-02", partial(_over_months, _is_advised), AGAIN),
        Kind("1か月たたない初診", "UKE-H-03", _first_again, FIRST),
    )
)  # fmt: skip
