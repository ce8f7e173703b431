# SPDX-License-Identifier: Apache-2.0
"""健診のプログラム — what each kind is called on either wire: program, 報告区分 and sections.

Cite: 特定健診 OID表 (厚生労働省 001082788) 1.2.392.200119.6.1001・1002・1010; 健診結果報告書 1.5.0 section-code
"""

from __future__ import annotations

from typing import NamedTuple

from tasuki.sharing.checkups.values import CheckupKind

ADDITIONAL = "01990"
# 報告区分 that a report in FHIR may bear; XML has 40 (他の健診結果) and requests for deletion besides.
FHIR_REPORTS = {
    "10": "特定健診情報",
    "41": "事業者健診",
    "42": "自治体検診",
    "43": "乳幼児健診",
    "44": "妊婦健診",
    "60": "被保護者の健診情報",
    "70": "保険者以外が行う特定健診等に相当する健診",
    "80": "保険者が実施する特定健診等以外の健診",
    "99": "そのほか",
}
XML_REPORTS = ("10", "19", "40", "41", "42", "43", "44", "49", "60", "69", "70", "79", "80", "89", "90", "99")


class Program(NamedTuple):
    """健診プログラム — code, name, and where its results stand in XML and in FHIR."""

    code: str
    name: str
    kind: CheckupKind
    xml_section: str
    results: str
    questions: str
    xml_report: str
    fhir_report: str


PROGRAMS = {
    each.code: each
    for each in (
        Program("010", "特定健康診査", CheckupKind.SPECIFIC, "01010", "01011", "01012", "10", "10"),
        Program("020", "広域連合の保健事業", CheckupKind.ELDERLY, "01020", "01021", "01022", "40", "80"),
        Program("030", "事業者健診", CheckupKind.EMPLOYER, "01030", "01031", "01032", "41", "41"),
        Program("040", "学校健診", CheckupKind.SCHOOL_STAFF, "01040", "01041", "01042", "40", "99"),
        Program("060", "がん検診", CheckupKind.OTHER, "01060", "01910", "01920", "40", "99"),
        Program("070", "保険者以外が行う特定健診等に相当する健診", CheckupKind.OTHER, "01070", "01071", "01072", "70", "70"),
        Program("080", "保険者が実施する特定健診等以外の健診", CheckupKind.OTHER, "01080", "01081", "01082", "80", "80"),
        Program("090", "肝炎検診", CheckupKind.OTHER, "01090", "01910", "01920", "40", "99"),
        Program("990", "その他の健診(検診)", CheckupKind.OTHER, ADDITIONAL, "01910", "01920", "40", "99"),
        Program("000", "不明", CheckupKind.OTHER, ADDITIONAL, "01910", "01920", "40", "99"),
    )
}  # fmt: skip
OF_KIND = {
    CheckupKind.SPECIFIC: "010",
    CheckupKind.ELDERLY: "020",
    CheckupKind.EMPLOYER: "030",
    CheckupKind.SCHOOL_STAFF: "040",
    CheckupKind.OTHER: "990",
}
SECTION_NAMES = {
    "01010": "検査・問診結果セクション",
    "01011": "特定健診検査結果セクション",
    "01012": "特定健診問診結果セクション",
    "01020": "広域連合保健事業結果セクション",
    "01021": "広域連合保健事業検査結果セクション",
    "01022": "広域連合保健事業問診結果セクション",
    "01030": "労働安全衛生法健診結果セクション",
    "01031": "事業者健診検査結果セクション",
    "01032": "事業者健診問診結果セクション",
    "01040": "学校保健安全法健診結果セクション",
    "01041": "学校職員健診検査結果セクション",
    "01042": "学校職員健診問診結果セクション",
    "01060": "がん検診セクション",
    "01070": "保険者以外が行う特定健診等に相当する健診結果セクション",
    "01071": "その他健診検査結果セクション",
    "01072": "その他健診問診結果セクション",
    "01080": "保険者が実施する特定健診等以外の健診結果セクション",
    "01081": "保険者の実施するその他健診検査結果セクション",
    "01082": "保険者の実施するその他健診問診結果セクション",
    "01090": "肝炎検診セクション",
    "01910": "検査結果セクション",
    "01920": "問診結果セクション",
    ADDITIONAL: "任意追加項目セクション",
}
# What a person reads above the results.
SECTION_TITLES = {"results": "検査結果", "questions": "問診結果", "additional": "任意追加項目"}


def kind_of(program: str) -> CheckupKind:
    """健診の種別 — of a program code; one that is not known is その他.

    >>> kind_of("020")
    <CheckupKind.ELDERLY: '後期高齢者健診'>
    """
    known = PROGRAMS.get(program)
    return known.kind if known else CheckupKind.OTHER


def fhir_report(report: str, program: str) -> str:
    """FHIRの報告区分 — the same where FHIR has it, else that of the program.

    >>> fhir_report("40", "030"), fhir_report("10", "010")
    ('41', '10')
    """
    return report if report in FHIR_REPORTS else PROGRAMS[program].fhir_report
