# SPDX-License-Identifier: Apache-2.0
"""決まった文 — statements that every page of the portal asks, written once and planned once a connection; the ORM would make their text anew each time.

A statement gives whole rows of models, one model behind the other, so that what it reads is used like any other row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, LiteralString, NamedTuple, TypeVar, cast

from django.db import connections, models, router

from tasuki_server.database.person_walls import PERSON_COLUMNS
from tasuki_server.database.prepared import execute_prepared
from tasuki_server.database.router import PLATFORM
from tasuki_server.eligibility.models import HeldQualification, InsuredPerson
from tasuki_server.portal.models import Account, Passkey, Proxy, Session

_Row = TypeVar("_Row", bound=models.Model)


class _Columns(NamedTuple):
    """A model's columns, in the order in which a row of it is read."""

    model: type[models.Model]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    converters: tuple[tuple[int, Any], ...]

    def sql(self, alias: str) -> str:
        return ", ".join(f'{alias}."{each}"' for each in self.columns)


@cache
def _columns(model: type[models.Model]) -> _Columns:
    fields = tuple(each for each in model._meta.concrete_fields if each.attname not in _unread(model))
    # Every role's connection converts alike.
    connection = connections[PLATFORM]
    converters = []
    for place, field in enumerate(fields):
        found = [
            *connection.ops.get_db_converters(field.get_col(model._meta.db_table)),
            *field.get_db_converters(connection),
        ]
        converters += [(place, each) for each in found]
    return _Columns(
        model,
        tuple(field.attname for field in fields),
        tuple(field.column for field in fields),
        tuple(converters),
    )


def _unread(model: type[models.Model]) -> tuple[str, ...]:
    """What no page shows of the register: an address and a card, which may be those of somebody who stands in."""
    if model is not InsuredPerson:
        return ()
    return tuple(each.attname for each in model._meta.concrete_fields if each.attname not in PERSON_COLUMNS)


def unread_of(*paths: str) -> list[str]:
    """読まない列 — of people of the register that come with other rows, for ``defer``."""
    return [f"{path}__{name}" for path in paths for name in _unread(InsuredPerson)]


def _made(of: _Columns, values: Sequence[Any], using: str) -> Any:
    """The row; ``None`` where an outer join found none."""
    if values[0] is None:
        return None
    given = list(values)
    for place, convert in of.converters:
        given[place] = convert(given[place], None, connections[using])
    return of.model.from_db(using, of.names, given)


def _read(text: str, given: Sequence[object], *of: type[models.Model]) -> Iterator[list[Any]]:
    tables = [_columns(each) for each in of]
    using = router.db_for_read(of[0])
    for row in execute_prepared(cast("LiteralString", text), given, using).fetchall():
        made, begun = [], 0
        for each in tables:
            made.append(_made(each, row[begun : begun + len(each.columns)], using))
            begun += len(each.columns)
        yield made


def keep(row: _Row) -> _Row:
    """行の追加 — as ``Model.objects.create`` does, by a text that is made once for a model."""
    model = type(row)
    using = router.db_for_write(model)
    connection = connections[using]
    fields = _written(model)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    execute_prepared(cast("LiteralString", _insert(model)), values, using)
    row._state.adding, row._state.db = False, using
    return row


@cache
def _written(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))


@cache
def _insert(model: type[models.Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in _written(model))
    places = ", ".join(["%s"] * len(_written(model)))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({places})'  # noqa: S608 - of the model


@cache
def _session_text() -> str:
    whole = ((Session, "s"), (Account, "a"), (InsuredPerson, "p"), (Proxy, "x"), (InsuredPerson, "q"))
    rows = ", ".join(_columns(model).sql(alias) for model, alias in whole)
    return f"""
        SELECT {rows} FROM portal_session s
        JOIN portal_account a ON a.id = s.account_id
        JOIN eligibility_insuredperson p ON p.id = a.person_id
        LEFT JOIN portal_passkey k ON k.id = s.passkey_id
        LEFT JOIN portal_proxy x ON x.id = s.acting_id AND x.account_id = s.account_id
        LEFT JOIN eligibility_insuredperson q ON q.id = x.person_id
        WHERE s.digest = %s AND s.ended_at IS NULL AND a.closed_at IS NULL AND k.removed_at IS NULL
    """  # noqa: S608 - columns of the models


def open_session(digest: str) -> Session | None:
    """使用できるセッション — by the digest of its cookie, with its account, its person and the proxy it acts by."""
    for session, account, person, proxy, other in _read(
        _session_text(), [digest], Session, Account, InsuredPerson, Proxy, InsuredPerson
    ):
        account.person = person
        session.account = account
        session.acting = proxy
        if proxy is not None:
            proxy.person = other
        found: Session = session
        return found
    return None


@cache
def _passkey_text() -> str:
    rows = ", ".join(
        _columns(model).sql(alias) for model, alias in ((Passkey, "k"), (Account, "a"), (InsuredPerson, "p"))
    )
    return f"""
        SELECT {rows} FROM portal_passkey k
        JOIN portal_account a ON a.id = k.account_id
        JOIN eligibility_insuredperson p ON p.id = a.person_id
        WHERE k.credential_id = %s AND k.removed_at IS NULL AND a.closed_at IS NULL
          AND (k.waits_until IS NULL OR k.waits_until <= now())
        FOR UPDATE OF k
    """  # noqa: S608 - columns of the models


def held_passkey(credential_id: bytes) -> Passkey | None:
    """使用できるパスキー — by the number its device told, held until the transaction ends; with its account and person."""
    for passkey, account, person in _read(_passkey_text(), [credential_id], Passkey, Account, InsuredPerson):
        account.person = person
        passkey.account = account
        found: Passkey = passkey
        return found
    return None


@cache
def _cards_text() -> str:
    rows = _columns(HeldQualification).sql("h")
    return f"""
        SELECT {rows} FROM eligibility_heldqualification h WHERE h.person_id = %s ORDER BY h.qualified_on DESC
    """  # noqa: S608 - columns of the models


def cards_of(person: InsuredPerson) -> list[HeldQualification]:
    """資格 — every card a person has had, the newest first."""
    return [card for (card,) in _read(_cards_text(), [person.pk], HeldQualification)]


@cache
def _proxies_text() -> str:
    rows = ", ".join(
        _columns(model).sql(alias)
        for model, alias in ((Proxy, "x"), (InsuredPerson, "p"), (Account, "a"), (InsuredPerson, "q"))
    )
    return f"""
        SELECT {rows} FROM portal_proxy x
        JOIN eligibility_insuredperson p ON p.id = x.person_id
        JOIN portal_account a ON a.id = x.account_id
        JOIN eligibility_insuredperson q ON q.id = a.person_id
        WHERE x.account_id = %s AND x.revoked_at IS NULL
        ORDER BY p.kana_key, x.since_at
    """  # noqa: S608 - columns of the models


def proxies_by(account: Account) -> list[Proxy]:
    """代理 — by which an account stands in for others, not revoked; by the name of the other."""
    made = []
    for proxy, person, account_row, own in _read(
        _proxies_text(), [account.pk], Proxy, InsuredPerson, Account, InsuredPerson
    ):
        account_row.person, proxy.person, proxy.account = own, person, account_row
        made.append(proxy)
    return made
