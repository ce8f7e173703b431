# SPDX-License-Identifier: Apache-2.0
"""内容の誤り — diseases, indications and fees left out, seen in the receipt itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tasuki.claims.generate.changes import (
    AGAIN,
    SUSPECTED,
    WORKER,
    give,
    long_ago,
    make_child,
    missing_disease,
    put_disease,
    today,
)
from tasuki.claims.generate.lines import act_line, disease_line, film_lines
from tasuki.claims.generate.made_master import (
    COLD,
    ECG,
    GLAUCOMA,
    HEADACHE,
    HYPERTENSION,
    KNEE,
    LIPIDS,
    MOST_A_DAY,
    MOST_DAYS,
    MYOMA,
    PROSTATE,
    SCRATCH,
    ULCER,
    WOUND,
)
from tasuki.claims.generate.planting import Kind
from tasuki.claims.generate.pool import DISPENSING, PRESCRIBING, SPECIFIC_CARE
from tasuki.claims.generate.receipts import LEFT

if TYPE_CHECKING:
    from tasuki.claims.generate.planting import Planting
    from tasuki.claims.generate.pool import PoolDrug

_BASIC = ("11", "12", "13", "14")


def _add_disease(code: str, modifier: str, name: str, at: Planting) -> tuple[str, ...]:
    return put_disease(at, disease_line(code, long_ago(at), modifier=modifier, name=name))


def _infant(at: Planting) -> tuple[str, ...]:
    return put_disease(at, disease_line("0000999", today(at), name="乳児架空疹"))


def _twice(modifier: str, at: Planting) -> tuple[str, ...]:
    since = today(at)
    put_disease(at, disease_line(GLAUCOMA, since))
    return put_disease(at, disease_line(GLAUCOMA, since, modifier=modifier))


def _no_main(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(GLAUCOMA, today(at)))
    for row in at.receipt.of("SY"):
        row[6] = ""
    return ()


def _care_without_disease(at: Planting) -> tuple[str, ...]:
    _no_care_yet(at)
    for row in at.receipt.of("SY"):
        if row[1] == ULCER:
            row[1] = GLAUCOMA
    return _care(at)


def _care_of_a_side_disease(at: Planting) -> tuple[str, ...]:
    _no_care_yet(at)
    rows = [row for row in at.receipt.of("SY") if row[1] == ULCER]
    for row in rows:
        row[1] = GLAUCOMA
    put_disease(at, disease_line(ULCER, long_ago(at)))
    return _care(at)


def _no_care_yet(at: Planting) -> None:
    at.receipt.records[:] = [row for row in at.receipt.records if row[0] != "SI" or row[3] != SPECIFIC_CARE]


def _care(at: Planting) -> tuple[str, ...]:
    points = next(each.points for each in at.pool.acts if each.code == SPECIFIC_CARE)
    at.receipt.add(act_line("13", SPECIFIC_CARE, points, {at.receipt.visit_days[-1]: 1}))
    at.receipt.close()
    return (SPECIFIC_CARE,)


def _other_sex(at: Planting) -> tuple[str, ...]:
    code = MYOMA if at.receipt.of("RE")[0][5] == "1" else PROSTATE
    return put_disease(at, disease_line(code, today(at)))


def _begun_at_the_revisit(at: Planting) -> tuple[str, ...]:
    for row in at.receipt.of("SY"):
        row[2] = today(at)
    return ()


def _other_side(at: Planting) -> tuple[str, ...]:
    # Another disease of the knee without a side would leave it open.
    at.receipt.records[:] = [row for row in at.receipt.records if row[1] not in (KNEE, SCRATCH)]
    if not at.receipt.of("SY"):
        at.receipt.records.insert(
            at.receipt.records.index(at.receipt.of("MF")[0]) + 1, disease_line(HEADACHE, long_ago(at))
        )
    put_disease(at, disease_line(KNEE, today(at), modifier=LEFT))
    for line in film_lines(at.pool, "右", at.receipt.visit_days[0]):
        at.receipt.add(line)
    at.receipt.close()
    return ()


def _treated(at: Planting, since: str = "", modifier: str = "", *, is_known: bool = True) -> PoolDrug:
    """A drug of a disease that the receipt did not have, and that disease where it is known."""
    disease = missing_disease(at)
    if is_known:
        put_disease(at, disease_line(disease, since or today(at), modifier=modifier))
    return at.pool.treatments[disease][0]


def _no_indication(at: Planting) -> tuple[str, ...]:
    return give(at, _treated(at, is_known=False))


def _suspicion_only(at: Planting) -> tuple[str, ...]:
    return give(at, _treated(at, modifier=SUSPECTED))


def _too_much(at: Planting) -> tuple[str, ...]:
    return give(at, _treated(at), str(MOST_A_DAY + 1))


def _too_long(at: Planting) -> tuple[str, ...]:
    return give(at, _treated(at), days=MOST_DAYS + 1)


def _later_disease(at: Planting) -> tuple[str, ...]:
    return give(at, _treated(at, today(at, 1)))


def _contraindicated(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(HYPERTENSION, today(at)))
    put_disease(at, disease_line(GLAUCOMA, today(at)))
    return give(at, at.pool.treatments[HYPERTENSION][0])


def _forbidden_pair(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(HYPERTENSION, today(at)))
    first, second = at.pool.treatments[HYPERTENSION][:2]
    return (*give(at, first), *give(at, second))


def _group_over(at: Planting) -> tuple[str, ...]:
    put_disease(at, disease_line(LIPIDS, today(at)))
    first, second = at.pool.treatments[LIPIDS][:2]
    # One of them from a pharmacy would make it the other kind.
    for supplies in (at.receipt.beside.prescribed, at.receipt.beside.dispensed):
        supplies[:] = [each for each in supplies if each.code not in (first.code, second.code)]
    return (*give(at, first, "3"), *give(at, second, "2"))


def _child_with_drug(at: Planting) -> tuple[str, ...]:
    make_child(at)
    return give(at, _treated(at))


def _act(code: str, at: Planting) -> tuple[str, ...]:
    act = next(each for each in at.pool.acts if each.code == code)
    at.receipt.add(act_line(act.section, code, act.points, {at.receipt.visit_days[0]: 1}))
    at.receipt.close()
    return (code,)


def _act_without_disease(at: Planting) -> tuple[str, ...]:
    for row in at.receipt.of("SY"):
        if row[1] in (HYPERTENSION, LIPIDS):
            row[1] = GLAUCOMA
    return _act(ECG, at)


def _wound(modifier: str, later: int, at: Planting) -> tuple[str, ...]:
    at.receipt.records[:] = [row for row in at.receipt.records if row[1] != SCRATCH or row[6] == "01"]
    for row in at.receipt.of("SY"):
        if row[1] == SCRATCH:
            row[1] = GLAUCOMA
    at.receipt.records[:] = [row for row in at.receipt.records if row[0] != "SI" or row[3] != WOUND]
    put_disease(at, disease_line(SCRATCH, today(at, later), modifier=modifier))
    return _act(WOUND, at)


def _child_with_act(at: Planting) -> tuple[str, ...]:
    make_child(at)
    return _act(ECG, at)


def _no_judgement(at: Planting) -> tuple[str, ...]:
    at.receipt.records[:] = [
        row for row in at.receipt.records if row[0] != "SI" or row[3] not in at.pool.judgements.values()
    ]
    return _act(next(iter(at.pool.judgements)), at)  # fmt: skip


def _no_basic_fee(at: Planting) -> tuple[str, ...]:
    """The basic fees are gone, and what stands in their 剤; an act is there in any case."""
    kept: list[list[str]] = []
    section = ""
    for row in at.receipt.records:
        section = row[1] if row[0] in ("SI", "IY") and row[1] else section
        if row[0] not in ("SI", "IY") or section not in _BASIC:
            kept.append(row)
    at.receipt.records[:] = kept
    return _act("160000310", at)


def _without_fee(code: str, at: Planting) -> tuple[str, ...]:
    give(at, at.random.choice(at.pool.drugs))
    at.receipt.records[:] = [row for row in at.receipt.records if row[0] != "SI" or row[3] != code]
    at.receipt.close()
    return ()


CONTENT_KINDS = (
    Kind("疑い病名が半年続く", "UKE-D-01", partial(_add_disease, GLAUCOMA, SUSPECTED, "")),
    Kind("急性の病名が半年続く", "UKE-D-02", partial(_add_disease, COLD, "", "")),
    Kind("未コード化病名が半年続く", "UKE-D-03", partial(_add_disease, "0000999", "", "架空痛")),
    Kind("病名の重複", "UKE-D-04", partial(_twice, "")),
    Kind("病名とその疑い", "UKE-D-05", partial(_twice, SUSPECTED)),
    Kind("主傷病がない", "UKE-D-06", _no_main),
    Kind("特定疾患療養管理料の病名がない", "UKE-D-07", _care_without_disease, AGAIN),
    Kind("特定疾患療養管理料の病名が主傷病でない", "UKE-D-08", _care_of_a_side_disease, AGAIN),
    Kind("性別に合わない病名", "UKE-D-09", _other_sex),
    Kind("大人に乳児の病名", "UKE-D-10", _infant),
    Kind("再診の日に始まった病名だけ", "UKE-D-11", _begun_at_the_revisit, AGAIN),
    Kind("撮影の左右が病名と違う", "UKE-D-13", _other_side),
    Kind("薬の適応病名がない", "UKE-I-01", _no_indication),
    Kind("行為の適応病名がない", "UKE-I-02", _act_without_disease),
    Kind("薬に疑い病名だけ", "UKE-I-03", _suspicion_only),
    Kind("処置に疑い病名だけ", "UKE-I-04", partial(_wound, SUSPECTED, 0)),
    Kind("薬の1日量が多い", "UKE-I-05", _too_much),
    Kind("薬の日数が長い", "UKE-I-06", _too_long),
    Kind("禁忌病名", "UKE-I-07", _contraindicated),
    Kind("併用禁忌", "UKE-I-08", _forbidden_pair),
    Kind("薬の年齢が合わない", "UKE-I-09", _child_with_drug, WORKER),
    Kind("行為の年齢が合わない", "UKE-I-10", _child_with_act, WORKER),
    Kind("投薬より後に始まった病名", "UKE-I-11", _later_disease),
    Kind("処置より後に始まった病名", "UKE-I-12", partial(_wound, "", 1)),
    Kind("同じ成分の合計が多い", "UKE-I-13", _group_over),
    Kind("判断料がない", "UKE-N-02", _no_judgement),
    Kind("基本診療料がない", "UKE-N-03", _no_basic_fee),
    Kind("処方料がない", "UKE-N-04", partial(_without_fee, PRESCRIBING)),
    Kind("調剤料がない", "UKE-N-05", partial(_without_fee, DISPENSING)),
)
