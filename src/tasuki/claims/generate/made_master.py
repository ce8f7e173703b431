# SPDX-License-Identifier: Apache-2.0
"""架空のチェックマスタ — made-up rows for the drugs and acts of a made-up month, in the layout of 支払基金.

The official master may not be shipped. These rows say of each drug of :class:`Treatment` one disease, an age, a most
of a day and of days, so that the checks of indication have something to be held against whatever the masters are.
"""

from __future__ import annotations

from typing import NamedTuple

HYPERTENSION, LIPIDS, ULCER, HEADACHE = "8833421", "2720004", "5319009", "7840024"
BRONCHITIS, COLD, KNEE, SCRATCH = "4660009", "4659007", "7153018", "8834414"
PROSTATE, MYOMA, GLAUCOMA = "8836591", "2189004", "3659003"
ECG, WOUND = "160068410", "140000610"

MOST_A_DAY, MOST_DAYS, YOUNGEST = 3, 30, 6
# The drugs for LIPIDS are of one ingredient, those for HEADACHE are not to be taken on and on.
GROUP_MOST, LONG_DAYS, LONG_RESET = 4, 40, 30
_HEADING = "見出し"


class Treatment(NamedTuple):
    """薬と病名 — a drug that made-up people take for a disease."""

    drug: str
    disease: str


class MadeMaster(NamedTuple):
    """架空のチェックマスタ — which drugs have rows, and what they must not meet."""

    treatments: tuple[Treatment, ...]
    contraindicated: str
    forbidden: tuple[str, str]

    def files(self) -> dict[str, bytes]:
        """チェックマスタのファイル — CSV of cp932 by name, as they are published."""
        rows = [_indication(each) for each in self.treatments]
        first, second = self.forbidden
        pairs = [[first, second, *[""] * 6, "0", ""], [second, first, *[""] * 6, "0", ""]]
        contra = [[self.contraindicated, GLAUCOMA, *[""] * 4, "0", ""]]
        acts = [_act(ECG, each) for each in (HYPERTENSION, LIPIDS)]
        acts.append(_act(WOUND, SCRATCH))
        groups = [_group(each.drug) for each in self.treatments if each.disease == LIPIDS]
        long_uses = [_long_use(each.drug) for each in self.treatments if each.disease == HEADACHE]
        return {
            "IY_Toyoryou.csv": _csv(13, groups), "IY_Manzen.csv": _csv(11, long_uses),
            "IY_Tekio.csv": _csv(24, rows), "IY_ShobyoKinki.csv": _csv(8, contra),
            "IY_HeiyoKinki.csv": _csv(10, pairs), "SI_Shobyo.csv": _csv(13, acts),
        }  # fmt: skip


DISEASES_TREATED = (HYPERTENSION, LIPIDS, ULCER, HEADACHE, BRONCHITIS, COLD)


def made_master(drugs: tuple[str, ...]) -> MadeMaster:
    """架空のチェックマスタ — the first drugs of a pool, two for each disease treated."""
    chosen = [
        Treatment(drug, DISEASES_TREATED[at // 2])
        for at, drug in enumerate(drugs[: 2 * len(DISEASES_TREATED)])
    ]
    return MadeMaster(tuple(chosen), chosen[0].drug, (chosen[0].drug, chosen[1].drug))


def _indication(one: Treatment) -> list[str]:
    row = [""] * 24
    row[0], row[1], row[4], row[5], row[6], row[7] = one.drug, one.disease, "0", str(YOUNGEST), "999", "1"
    row[12], row[14], row[20], row[22] = str(MOST_A_DAY), str(MOST_DAYS), "0", "0"
    return row


def _act(act: str, disease: str) -> list[str]:
    row = [""] * 13
    row[0], row[1], row[6], row[7], row[8], row[9], row[10], row[11] = (
        act,
        disease,
        "0",
        str(YOUNGEST),
        "999",
        "2",
        "0",
        "0",
    )
    return row  # fmt: skip


def _group(drug: str) -> list[str]:
    row = [""] * 13
    row[0], row[2], row[3], row[4], row[5], row[6], row[7] = (
        drug,
        "錠",
        "架空成分",
        "0000000",
        "0",
        "0",
        "999",
    )
    row[8], row[9], row[10], row[11] = "1", "2", str(GROUP_MOST), "0"
    return row


def _long_use(drug: str) -> list[str]:
    row = [""] * 11
    row[0], row[2], row[3], row[6], row[7], row[8], row[9] = (
        drug,
        "架空群",
        "0000000",
        str(LONG_DAYS),
        str(LONG_RESET),
        "1",
        "0",
    )
    return row  # fmt: skip


def _csv(width: int, rows: list[list[str]]) -> bytes:
    lines = [",".join([_HEADING] * width), *(",".join(row) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("cp932")
