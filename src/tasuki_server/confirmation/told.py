# SPDX-License-Identifier: Apache-2.0
"""回答の内容 — what one person's answer says, as the values our records keep: who they are, insurance, programmes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

import jaconv

from tasuki.chart.coverage import IncomeClass, Insurance, InsuranceKind, PublicProgramme
from tasuki.eligibility.answer import Answer, Eligibility, PersonAnswer, Qualification
from tasuki.eligibility.numbers import PayerKind, read_payer_number
from tasuki.kernel.validity import Validity
from tasuki_server.patients.register import WhoTheyAre

MEDICAL_AID = "A1"
_KINDS = {
    PayerKind.NATIONAL: InsuranceKind.NATIONAL,
    PayerKind.EMPLOYEE: InsuranceKind.EMPLOYEES,
    PayerKind.LATE_ELDERLY: InsuranceKind.LATE_ELDERLY,
}
# 適用区分 OQSCD012 to the class that sets a limit; (境界層該当) and (老福) are of the class they belong to.
INCOME_CLASSES = {
    "A01": IncomeClass.A,
    "A02": IncomeClass.I,
    "A03": IncomeClass.U,
    "A04": IncomeClass.E,
    "A05": IncomeClass.O,
    "A06": IncomeClass.O,
    "B01": IncomeClass.ACTIVE_3,
    "B02": IncomeClass.ACTIVE_2,
    "B03": IncomeClass.ACTIVE_1,
    "B04": IncomeClass.GENERAL,
    "B05": IncomeClass.LOW_2,
    "B06": IncomeClass.LOW_1,
    "B07": IncomeClass.LOW_1,
    "B08": IncomeClass.LOW_1,
    "B09": IncomeClass.GENERAL_2,
    "B10": IncomeClass.GENERAL_1,
}
_SEXES = {"1": "male", "2": "female"}


@dataclass(frozen=True, slots=True)
class ToldProgramme:
    """回答の公費 — one programme and its days; an open end is told as none."""

    value: PublicProgramme
    since: date | None
    until: date | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """回答の内容 — ``since`` and ``until`` are the days of the insurance; ``changed_on`` is from when its present items count."""

    eligibility: Eligibility | None
    who: WhoTheyAre | None
    reference_number: str = ""
    insurance: Insurance | None = None
    since: date | None = None
    until: date | None = None
    changed_on: date | None = None
    insurer_name: str = ""
    programmes: tuple[ToldProgramme, ...] = ()
    prescription_issue: str = ""
    code: str = ""
    message: str = ""

    @property
    def has_person(self) -> bool:
        """本人の有無 — an answer of 該当資格なし tells nobody."""
        return self.who is not None


def told_of(answer: Answer) -> Told:
    """回答の内容 — of the one person of an answer; the newest qualification counts."""
    person = answer.persons[0] if answer.persons else None
    if person is None:
        return Told(None, None, code=answer.error_code, message=answer.error_message)
    return told_of_person(person)


def told_of_person(person: PersonAnswer) -> Told:
    """一人の回答の内容 — see :func:`told_of`."""
    found = [each for each in person.qualifications if each.card_class != MEDICAL_AID]
    aided = [each for each in person.qualifications if each.card_class == MEDICAL_AID]
    newest = max(found, key=_from_when, default=None)
    about = newest or (aided[0] if aided else None)
    return Told(
        eligibility=person.eligibility,
        who=who_of(about) if about is not None else None,
        reference_number=about.reference_number if about is not None else "",
        insurance=insurance_of(newest) if newest is not None else None,
        since=_from_when(newest) if newest is not None else None,
        until=_until_when(newest) if newest is not None else None,
        changed_on=_changed_on(newest) if newest is not None else None,
        insurer_name=newest.insurer_name if newest is not None else "",
        programmes=(*_aid_of(aided, person), *_subsidies_of(person)),
        prescription_issue=person.prescription_issue,
        code=person.code,
        message=person.message,
    )


def who_of(one: Qualification) -> WhoTheyAre | None:
    """患者基本情報の内容 — as the desk would have written it; None without a birth date or a name."""
    name, kana = spaced(one.name or one.other_name), kana_of(one.kana or one.other_kana)
    if one.born_on is None or not name:
        return None
    return WhoTheyAre(
        name=name,
        kana=kana,
        born=one.born_on,
        sex=_SEXES.get(one.sex) or _SEXES.get(one.sex_on_card, ""),
        postal_code=postal_code_of(one.postal_code),
        address=one.address.strip(),
    )


def insurance_of(one: Qualification) -> Insurance | None:
    """医療保険の内容 — None for a number of no health insurance."""
    number = read_payer_number(one.insurer_number)
    kind = _KINDS.get(number.kind) if number is not None else None
    if number is None or kind is None:
        return None
    share = one.elder.share_percent if one.elder is not None else None
    limit = INCOME_CLASSES.get(one.limit.limit_class) if one.limit is not None else None
    yen = [each.limit_yen for each in one.diseases if each.limit_yen is not None]
    return Insurance(
        kind,
        number.text,
        symbol=one.symbol,
        number=one.number,
        branch=one.branch,
        is_dependant=one.relation == "2",
        share_percent=share if share is not None else one.share_percent,
        income_class=limit,
        specific_disease_limit_yen=min(yen, default=None),
        member_since=one.qualified_on,
    )


def _from_when(one: Qualification) -> date:
    return one.qualified_on or one.card.since_on or date.min


def _until_when(one: Qualification) -> date | None:
    """喪失日 is the first day without the qualification; the end printed on a card is its last day."""
    if one.lost_on is not None:
        return one.lost_on - timedelta(days=1)
    return one.card.until_on


def _changed_on(one: Qualification) -> date | None:
    periods = [
        each.period.since_on
        for each in (one.elder, one.limit, *one.diseases)
        if each is not None and each.period.since_on is not None
    ]
    return max(periods, default=None)


def _aid_of(aided: list[Qualification], person: PersonAnswer) -> tuple[ToldProgramme, ...]:
    """医療扶助 — the payer's number stands where an insurer's would, the recipient's where the card's."""
    ticket = person.tickets[0] if person.tickets else None
    return tuple(
        ToldProgramme(
            PublicProgramme(
                each.insurer_number,
                each.number,
                month_cap_yen=ticket.self_pay_yen if ticket is not None else None,
            ),
            (ticket.since_on if ticket is not None else None) or each.qualified_on,
            (ticket.until_on if ticket is not None else None) or _until_when(each),
            "医療扶助",
        )
        for each in aided
    )


def _subsidies_of(person: PersonAnswer) -> tuple[ToldProgramme, ...]:
    """医療費助成（PMH） — numbers go to the record as they came; one that is always paid back later is no payer here."""
    return tuple(
        ToldProgramme(
            PublicProgramme(each.payer_number, each.recipient_number, month_cap_yen=each.most_yen),
            each.since_on,
            each.until_on,
            each.certificate_name,
        )
        for each in person.subsidies
        if each.payer_number and not each.is_reimbursed
    )


def spaced(name: str) -> str:
    """氏名の空白 — one narrow space between family and given name, as the desk writes it; the characters stay.

    >>> spaced("診療　太郎 ")
    '診療 太郎'
    """
    return re.sub(r"[\s　]+", " ", name).strip()


def kana_of(kana: str) -> str:
    """カナ氏名 — full width, as the desk writes it.

    >>> kana_of("ｼﾝﾘｮｳ ﾀﾛｳ")
    'シンリョウ タロウ'
    """
    return spaced(jaconv.hira2kata(unicodedata.normalize("NFKC", kana)).replace("-", "ー"))


def postal_code_of(text: str) -> str:
    """郵便番号 — with its hyphen, "" for what is none."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    return f"{digits[:3]}-{digits[3:]}" if len(digits) == 7 else ""


def days_of(told: Told, otherwise: date) -> Validity:
    """保険の期間 — from the qualification on; from the given day where it is not told."""
    since = told.since if told.since is not None and told.since > date.min else otherwise
    return Validity(since, told.until if told.until is None or told.until >= since else since)
