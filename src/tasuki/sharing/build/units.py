# SPDX-License-Identifier: Apache-2.0
"""単位 — the codes of UCUM for laboratory units, and of MERIT-9 for units of drugs."""

from __future__ import annotations

import unicodedata

# As institutions and the service's own list write them; the key is NFKC, without spaces, ㎕ and µ made one.
_UCUM = dict(
    pair.split("=")
    for pair in [
        "g/dL=g/dL",
        "g/L=g/L",
        "mg/dL=mg/dL",
        "mg/L=mg/L",
        "ng/L=ng/L",
        "U/L=U/L",
        "IU/L=[iU]/L",
        "U/mL=U/mL",
        "IU/mL=[iU]/mL",
        "mU/mL=mU/mL",
        "mIU/mL=m[iU]/mL",
        "U=U",
        "mmol/L=mmol/L",
        "μmol/L=umol/L",
        "pmol/L=pmol/L",
        "fmol/L=fmol/L",
        "mmol/mol=mmol/mol",
        "mEq/L=meq/L",
        "%=%",
        "s=s",
        "秒=s",
        "sec=s",
        "μg/mL=ug/mL",
        "μg/dL=ug/dL",
        "μg/L=ug/L",
        "ng/mL=ng/mL",
        "ng/dL=ng/dL",
        "pg/mL=pg/mL",
        "X10*2/μL=10*2/uL",
        "X10*3/μL=10*3/uL",
        "X10*4/μL=10*4/uL",
        "X10*6/μL=10*6/uL",
        "X10*9/L=10*9/L",
        "/μL=/uL",
        "10^2/μL=10*2/uL",
        "10^3/μL=10*3/uL",
        "10^4/μL=10*4/uL",
        "10^6/μL=10*6/uL",
        "mg/d=mg/d",
        "Copies/mL={copies}/mL",
        "fL=fL",
        "pg=pg",
        "mL/min/1.73m2=mL/min/{1.73_m2}",
    ]
)
# Cite: MERIT-9 処方オーダリング用単位コード
_MERIT9 = dict(
    pair.split("=")
    for pair in [
        "分=PART",
        "回=TIME",
        "種=KIND",
        "箱=BOX",
        "巻=ROLL",
        "枚=SHT",
        "本=HON",
        "組=PAIR",
        "セット=SET",
        "個=KO",
        "トローチ=TROC",
        "アンプル=AMP",
        "カプセル=CAP",
        "錠=TAB",
        "丸=PILL",
        "包=PCK",
        "瓶=BTL",
        "袋=BAG",
        "管=TUBE",
        "シリンジ=SYRG",
        "回分=DOSE",
        "テスト分=TEST",
        "単位=UNT",
        "万単位=TTUN",
        "滴=DROP",
        "mg=MG",
        "g=G",
        "kg=KG",
        "mL=ML",
        "L=L",
        "バイアル=VIL",
        "cm=CM",
        "cm2=CM2",
        "m=M",
        "μg=MCG",
        "筒=PIPE",
        "キット=KIT",
        "国際単位=IUNT",
        "缶=CAN",
        "容器=VSL",
        "ブリスター=BLST",
        "シート=SHET",
        "カセット=CST",
        "千単位=TUNT",
        "万国際単位=TTIU",
        "mEq=MEQ",
        "μL=MCL",
    ]
)


def _key(unit: str) -> str:
    return "".join(unicodedata.normalize("NFKC", unit).split()).replace("µ", "μ")


_BY_KEY = {_key(name): code for name, code in _UCUM.items()}
_LOWER = {_key(name).lower(): code for name, code in _MERIT9.items()}


def ucum_of(unit: str) -> str:
    """UCUMの単位 — empty when the unit has none that is certain.

    >>> ucum_of("×10*4/μL"), ucum_of("ｍｇ／ｄＬ"), ucum_of("COI")
    ('10*4/uL', 'mg/dL', '')
    """
    key = _key(unit).replace("×", "X")
    return _BY_KEY.get(key, "")


def merit9_of(unit: str) -> str:
    """医薬品の単位コード — empty when the unit has none.

    >>> merit9_of("錠"), merit9_of("ｍＬ"), merit9_of("ブリスタ")
    ('TAB', 'ML', '')
    """
    return _LOWER.get(_key(unit).lower(), "")
