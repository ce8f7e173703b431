# SPDX-License-Identifier: Apache-2.0
"""健診結果報告書の関係者の読取 — 受診者, 医師, 機関, 受診券 and 保険 of a Bundle.

Cite: 健診結果報告書 1.5.0 JP_Patient・Practitioner・Organization・CoverageService・CoverageInsurance_eCheckupGeneral
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tasuki.kernel.finding import Where
from tasuki.kernel.printable import printable
from tasuki.sharing.checkups import fhir_names as names
from tasuki.sharing.checkups.messages import refuse
from tasuki.sharing.checkups.values import (
    CheckupDoctor,
    CheckupInstitution,
    CheckupInsurance,
    CheckupTicket,
    Examinee,
    InsuredNumber,
    PersonName,
    PersonNumber,
    Sex,
)

Resource = dict[str, Any]
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE}


def day_of(text: str, place: str, file: str) -> date:
    """年月日 — of a FHIR date or dateTime; a year or a month alone is refused."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError as wrong:
        where = Where(file, 0, place)
        raise refuse("CHK-X-07", where, value=printable(text, 30), wanted="年月日") from wrong


def days_of(resource: Resource, place: str, file: str) -> tuple[date | None, date | None]:
    """期間 — first and last day, either may be missing."""
    period = resource.get("period", {})
    since, until = period.get("start"), period.get("end")
    return (
        day_of(since, f"{place}.period.start", file) if since else None,
        day_of(until, f"{place}.period.end", file) if until else None,
    )


def number_of(resource: Resource, system: str) -> str:
    """番号 — the first of a system; empty when there is none."""
    found = (each.get("value", "") for each in resource.get("identifier", ()) if each.get("system") == system)
    return str(next(found, ""))


def names_of(resource: Resource) -> dict[str, PersonName]:
    """氏名 — by kind (IDE kanji, SYL kana), in their order; a name of no kind counts as kanji."""
    found: dict[str, PersonName] = {}
    for each in resource.get("name", ()):
        kinds = [
            one.get("valueCode", "") for one in each.get("extension", ()) if one["url"] == names.NAME_KIND
        ]
        family, given = each.get("family", ""), tuple(one for one in each.get("given", ()) if one)
        text = each.get("text") or " ".join(part for part in (family, *given) if part)
        if text:
            found.setdefault(kinds[0] if kinds else "IDE", PersonName(text, family, given))
    return found


def doctor_of(resource: Resource) -> CheckupDoctor | None:
    """健診の医師 — by the name in kanji, or in kana where that is all."""
    found = names_of(resource)
    name = found.get("IDE") or next(iter(found.values()), None)
    kana = found.get("SYL")
    return None if name is None else CheckupDoctor(name, None if kana is name else kana)


def institution_of(resource: Resource) -> CheckupInstitution:
    """健診機関 — of an Organization."""
    address = (resource.get("address") or [{}])[0]
    return CheckupInstitution(
        number=number_of(resource, names.INSTITUTION_NUMBER),
        name=resource.get("name", ""),
        postal_code=address.get("postalCode", ""),
        address=address.get("text", ""),
        telephone=_telephone(resource),
    )


def examinee_of(resource: Resource, file: str) -> Examinee:
    """受診者 — of a Patient. Raises :class:`BadInput` for a sex the checkup has no code for."""
    found, address = names_of(resource), resource["address"][0]
    sex = _SEXES.get(resource["gender"])
    if sex is None:
        where = Where(file, 0, "Patient.gender")
        raise refuse("CHK-X-07", where, value=resource["gender"], wanted="男女区分（male・female）")
    return Examinee(
        kana=found.get("SYL"),
        sex=sex,
        born_on=day_of(resource["birthDate"], "Patient.birthDate", file),
        insured=_insured(number_of(resource, names.MEMBER_NUMBER)),
        postal_code=address.get("postalCode", ""),
        address=address["text"],
        kanji=found.get("IDE"),
        telephone=_telephone(resource),
        numbers=tuple(
            PersonNumber(each.get("system", ""), each["value"])
            for each in resource["identifier"]
            if each.get("system") != names.MEMBER_NUMBER
        ),
    )


def ticket_of(resource: Resource, insurer: str, file: str) -> CheckupTicket:
    """受診券 — of a Coverage."""
    since, until = days_of(resource, "Coverage", file)
    kind = (resource.get("type", {}).get("coding") or [{}])[0].get("code", "1")
    return CheckupTicket(resource["subscriberId"], until, kind, insurer, since)


def insurance_of(resource: Resource, file: str) -> CheckupInsurance:
    """保険情報 — of a Coverage."""
    since, until = days_of(resource, "Coverage", file)
    said = {each["url"]: each.get("valueString", "") for each in resource.get("extension", ())}
    relationship = resource["relationship"]["coding"][0]
    return CheckupInsurance(
        category=resource["type"]["coding"][0]["code"],
        relationship=relationship.get("code", ""),
        insured=InsuredNumber(
            "",
            said.get(names.INSURED_SYMBOL, ""),
            said.get(names.INSURED_NUMBER, ""),
            said.get(names.INSURED_BRANCH, ""),
        ),
        member_id=(resource.get("identifier") or [{}])[0].get("value", ""),
        relationship_name=relationship.get("display", ""),
        since=since,
        until=until,
    )


def _telephone(resource: Resource) -> str:
    found = (each.get("value", "") for each in resource.get("telecom", ()) if each.get("system") == "phone")
    return str(next(found, ""))


def _insured(text: str) -> InsuredNumber:
    return InsuredNumber(*[*text.split(":", 3), "", "", ""][:4]) if text else InsuredNumber()
