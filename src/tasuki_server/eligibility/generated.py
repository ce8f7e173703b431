# SPDX-License-Identifier: Apache-2.0
"""架空の加入者の生成 — as many people as are asked for, each from its place alone, put into the register by COPY.

Insurers have made-up serials with right check digits; no number of a person is used anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from uuid import UUID

import jaconv
from django.db import connections, transaction

from tasuki.kernel.check_digit import check_digit
from tasuki.kernel.days import age_on
from tasuki_server.demo.names import FAMILIES, GIVEN, TOWNS
from tasuki_server.eligibility.keys import card_key, name_key

EMPLOYEES = tuple(f"06{place:02}999{check_digit(f'06{place:02}999')}" for place in range(1, 48))
NATIONAL = tuple(f"{place:02}999{check_digit(f'{place:02}999')}" for place in range(1, 48))
ELDERLY = tuple(f"39{place:02}999{check_digit(f'39{place:02}999')}" for place in range(1, 48))
CARD = "G"
SYMBOL = "架空"
_PEOPLE, _COVERS = 0x67E0_0001 << 96 | 0x7 << 76 | 0x8 << 60, 0x67E0_0002 << 96 | 0x7 << 76 | 0x8 << 60
_CHUNK = 10_000
_ABSENT = "\\N"
PERSON_COLUMNS = (
    "id, name, kana, name_key, kana_key, other_name, other_kana, sex, sex_on_card, born, address, postal_code,"
    " card, card_until_on, card_stopped_at, service_stopped_at, made_at"
)
COVER_COLUMNS = (
    "id, person_id, insurer_number, symbol, number, branch, symbol_key, number_key, card_class, relation, insured_name,"
    " qualified_on, lost_on, loss_reason, issued_on, since_on, until_on, share_percent, certificates, made_at"
)


class Generated(NamedTuple):
    """生成した加入者 — what finds them again: the card as it is asked for by number."""

    insurer: str
    symbol: str
    number: str
    branch: str
    born: date


def generated_person(place: int, today: date) -> Generated:
    """生成する加入者 — of one place; the same for the same day of seeding.

    >>> generated_person(7, date(2026, 11, 30)) == generated_person(7, date(2026, 11, 30))
    True
    """
    chance = _chance(place)
    born = date.fromordinal(today.toordinal() - 30 - chance % 34_000)
    age = age_on(born, today).years
    number = f"{place + 1:08}"
    prefecture = (chance >> 8) % 47
    if age >= 75:
        return Generated(ELDERLY[prefecture], "", number, "", born)
    if chance >> 4 & 3:
        return Generated(EMPLOYEES[prefecture], f"{1000 + place % 7919}", number, f"{place % 4:02}", born)
    return Generated(NATIONAL[prefecture], SYMBOL, number, f"{place % 4 + 1:02}", born)


def seed(count: int, today: date, now: datetime, tell: Callable[[int], None] | None = None) -> int:
    """架空の加入者の登録 — adds so many; gives how many generated people there are then.

    As the owner of the tables: PostgreSQL takes no COPY from a role that walls are judged for (decision 1106).
    """
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        # One seeding at a time: the next begins where this one ends.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('eligibility-seed', 0))")
        cursor.execute("SELECT count(*) FROM eligibility_insuredperson WHERE card LIKE %s", [f"{CARD}%"])
        first: int = cursor.fetchone()[0]
        _insurers()
        for at in range(first, first + count, _CHUNK):
            places = range(at, min(at + _CHUNK, first + count))
            made = [(place, generated_person(place, today)) for place in places]
            stamp = now.isoformat()
            people = "".join(_person_line(place, person, today, stamp) for place, person in made)
            covers = "".join(
                line for place, person in made for line in _cover_lines(place, person, today, stamp)
            )
            _copy(cursor, f"COPY eligibility_insuredperson ({PERSON_COLUMNS}) FROM STDIN", people)
            _copy(cursor, f"COPY eligibility_heldqualification ({COVER_COLUMNS}) FROM STDIN", covers)
            if tell is not None:
                tell(places[-1] + 1 - first)
    return first + count


def _copy(cursor: object, statement: str, lines: str) -> None:
    with cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        copy.write(lines)


def _insurers() -> None:
    named = [
        *((number, f"架空健康保険組合{number[2:4]}") for number in EMPLOYEES),
        *((number, f"架空県{number[:2]}国民健康保険") for number in NATIONAL),
        *((number, f"架空県{number[2:4]}後期高齢者医療広域連合") for number in ELDERLY),
    ]
    from tasuki_server.eligibility.models import Insurer

    rows = Insurer.objects.using("owner")
    known = set(rows.values_list("number", flat=True))
    rows.bulk_create(Insurer(number=number, name=name) for number, name in named if number not in known)


def _person_line(place: int, person: Generated, today: date, stamp: str) -> str:
    sex, name, kana, key, kana_key = _named(place)
    until = "2031-03-31" if place % 97 else today.isoformat()
    return "\t".join(
        (
            str(UUID(int=_PEOPLE | place)), name, kana, key, kana_key, "", "", sex, "", person.born.isoformat(),
            f"架空県見本市{TOWNS[place % len(TOWNS)]}{place % 997 + 1}番地", "000-0000", f"{CARD}{place + 1:08}", until,
            _ABSENT, _ABSENT, stamp,
        )
    ) + "\n"  # fmt: skip


def _cover_lines(place: int, person: Generated, today: date, stamp: str) -> Iterator[str]:
    """One cover, and for some an ended one before it; for some the last one has ended."""
    age = age_on(person.born, today).years
    since = date(2024, 4, 1) if person.born < date(2024, 4, 1) else person.born
    lost, reason = (today.isoformat(), "99") if place % 53 == 3 else (_ABSENT, "")
    share = _ABSENT
    certificates: dict[str, object] = {}
    if age >= 75:
        share = str((10, 10, 20, 30)[place % 4])
    elif age >= 70:
        certificates["elder"] = [{"since": "2026-08-01", "until": "2027-07-31", "share": (20, 30)[place % 2]}]
    if place % 3 == 0:
        classes = ("B04", "B05", "B06") if age >= 70 else ("A03", "A04", "A05")
        certificates["limits"] = [
            {
                "since": "2026-08-01",
                "until": "2027-07-31",
                "kind": "01",
                "limit_class": classes[place % 9 // 3],
            }
        ]
    if place % 211 == 5:
        certificates["diseases"] = [{"since": "2026-01-01", "category": "1", "limit_yen": 10000}]
    relation = "2" if age < 20 or place % 3 == 0 else "1"
    yield _cover_line(
        2 * place, place, person, relation, (since.isoformat(), lost, reason, share, json.dumps(certificates)), stamp
    )  # fmt: skip
    if place % 20 == 9 and since == date(2024, 4, 1):
        before = person._replace(
            insurer=EMPLOYEES[(place + 5) % 47], symbol="9999", number=f"9{place + 1:07}", branch="00"
        )
        if before.born < date(2023, 4, 1):
            ended = ("2023-04-01", "2024-04-01", "03", _ABSENT, "{}")
            yield _cover_line(2 * place + 1, place, before, relation, ended, stamp)


def _cover_line(
    serial: int, place: int, person: Generated, relation: str, items: tuple[str, ...], stamp: str
) -> str:
    since, lost, reason, share, certificates = items
    return "\t".join(
        (
            str(UUID(int=_COVERS | serial)), str(UUID(int=_PEOPLE | place)), person.insurer, person.symbol, person.number,
            person.branch, card_key(person.symbol), person.number, "01", relation, _named(place)[1], since, lost, reason,
            since, since, _ABSENT, share, certificates, stamp,
        )
    ) + "\n"  # fmt: skip


def _named(place: int) -> tuple[str, str, str, str, str]:
    sex = "male" if _chance(place) & 1 else "female"
    return _name(sex, place % len(FAMILIES), place // len(FAMILIES) % len(GIVEN[sex]))


@cache
def _name(sex: str, family: int, given: int) -> tuple[str, str, str, str, str]:
    (name, kana), (own, own_kana) = FAMILIES[family], GIVEN[sex][given]
    whole, whole_kana = f"{name}　{own}", jaconv.z2h(f"{kana} {own_kana}", kana=True)
    return ("1" if sex == "male" else "2", whole, whole_kana, name_key(whole), name_key(whole_kana))


def _chance(place: int) -> int:
    """A number that looks like chance and comes again."""
    return (place + 1) * 2_654_435_761 % 4_294_967_291
