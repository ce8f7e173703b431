# SPDX-License-Identifier: Apache-2.0
"""薬剤・診療・健診情報の読取 — under the names of receipts, prescriptions and dispensing, nested or flat."""

from __future__ import annotations

from tasuki.eligibility.information import Source, read_acts, read_checkups, read_drugs
from tasuki.eligibility.reading import read_message

RECEIPT = """
<MeTrMonthInf><MeTrDiHNm>見本薬局</MeTrDiHNm><MeTrMonth>202604</MeTrMonth><PrlsHNm>見本医院</PrlsHNm><InOut>2</InOut>
<DiDateInfs><DiDateInf><DiDate>20260405</DiDate><DrugInfs>
<DrugInf><DrugC>620007870</DrugC><DrugN>薬A</DrugN><Qua1>1</Qua1><Unit>錠</Unit><UsageN>朝食後</UsageN><Times>28</Times></DrugInf>
<DrugInf><DrugN>薬B</DrugN><SpInst>粉砕</SpInst></DrugInf></DrugInfs></DiDateInf></DiDateInfs>
<MeTrInfs><MeTrInf><MeTrC>160008010</MeTrC><MeTrN>検査</MeTrN><Times>1</Times></MeTrInf>
<MeTrInf><MeTrN>手術</MeTrN><Operation>1</Operation></MeTrInf></MeTrInfs></MeTrMonthInf>"""
DISPENSED = """
<CzDiInf><CzDiMonthInf><CzMeTrDiHNm>えき薬局</CzMeTrDiHNm><CzDiMonth>202605</CzDiMonth><CzDiDateInfs><CzDiDateInf>
<CzDiDate>20260510</CzDiDate><CzDrugInfs><CzDrugInf><CzDrugN>薬C</CzDrugN><CzQua1>2</CzQua1><CzUnit>錠</CzUnit></CzDrugInf>
</CzDrugInfs></CzDiDateInf></CzDiDateInfs></CzDiMonthInf></CzDiInf>"""
FLAT = """
<ShPrInf><Day>20260601</Day><MedicalInstitutionName>ひら医院</MedicalInstitutionName><InOut>1</InOut>
<DrugInfs><DrugInf><DrugN>薬D</DrugN></DrugInf></DrugInfs></ShPrInf>"""
CHECKUP = """
<SpecificHealthCheckupInfo><EffectiveTime>20260603</EffectiveTime><HealthCheckupResultAndQuestionInfos>
<HealthCheckupResultAndQuestionInfo><ItemCode>9A755</ItemCode><ItemName>収縮期血圧</ItemName><DataValue>142</DataValue>
<Unit>mmHg</Unit></HealthCheckupResultAndQuestionInfo></HealthCheckupResultAndQuestionInfos></SpecificHealthCheckupInfo>"""


def _message(body: str):
    return read_message(
        f"<XmlMsg><MessageHeader/><MessageBody>{body}</MessageBody></XmlMsg>".encode(), "t.xml"
    )


def test_each_drug_stands_on_its_day_at_its_place_the_newest_first():
    found = read_drugs(_message(RECEIPT + DISPENSED + FLAT))
    told = [(each.name, each.day, each.institution, each.source, each.is_inpatient) for each in found]
    assert told == [
        ("薬D", "20260601", "ひら医院", Source.PRESCRIBED, True),
        ("薬C", "20260510", "えき薬局", Source.DISPENSED, False),
        ("薬A", "20260405", "見本薬局", Source.RECEIPT, False),
        ("薬B", "20260405", "見本薬局", Source.RECEIPT, False),
    ]
    assert (found[1].quantity, found[1].unit, found[2].usage, found[3].usage) == ("2", "錠", "朝食後", "粉砕")


def test_acts_and_operations_stand_in_their_month_where_no_day_is_told():
    act, operation = read_acts(_message(RECEIPT))
    assert (act.name, act.day, act.code, act.is_operation) == ("検査", "202604", "160008010", False)
    assert operation.is_operation


def test_a_checkup_is_its_items_and_an_empty_message_is_nothing():
    (row,) = read_checkups(_message(CHECKUP))
    assert (row.day, row.name, row.value, row.unit) == ("20260603", "収縮期血圧", "142", "mmHg")
    nothing = _message("")
    assert read_drugs(nothing) == read_acts(nothing) == read_checkups(nothing) == ()
