# SPDX-License-Identifier: Apache-2.0
"""連携アプリの利用範囲 — the words an app may ask for: one patient's data to read, who allows it, and to come back later.

Cite: SMART App Launch 2.2 scopes-and-launch-context (patient/ scopes, launch/patient, openid fhirUser, offline_access)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tasuki_server.exchange.scopes import (
    ANY,
    MOST_SCOPES,
    BadScope,
    Scope,
    granted,
    is_of_patients,
    read_scope,
)

PATIENT, LAUNCH, OPENID, USER, OFFLINE = "patient/", "launch/patient", "openid", "fhirUser", "offline_access"
# 言葉: what is no data, with what it means to whoever allows it.
WORDS = {
    LAUNCH: "患者を一人選んで伝える",
    OPENID: "許可した人を見分ける番号を伝える",
    USER: "許可した人の名前を伝える",
    OFFLINE: "画面を閉じたあとも、許可した日から30日まで使い続ける",
}
_ONLY_READ = frozenset("rs")


class Wanted(NamedTuple):
    """求められた利用範囲 — data of the patient as scopes without the patient, and words."""

    data: tuple[Scope, ...]
    words: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """利用範囲の文字 — as an app writes them."""
        return (*self.words, *(text_of(each) for each in self.data))


def read_wanted(texts: Iterable[str]) -> Wanted:
    """求められた利用範囲の読取り — raises :class:`BadScope` for what no app may ask for.

    >>> read_wanted(["launch/patient", "patient/Observation.rs"]).texts
    ('launch/patient', 'patient/Observation.rs')
    """
    data, words = dict[Scope, None](), dict[str, None]()
    given = list(texts)
    if len(given) > MOST_SCOPES:
        raise BadScope(f"利用範囲は{MOST_SCOPES}個までです。")
    for each in given:
        if each in WORDS:
            words[each] = None
            continue
        if not each.startswith(PATIENT):
            raise BadScope(
                f"利用範囲「{each[:60]}」は使えません。patient/型.rs か {'・'.join(WORDS)} だけです。"
            )
        scope = read_scope("system/" + each.removeprefix(PATIENT))
        if not set(scope.letters) <= _ONLY_READ:
            raise BadScope(f"利用範囲「{each[:60]}」: アプリに認めるのは読むこと（r・s）だけです。")
        if not is_of_patients(scope.type):
            raise BadScope(f"利用範囲「{each[:60]}」の型は、患者のコンパートメントに入りません。")
        data[scope] = None
    return Wanted(tuple(data), tuple(words))


def within(wanted: Wanted, registered: Wanted) -> Wanted:
    """認める利用範囲 — so much of what is wanted as the other allows."""
    data = granted(wanted.data, registered.data)
    return Wanted(data, tuple(each for each in wanted.words if each in registered.words))


def is_within(wanted: Wanted, allowed: Wanted) -> bool:
    """広がらないか — nothing is wanted that was not allowed."""
    return set(wanted.words) <= set(allowed.words) and all(
        any(
            set(each.letters) <= set(one.letters)
            and one.type in (ANY, each.type)
            and set(one.pairs) <= set(each.pairs)
            for one in allowed.data
        )
        for each in wanted.data
    )


def bound(data: Sequence[Scope], patient: str) -> tuple[str, ...]:
    """患者に限った利用範囲 — as a token holds them."""
    return tuple(each._replace(patient=patient).text for each in data)


def text_of(scope: Scope) -> str:
    """利用範囲の文字 — as an app writes it."""
    return PATIENT + scope.text.removeprefix("system/")
