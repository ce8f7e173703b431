# SPDX-License-Identifier: Apache-2.0
"""医科診療行為マスター — 150 columns of table s (and of 労災診療行為, which has the same form).

Cite: 支払基金 マスターファイル仕様説明書 令和6年度版 (2025-06-02) 医科診療行為マスター
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasuki.masters.official.fields import BadField, decimal, whole
from tasuki.masters.rows import Act, AgeAddition, PointsKind, Step

if TYPE_CHECKING:
    from tasuki.kernel.validity import Validity
    from tasuki.masters.official.fields import Fields

COLUMNS = (150,)
_KINDS = {str(kind.value): kind for kind in PointsKind}
_AGE_COLUMNS = (100, 103, 106, 109)


def act_of(fields: Fields, validity: Validity) -> Act:
    """診療行為 — one merged row of the official table as our value. Raises :class:`BadField`."""

    def text(column: int, blank: str = "0") -> str:
        return fields[column - 1] or blank

    kind = _KINDS.get(fields[10])
    if kind is None:
        raise BadField(11, fields[10], "points kind")
    standards = tuple(text(column) for column in range(72, 82))
    letter = text(85, "-")
    return Act(
        code=fields[2],
        name=fields[4],
        validity=validity,
        kana=fields[6],
        full_name=fields[112] or fields[4],
        unit_code=text(8),
        unit_name=fields[9],
        points_kind=kind,
        points=decimal(fields, 12),
        setting=text(13),
        elderly=text(14),
        tally_out=text(15),
        tally_in=text(66),
        test_bundle=text(16),
        facility_kind=text(19),
        disease_relation=text(25),
        day_kind=text(27),
        day_count=text(28),
        drug_relation=text(29),
        step=_step(fields),
        max_count=whole(fields, 36),
        max_count_rule=text(37),
        addition_group=text(38),
        addition_serial=text(39),
        general_age=text(40),
        age_from=text(41, "00"),
        age_to=text(42, "00"),
        time_kind=text(43),
        standard_conformity=text(44),
        conformity_standard=text(45),
        infant_procedure=text(46),
        judgment_kind=text(50),
        judgment_group=text(51),
        month_reduction=text(52),
        outpatient_management=text(56),
        specimen_comment=text(61),
        general_base=text(62),
        reduction_family=text(63),
        record_kind=text(68, "1"),
        table_kind=text(69, "1"),
        beds_kind=text(71),
        standards=standards if any(s != "0" for s in standards) else (),
        chapter=letter if letter.isalpha() else "",
        section=_section(fields),
        order=fields[88],
        age_additions=_age_additions(fields),
        former_code=fields[111] if fields[111] != "0" else "",
        infection_control=text(124),
        ent_infant=text(125),
        ent_antibiotic=text(126),
        base_up=text(129),
        base_up_second=text(130),
        item=fields[93].lstrip("0"),
    )


def _step(fields: Fields) -> Step | None:
    if fields[29] != "1":
        return None
    return Step(
        above=whole(fields, 31),
        upto=whole(fields, 32),
        width=whole(fields, 33),
        points=decimal(fields, 34),
        error_rule=whole(fields, 35),
    )


def _section(fields: Fields) -> str:
    """区分番号 — letter, three digits and the first branch number; deeper branches are not in the table."""
    letter, number, branch = fields[84], fields[91], fields[92]
    if not letter.isalpha() or not number.isdigit():
        return ""
    return f"{letter}{number}" + (f"-{int(branch)}" if branch.isdigit() and int(branch) else "")


def _age_additions(fields: Fields) -> tuple[AgeAddition, ...]:
    return tuple(
        AgeAddition(fields[at - 1], fields[at], fields[at + 1])
        for at in _AGE_COLUMNS
        if fields[at + 1] not in ("", "0")
    )
