# SPDX-License-Identifier: Apache-2.0
"""重複と相互作用 — a drug of the prescription against the others of it, those given here before, and those of elsewhere.

Cite: 電子処方箋管理サービスの導入に関するシステムベンダ向け技術解説書（重複投薬等チェック）; 電子添文 10.相互作用
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tasuki.prescriptions.safety.alert import Alert
from tasuki.prescriptions.safety.rows import Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from tasuki.prescriptions.safety.knowledge import Knowledge, Profile
    from tasuki.prescriptions.safety.person import Medicine
    from tasuki.prescriptions.safety.rows import Interaction

# Days of one's own supply that a renewal finds left without being asked about it; our own choice.
RENEWAL_DAYS = 7
DUPLICATE = "電子処方箋管理サービスの導入に関するシステムベンダ向け技術解説書（重複投薬等チェック）"
_KEY = "prescription.safety."


class Taken(NamedTuple):
    """点検する薬と知識 — a drug with what the tables say of it."""

    medicine: Medicine
    profile: Profile
    position: int = 0

    @property
    def identity(self) -> str:
        """薬の鍵 — the same for the same product whoever gave it."""
        return self.medicine.ingredient or self.medicine.code or self.medicine.name


def shelved(drugs: Iterable[Taken]) -> dict[str, list[Taken]]:
    """薬の棚 — drugs found by every token the tables know them by."""
    shelf: dict[str, list[Taken]] = {}
    for each in drugs:
        for token in each.profile.tokens:
            if token in shelf:
                shelf[token].append(each)
            else:
                shelf[token] = [each]
    return shelf


def pair_alerts(
    prescribed: Sequence[Taken], earlier: Iterable[Medicine], knowledge: Knowledge, day: date
) -> Iterator[Alert]:
    """重複と相互作用の警告 — each pair once; an ingredient given twice is no interaction with itself."""
    inside = shelved(prescribed)
    shelf = shelved(Taken(each, knowledge.profile(each.code, each.ingredient)) for each in earlier)
    for one in prescribed:
        for other, rows in _met(one, inside):
            if _is_first(one, other):
                yield from _judged(one, other, rows, 0, day)
        for other, rows in _met(one, shelf):
            is_same = bool(one.profile.ingredients & other.profile.ingredients)
            if not is_same and _is_renewed(other, inside):
                continue
            days = one.medicine.shared_days(other.medicine)
            if days:
                yield from _judged(one, other, rows, days, day)


def _met(one: Taken, shelf: Mapping[str, list[Taken]]) -> Iterable[tuple[Taken, dict[int, Interaction]]]:
    """The drugs of a shelf that a drug has anything to do with, each with the rows that name both, by their id."""
    met: dict[int, tuple[Taken, dict[int, Interaction]]] = {}
    profile = one.profile
    for token in shelf.keys() & profile.same:
        for other in shelf[token]:
            met[id(other)] = (other, {})
    for token in shelf.keys() & profile.partners.keys():
        rows = profile.partners[token]
        for other in shelf[token]:
            found = met.get(id(other))
            if found is None:
                found = met[id(other)] = (other, {})
            for row in rows:
                found[1][id(row)] = row
    return met.values()


def _is_renewed(other: Taken, inside: Mapping[str, list[Taken]]) -> bool:
    """Whether a drug taken before is given again: what meets it meets the new box, and is told there, once."""
    return any(
        other.profile.tokens <= each.profile.tokens
        for token in other.profile.ingredients
        for each in inside.get(token, ())
    )


def _is_first(one: Taken, other: Taken) -> bool:
    """Of the two drugs of a pair inside the prescription the alert stands at one, whatever the order of entry."""
    mine = (one.identity, one.medicine.place, one.position)
    return mine < (other.identity, other.medicine.place, other.position)


def _judged(
    one: Taken, other: Taken, rows: Mapping[int, Interaction], days: int, day: date
) -> Iterator[Alert]:
    is_open = bool(days) and other.medicine.until is None
    if one.profile.ingredients & other.profile.ingredients:
        # 屯服 and 外用 of our own are renewed without anyone knowing what is left.
        if not is_open or other.medicine.institution:
            yield _same(one, other, days)
        return
    classes = one.profile.classes & other.profile.classes
    if classes and not is_open:
        yield _alert("RX-A-04", Tier.CAUTION, one, other, DUPLICATE, group="、".join(sorted(classes)))
    for row in rows.values():
        if not row.holds_on(day):
            continue
        code = "RX-A-05" if row.tier is Tier.STOP else "RX-A-06"
        yield _alert(code, row.tier, one, other, row.source, text=row.text)


def _same(one: Taken, other: Taken, days: int) -> Alert:
    said = {"days": str(days)}
    if not days:
        return _alert("RX-A-01", Tier.CAUTION, one, other, DUPLICATE)
    if other.medicine.institution:
        return _alert("RX-A-03", Tier.CAUTION, one, other, DUPLICATE, **said)
    if days <= RENEWAL_DAYS:
        return _alert("RX-A-19", Tier.INFO, one, other, DUPLICATE, **said)
    return _alert("RX-A-02", Tier.CAUTION, one, other, DUPLICATE, **said)


def _alert(code: str, tier: Tier, one: Taken, other: Taken, cite: str, **facts: str) -> Alert:
    drug, beside = one.medicine, other.medicine
    ending = ".other" if beside.institution else "" if beside.place else ".own"
    identity = other.identity
    said = {"drug": drug.name, "other": beside.name, **facts}
    if ending:
        said["until"] = beside.until.isoformat() if beside.until else ""
        said["since"] = beside.since.isoformat()
        said["institution"] = beside.institution
        ending += ".withheld" if beside.is_withheld else "" if beside.until else ".open"
    if beside.is_withheld:
        # What a row says of the pair names the other drug as well as its name would.
        said = {"drug": drug.name, "text": "", **({"group": facts["group"]} if "group" in facts else {})}
        cite, identity = DUPLICATE, "withheld"
    told = said.get("group", said.get("text", ""))
    return Alert(
        code=code,
        tier=tier,
        where=drug.place,
        facts=tuple(sorted(said.items())),
        cite=cite,
        message_key=f"{_KEY}{code}{ending}",
        cause="/".join((one.identity, identity, said.get("institution", ""), told)),
        beside="" if ending else beside.place,
    )
