# SPDX-License-Identifier: Apache-2.0
"""カードと記録の突合せ — what differs between an answer and our records, side by side; nothing is changed here.

What an answer leaves out is no difference: a missing 限度額 means no consent, a missing programme may mean that the
municipality is not connected. A birth date that differs is a doubt about the person and is never taken over.

Cite: オンライン資格確認等システム 技術解説書 資格確認結果の取込み; PMH 医療費助成情報（未同意・喪失・未接続は区別されない）
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tasuki.calculation.payers.sentences import PAYER_NAMES
from tasuki.chart.coverage import Insurance, PublicProgramme
from tasuki.eligibility.answer import Eligibility
from tasuki.kernel.kana import search_key
from tasuki.kernel.validity import Validity
from tasuki_server.confirmation.told import Told
from tasuki_server.patients.models import SEX_LABELS
from tasuki_server.patients.register import WhoTheyAre

# Only under these answers may what is told become our record.
TAKEN = frozenset({Eligibility.VALID, Eligibility.NOT_REGISTERED})


@dataclass(frozen=True, slots=True)
class KnownCard:
    """登録済みの保険 — the newest version of one record."""

    record_id: UUID
    version: int
    value: Insurance
    days: Validity


@dataclass(frozen=True, slots=True)
class KnownProgramme:
    """登録済みの公費 — the newest version of one record."""

    record_id: UUID
    version: int
    value: PublicProgramme
    days: Validity


@dataclass(frozen=True, slots=True)
class Known:
    """登録済みの内容 — who they are, and every card not withdrawn, those that hold on ``day`` first."""

    day: date
    who: WhoTheyAre
    cards: tuple[KnownCard, ...] = ()
    programmes: tuple[KnownProgramme, ...] = ()

    def card_today(self) -> KnownCard | None:
        """当日の保険 — a health insurance that holds today."""
        return next((each for each in self.cards if self.day in each.days and each.value.is_health), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """違い — one item: ours, theirs, and whether it may be taken over by the key."""

    group: str
    item: str
    term: str
    ours: str
    theirs: str
    may_take: bool = True
    note: str = ""

    @property
    def key(self) -> str:
        """項目の鍵 — as the form sends it."""
        return f"{self.group}:{self.item}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """突合せの結果 — the differences, the card they are about, and programmes of ours that the answer does not name."""

    differences: tuple[Difference, ...]
    card: KnownCard | None
    is_new_card: bool
    unnamed: tuple[KnownProgramme, ...]

    @property
    def takeable(self) -> tuple[Difference, ...]:
        """取り込める違い — in order."""
        return tuple(each for each in self.differences if each.may_take)

    @property
    def has_doubt(self) -> bool:
        """別人の疑い — the birth date is another."""
        return any(each.item == "born" for each in self.differences)


def compare(told: Told, known: Known) -> Comparison:
    """突合せ — see the module."""
    may = told.eligibility in TAKEN
    differences: list[Difference] = []
    if told.who is not None:
        differences += _of_person(told.who, known.who)
    card = same_card(told, known)
    is_new = told.insurance is not None and card is None and may
    if card is not None:
        differences += _of_card(told, card, known, may=may)
    elif told.insurance is not None:
        differences += _of_new_card(told, known.card_today(), may=may)
    named = set()
    for place, one in enumerate(told.programmes):
        mine = same_programme(one.value, known)
        if mine is not None:
            named.add(mine.record_id)
        differences += _of_programme(place, told, mine, may=may)
    unnamed = [each for each in known.programmes if known.day in each.days and each.record_id not in named]
    return Comparison(tuple(differences), card, is_new, tuple(unnamed))


def same_card(told: Told, known: Known) -> KnownCard | None:
    """同じ保険の記録 — same insurer and number, whatever width or blanks; the one that holds today first."""
    if told.insurance is None:
        return None
    wanted = _number_key(told.insurance)
    found = [each for each in known.cards if _number_key(each.value) == wanted]
    return next((each for each in found if known.day in each.days), found[0] if found else None)


def same_programme(value: PublicProgramme, known: Known) -> KnownProgramme | None:
    """同じ公費の記録 — same payer and recipient."""
    wanted = value.payer_number, folded(value.recipient_number)
    found = [
        each
        for each in known.programmes
        if (each.value.payer_number, folded(each.value.recipient_number)) == wanted
    ]
    return next((each for each in found if known.day in each.days), found[0] if found else None)


def _number_key(value: Insurance) -> tuple[str, str, str]:
    return value.insurer_number, folded(value.symbol), folded(value.number)


def folded(text: str) -> str:
    """番号の照合形 — width, blanks, and the marks between parts of a symbol are no difference.

    >>> folded("１２－３４"), folded("12・34")
    ('1234', '1234')
    """
    kept = unicodedata.normalize("NFKC", text)
    return "".join(c for c in kept if c.isalnum()).lstrip("0")


def _of_person(theirs: WhoTheyAre, ours: WhoTheyAre) -> Iterator[Difference]:
    if theirs.born != ours.born:
        note = "生年月日が違います。別の人ではないか確かめてください。"
        yield Difference("who", "born", "生年月日", _day(ours.born), _day(theirs.born), False, note)
    if search_key(theirs.name) != search_key(ours.name):
        yield Difference("who", "name", "氏名", ours.name, theirs.name)
    if theirs.kana and search_key(theirs.kana) != search_key(ours.kana):
        yield Difference("who", "kana", "カナ氏名", ours.kana, theirs.kana)
    if theirs.sex and theirs.sex != ours.sex:
        labels = {str(key): text for key, text in SEX_LABELS.items()}
        yield Difference("who", "sex", "性別", labels.get(ours.sex, ""), labels.get(theirs.sex, ""))
    # An answer may tell the prefecture only: that is no other address.
    if theirs.address and not _plain(ours.address).startswith(_plain(theirs.address)):
        yield Difference("who", "address", "住所", ours.address, theirs.address)
    if theirs.postal_code and theirs.postal_code != ours.postal_code:
        yield Difference("who", "postal_code", "郵便番号", ours.postal_code, theirs.postal_code)


def _of_card(told: Told, card: KnownCard, known: Known, *, may: bool) -> Iterator[Difference]:
    theirs, ours = told.insurance, card.value
    assert theirs is not None
    if theirs.branch and theirs.branch != ours.branch:
        yield Difference("card", "branch", "枝番", ours.branch, theirs.branch, may)
    if theirs.is_dependant != ours.is_dependant:
        yield Difference("card", "is_dependant", "本人・家族", _relation(ours), _relation(theirs), may)
    share = theirs.share_percent
    if share is not None and share not in (ours.share_percent, _share_by_age(ours, known)):
        mine = share_text(ours) or "年齢・所得による"
        yield Difference("card", "share_percent", "負担割合", mine, share_text(theirs), may)
    if theirs.income_class is not None and theirs.income_class != ours.income_class:
        yield Difference(
            "card", "income_class", "限度額の区分", ours.income_class or "", theirs.income_class, may
        )
    limit = theirs.specific_disease_limit_yen
    if limit is not None and limit != ours.specific_disease_limit_yen:
        yield Difference(
            "card",
            "specific_disease_limit_yen",
            "特定疾病療養（マル長）",
            _yen(ours.specific_disease_limit_yen),
            _yen(limit),
            may,
        )
    if told.until is not None and told.until != card.days.until:
        # A lost qualification may end our record when the person says so by the key; a newer one may not replace it.
        can_end = may or told.eligibility == Eligibility.INVALID
        yield Difference("card", "until", "有効終了日", _day(card.days.until), _day(told.until), can_end)


def _of_new_card(told: Told, ours: KnownCard | None, *, may: bool) -> Iterator[Difference]:
    theirs = told.insurance
    assert theirs is not None
    note = ""
    if ours is not None and may:
        note = "今の保険は、新しい保険の開始日の前日で終了にします。"
    yield Difference(
        "card", "new", "保険", card_text(ours.value) if ours is not None else "", card_text(theirs), may, note
    )


def _of_programme(place: int, told: Told, mine: KnownProgramme | None, *, may: bool) -> Iterator[Difference]:
    one = told.programmes[place]
    theirs = one.value
    if mine is None:
        text = f"{one.name} {theirs.payer_number}・{theirs.recipient_number}".strip()
        cap = theirs.month_cap_yen
        yield Difference(
            f"programme{place}", "new", "公費", "", text + (f" 上限{cap:,}円" if cap else ""), may
        )
        return
    if theirs.month_cap_yen is not None and theirs.month_cap_yen != mine.value.month_cap_yen:
        ours, new = _yen(mine.value.month_cap_yen), _yen(theirs.month_cap_yen)
        yield Difference(f"programme{place}", "month_cap_yen", "公費の月額上限", ours, new, may)
    ends, until = mine.days.until, one.until
    if until is not None and ends is not None and until > ends:
        yield Difference(f"programme{place}", "until", "公費の有効終了日", _day(ends), _day(until), may)
    elif until is not None and until != ends:
        note = "公費は自動では終わらせません。受給者証で確かめて、公費の訂正から直してください。"
        yield Difference(
            f"programme{place}", "until", "公費の有効終了日", _day(ends), _day(until), False, note
        )


def _share_by_age(ours: Insurance, known: Known) -> int | None:
    """Whoever is neither a small child nor seventy pays three tenths: a record that leaves it to the age says the same."""
    if ours.share_percent is not None or not 7 <= known.day.year - known.who.born.year < 70:
        return None
    return 30


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day is not None else ""


def _yen(yen: int | None) -> str:
    return f"{yen:,}円" if yen is not None else ""


def _relation(card: Insurance) -> str:
    return "家族" if card.is_dependant else "本人"


def share_text(card: Insurance) -> str:
    """負担割合の表記 — "" where it is told by age."""
    return f"{card.share_percent // 10}割" if card.share_percent is not None else ""


def card_text(card: Insurance) -> str:
    """保険の表記 — kind, insurer, symbol, number and branch in one line."""
    number = "・".join(each for each in (card.symbol, card.number) if each)
    branch = f"（枝番 {card.branch}）" if card.branch else ""
    shown = f"{PAYER_NAMES[card.kind]} {card.insurer_number} {number}{branch} {_relation(card)}"
    return f"{shown} {share_text(card)}".rstrip()


def differences_of(found: Comparison, keys: Sequence[str]) -> list[Difference]:
    """選ばれた違い — those that may be taken over."""
    return [each for each in found.takeable if each.key in keys]


__all__ = [
    "Comparison",
    "Difference",
    "Known",
    "KnownCard",
    "KnownProgramme",
    "card_text",
    "compare",
    "differences_of",
    "folded",
    "same_card",
    "same_programme",
    "share_text",
]
