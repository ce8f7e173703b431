# SPDX-License-Identifier: Apache-2.0
"""照らす相手 — what stands beside a made-up receipt: the month before, the pharmacy, the prescription, the card."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tasuki.claims.generate.lines import act_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasuki.claims.generate.pool import Pool
    from tasuki.claims.generate.receipts import MadeReceipt
    from tasuki.claims.item_values import Month

Items = list[str]
PHARMACY = "9999992"


class Supply(NamedTuple):
    """薬の量 — a drug, the day of its prescription, how much of a day and how many days."""

    code: str
    day: int
    amount: str
    days: int


@dataclass(slots=True)
class Beside:
    """照らす相手 — records of earlier months, drugs prescribed and dispensed outside, and the cards of the answer."""

    past: dict[Month, list[Items]] = field(default_factory=dict)
    prescribed: list[Supply] = field(default_factory=list)
    dispensed: list[Supply] = field(default_factory=list)
    card: dict[str, Any] = field(default_factory=dict)
    programme: dict[str, Any] = field(default_factory=dict)

    def patient(self, chart_number: str, month: Month) -> dict[str, Any]:
        """患者の控え — one member of the file of patients."""
        given = [
            {
                "code": each.code,
                "day": month.day(each.day).isoformat(),
                "amount": each.amount,
                "count": each.days,
            }
            for each in self.prescribed
        ]
        return {
            "chart_number": chart_number, "insurances": [self.card] if self.card else [],
            "programmes": [self.programme] if self.programme else [], "prescribed": given,
        }  # fmt: skip


def beside_files(institution: Items, month: Month, people: Sequence[MadeReceipt]) -> dict[str, bytes]:
    """照らす相手のファイル — earlier months, the pharmacy's claims and the patients of one institution, by path."""
    code = institution[4]
    made: dict[str, bytes] = {}
    months = sorted({each for one in people for each in one.beside.past})
    for each in months:
        receipts = [one.beside.past[each] for one in people if each in one.beside.past]
        made[f"past/{each.text}/13{code}.UKE"] = past_file(institution, receipts, each)
    supplied = [(one.records, one.beside) for one in people if one.beside.dispensed]
    made[f"pharmacy/{code}.CYO"] = pharmacy_file(institution[1], month, code, supplied)
    patients = {
        "form": "tasuki/claim-patients/1", "institution_code": code,
        "patients": [one.beside.patient(one.chart_number, month) for one in people],
    }  # fmt: skip
    made[f"patients/{code}.json"] = json.dumps(patients, ensure_ascii=False).encode()
    return made


def past_receipt(made: MadeReceipt, pool: Pool, month: Month, day: int) -> list[Items]:
    """前の月のレセプト — one revisit of the same person, for the diseases that had begun by then."""
    header, *payers = [list(row) for row in made.records if row[0] in ("RE", "HO", "KO", "SN", "MF")]
    header[3] = month.text
    until = month.day(month.last_day).strftime("%Y%m%d")
    diseases = [list(row) for row in made.of("SY") if row[2] <= until]
    line = act_line(pool.revisit.section, pool.revisit.code, pool.revisit.points, {day: 1})
    line[2] = made.burden
    for row in payers:
        if row[0] in ("HO", "KO"):
            row[4], row[5] = "1", str(pool.revisit.points)
    return [header, *payers, *diseases, line]


def past_file(institution: Items, receipts: Sequence[list[Items]], month: Month) -> bytes:
    """過去の月のファイル — the receipts of one earlier month, numbered again."""
    head = list(institution)
    head[7] = month.plus(1).text
    lines = [head]
    points = 0
    for number, records in enumerate(receipts, 1):
        points += int(next(row[5] for row in records if row[0] in ("HO", "KO")))
        for row in records:
            lines.append([row[0], str(number), *row[2:]] if row[0] == "RE" else row)
    lines.append(["GO", str(len(receipts)), str(points), "99"])
    return _bytes(lines)


def pharmacy_file(
    payer: str, month: Month, prescriber: str, people: Sequence[tuple[list[Items], Beside]]
) -> bytes:
    """調剤のファイル — one receipt for each person with drugs dispensed, of an invented pharmacy.

    Cite: 記録条件仕様（調剤用） RE, HO, SH, CZ, IY
    """
    lines: list[Items] = [["YK", payer, "13", "4", PHARMACY, "架空薬局", month.plus(1).text, "00", ""]]
    for number, (records, beside) in enumerate(people, 1):
        header = next(row for row in records if row[0] == "RE")
        head = ["RE", str(number), f"4{header[2][1:]}", *header[3:7], *[""] * 35]
        head[11] = prescriber
        lines.append(head)
        insurer = next(row for row in records if row[0] == "HO")
        lines.append(["HO", *insurer[1:4], "1", "0", *[""] * 8])
        lines += [[*row[:4], "1", "0", *[""] * 4] for row in records if row[0] == "KO"]
        for at, supply in enumerate(beside.dispensed, 1):
            day = month.day(supply.day).strftime("%Y%m%d")
            lines.append(["SH", str(at), "1", "002", "", "0", *[""] * 4])
            lines.append(["CZ", "1", day, day, "1", str(supply.days), *[""] * 65])
            lines.append(["IY", "1", supply.code, supply.amount, *[""] * 6])
    lines.append(["GO", str(len(people)), "0", "99"])
    return _bytes(lines)


def _bytes(lines: Sequence[Items]) -> bytes:
    return ("".join(",".join(line) + "\r\n" for line in lines) + "\x1a").encode("cp932")
