# SPDX-License-Identifier: Apache-2.0
"""利用範囲（スコープ） — what a connection may do with which resources, in the words of SMART, and the one judge of it.

A scope names a type, letters (c create, r read, u update, d delete, s search) and perhaps conditions that every
resource must meet. Conditions look at the resource alone: no chain, no other resource. What cannot be read grants
nothing.

Cite: HL7 SMART App Launch 2.2 scopes-and-launch-context (system/ scopes, finer-grained scopes using search parameters)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from tasuki.sharing.search import BadSearch, compartment_codes, is_resource_type, parse
from tasuki.sharing.search.matching import Store, holds
from tasuki.sharing.search.query import Chain, Condition, Reverse
from tasuki.sharing.search.within import within_patient

if TYPE_CHECKING:
    from tasuki_server.exchange.searching_conditions import Writing

LETTERS = "cruds"
ANY = "*"
# 一人の患者の範囲: how one is kept, with the identifier; nobody is granted it by asking.
OF_PATIENT = "patient:"
# SMART 1.0 の書き方: what the older words mean.
_OLDER = {"read": "rs", "write": "cud", "*": LETTERS}
MOST_SCOPES, LONGEST = 100, 500
# 自らの記録: made of the record of use, not found by the index.
UNNARROWED = frozenset(("AuditEvent",))
_NOBODY = Store(())


class BadScope(ValueError):
    """読めない利用範囲 — says which and why, in Japanese."""


class Scope(NamedTuple):
    """利用範囲 — of one type, or of every one (``*``); ``pairs`` are the conditions as they were written.

    With a ``patient`` it reaches what is in the compartment of that one and nothing else.
    """

    type: str
    letters: str
    pairs: tuple[tuple[str, str], ...] = ()
    patient: str = ""

    @property
    def text(self) -> str:
        """利用範囲の文字 — as SMART writes it; of a patient with the identifier, which is never asked for so."""
        asked = f"?{urlencode(self.pairs, safe='|/:,')}" if self.pairs else ""
        context = f"{OF_PATIENT}{self.patient}" if self.patient else "system"
        return f"{context}/{self.type}.{self.letters}{asked}"

    def covers(self, type_name: str, letter: str) -> bool:
        """及ぶか — to a type and an act, whatever the conditions."""
        if letter not in self.letters or self.type not in (ANY, type_name):
            return False
        return not self.patient or is_of_patients(type_name)

    @property
    def is_bound(self) -> bool:
        """限りがあるか — not every resource of the type is reached."""
        return bool(self.pairs or self.patient)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """条件 — read; see :func:`read_scope` for which are taken."""
        read = _conditions(self.type, self.pairs)
        return (*read, within_patient(self.type, self.patient)) if self.patient else read


@lru_cache(maxsize=1000)
def _conditions(type_name: str, pairs: tuple[tuple[str, str], ...]) -> tuple[Condition, ...]:
    return parse(type_name, list(pairs)).conditions if pairs else ()


def is_of_patients(type_name: str) -> bool:
    """患者のものか — in somebody's compartment; who looked is a record of this house and of no compartment."""
    return type_name not in UNNARROWED and (type_name == ANY or bool(compartment_codes(type_name)))


def read_scope(text: str) -> Scope:
    """利用範囲の読取り — raises :class:`BadScope`.

    >>> read_scope("system/Observation.rs?category=laboratory").text
    'system/Observation.rs?category=laboratory'
    >>> read_scope("system/*.read")
    Scope(type='*', letters='rs', pairs=(), patient='')
    """
    if len(text) > LONGEST or "\0" in text:
        raise BadScope(f"利用範囲「{text[:40]}」が長すぎるか、使えない文字があります。")
    context, slash, rest = text.partition("/")
    if not slash or context != "system":
        raise BadScope(f"利用範囲「{text}」は system/型.cruds の形で書いてください。")
    named, _, asked = rest.partition("?")
    type_name, _, letters = named.partition(".")
    if type_name != ANY and not is_resource_type(type_name):
        raise BadScope(f"利用範囲「{text}」の型 {type_name} はFHIR R4にありません。")
    letters = _OLDER.get(letters, letters)
    if not letters or letters != "".join(each for each in LETTERS if each in letters):
        raise BadScope(f"利用範囲「{text}」の操作は cruds の順に、要るものだけを書いてください。")
    pairs = tuple(parse_qsl(asked, keep_blank_values=True))
    if ("?" in rest) != bool(pairs):
        raise BadScope(f"利用範囲「{text}」の条件を読めません。")
    if pairs and (type_name == ANY or type_name in UNNARROWED):
        raise BadScope(
            f"利用範囲「{text}」: 条件は、型を一つ書いたときだけ付けられます（AuditEventを除く）。"
        )
    _check_pairs(text, type_name, pairs)
    return Scope(type_name, letters, pairs)


def _check_pairs(text: str, type_name: str, pairs: tuple[tuple[str, str], ...]) -> None:
    try:
        conditions = _conditions(type_name, pairs)
    except BadSearch as bad:
        raise BadScope(f"利用範囲「{text}」: {bad.text}") from bad
    # What says how to answer is no condition: it would narrow nothing and look as if it did.
    if len(conditions) != len(pairs) or any(isinstance(each, (Chain, Reverse)) for each in conditions):
        raise BadScope(f"利用範囲「{text}」: 条件は、そのリソース自身の検索パラメータだけにしてください。")
    if any(value.startswith("ap") for _, value in pairs):
        raise BadScope(f"利用範囲「{text}」: およその値（ap）は条件にできません。")


def read_scopes(texts: Iterable[str]) -> tuple[Scope, ...]:
    """利用範囲の一覧の読取り — raises :class:`BadScope` for the first that cannot be read."""
    given = list(texts)
    if len(given) > MOST_SCOPES:
        raise BadScope(f"利用範囲は{MOST_SCOPES}個までです。")
    return tuple(read_scope(each) for each in given)


def kept_scopes(texts: Iterable[str]) -> tuple[Scope, ...]:
    """登録された利用範囲 — what cannot be read any more grants nothing, the rest stays."""
    found = []
    for each in texts:
        context, _, rest = each.partition("/")
        patient = context.removeprefix(OF_PATIENT) if context.startswith(OF_PATIENT) else ""
        try:
            scope = read_scope(f"system/{rest}" if patient else each)
        except BadScope:
            continue
        if not patient:
            found.append(scope)
        elif is_of_patients(scope.type):
            found.append(scope._replace(patient=patient))
    return tuple(found)


def granted(asked: Sequence[Scope], registered: Sequence[Scope]) -> tuple[Scope, ...]:
    """認める利用範囲 — of those asked for, so much as the registered ones cover; conditions are added, never dropped.

    >>> [each.text for each in granted(read_scopes(["system/Patient.cruds"]), read_scopes(["system/*.rs"]))]
    ['system/Patient.rs']
    """
    found: dict[Scope, None] = {}
    for want in asked:
        for have in registered:
            letters = "".join(each for each in want.letters if each in have.letters)
            if not letters or ANY != have.type != want.type != ANY:
                continue
            type_name = have.type if want.type == ANY else want.type
            more = tuple(each for each in have.pairs if each not in want.pairs)
            found[Scope(type_name, letters, want.pairs + more)] = None
    return tuple(found)


class Grant(NamedTuple):
    """認められた範囲 — of a request: each set of scopes must allow; without any, the institution may do everything.

    A token, the client's registration and the institution's own narrowing are sets of their own, so that taking
    a scope away from any of them counts at the next request.
    """

    sets: tuple[tuple[Scope, ...], ...] = ()

    def may(self, type_name: str, letter: str) -> bool:
        """できるか — at all; conditions are judged with the resource."""
        return all(any(each.covers(type_name, letter) for each in scopes) for scopes in self.sets)

    def is_open(self, type_name: str, letter: str) -> bool:
        """無条件か — with any resource of the type."""
        return all(
            any(each.covers(type_name, letter) and not each.is_bound for each in scopes)
            for scopes in self.sets
        )

    def some(self, letter: str) -> bool:
        """どれかにできるか — with resources of any type."""
        return all(any(letter in each.letters for each in scopes) for scopes in self.sets)

    def holds(self, resource: dict[str, Any], letter: str) -> bool:
        """リソースに及ぶか — judged on what it says, for bodies that the index does not know: new ones and old versions."""
        kind = resource["resourceType"]
        return all(
            any(
                each.covers(kind, letter) and all(holds(one, resource, _NOBODY) for one in each.conditions)
                for each in scopes
            )
            for scopes in self.sets
        )

    def sql(self, alias: str, letters: str, writing: Writing, of: str = "") -> str:
        """及ぶリソースのSQL — over a row of ``exchange_resource``; of one type where it is known, "" for no bound."""
        terms = [_sql(scopes, alias, letter, writing, of) for scopes in self.sets for letter in letters]
        return " AND ".join(each for each in terms if each)


WHOLE = Grant()


def _sql(scopes: tuple[Scope, ...], alias: str, letter: str, writing: Writing, of: str) -> str:
    given = [each for each in scopes if letter in each.letters and (not of or each.covers(of, letter))]
    if any(not each.is_bound and each.type in (ANY, of) for each in given):
        return ""
    opened = sorted({each.type for each in given if not each.is_bound})
    ways = [f"{alias}.type = ANY({writing.argument(opened, 'text[]')})"] if opened else []
    for each in given:
        if each.is_bound and each.type not in opened:
            met = [writing.condition(each.type, one, alias) for one in each.conditions]
            of_type = [] if each.type == ANY else [f"{alias}.type = '{each.type}'"]
            ways.append(" AND ".join([*of_type, *met]))
    return f"({' OR '.join(f'({way})' for way in ways)})" if ways else "false"
