# SPDX-License-Identifier: Apache-2.0
"""証の記録 — elder's, limit and disease certificates of one qualification, each with its days, as the register keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import msgspec

from tasuki.eligibility.answer import Certificate, DiseaseCertificate, ElderCertificate, LimitCertificate


class _Dated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    since: date
    until: date | None = None
    issued: date | None = None

    def is_current(self, day: date) -> bool:
        """有効か — on a day, both ends included."""
        return self.since <= day and (self.until is None or day <= self.until)

    def period(self) -> Certificate:
        """期間 — as an answer gives it."""
        return Certificate(self.issued or self.since, self.since, self.until)


class ElderRow(_Dated, frozen=True, kw_only=True):
    """高齢受給者証の記録 — the share in percent."""

    share: int


class LimitRow(_Dated, frozen=True, kw_only=True, omit_defaults=True):
    """限度額適用認定証の記録 — kind (01 to 03), 適用区分, and since when someone is 長期入院該当."""

    kind: str
    limit_class: str
    long_stay: date | None = None


class DiseaseRow(_Dated, frozen=True, kw_only=True):
    """特定疾病療養受療証の記録 — the disease (1 to 3) and the most that is paid in a month."""

    category: str
    limit_yen: int


class Certificates(msgspec.Struct, frozen=True, omit_defaults=True):
    """証の一覧 — of one qualification, ended ones included."""

    elder: tuple[ElderRow, ...] = ()
    limits: tuple[LimitRow, ...] = ()
    diseases: tuple[DiseaseRow, ...] = ()

    def elder_on(self, day: date) -> ElderCertificate | None:
        """高齢受給者証 — of a day, the newest when several count."""
        found = _newest(self.elder, day)
        return ElderCertificate(found.period(), found.share) if found is not None else None

    def limit_on(self, day: date) -> LimitCertificate | None:
        """限度額適用認定証 — of a day, the newest when several count."""
        found = _newest(self.limits, day)
        if found is None:
            return None
        return LimitCertificate(found.period(), found.kind, found.limit_class, found.long_stay)

    def diseases_on(self, day: date) -> tuple[DiseaseCertificate, ...]:
        """特定疾病療養受療証 — those of a day."""
        return tuple(
            DiseaseCertificate(each.period(), each.category, each.limit_yen)
            for each in self.diseases
            if each.is_current(day)
        )


_Row = TypeVar("_Row", bound=_Dated)
NO_CERTIFICATES = Certificates()
_decoder = msgspec.json.Decoder(Certificates)


def read_certificates(text: str | bytes) -> Certificates:
    """証の一覧の読取 — of the JSON of a row.

    >>> read_certificates('{"elder": [{"since": "2026-08-01", "share": 20}]}').elder_on(date(2026, 8, 1)).share_percent
    20
    """
    return NO_CERTIFICATES if text in ("{}", b"{}") else _decoder.decode(text)


def plain_certificates(value: Certificates) -> dict[str, object]:
    """証の一覧の記録 — as the column takes it."""
    found: dict[str, object] = msgspec.to_builtins(value)
    return found


def _newest(rows: Sequence[_Row], day: date) -> _Row | None:
    return max((each for each in rows if each.is_current(day)), key=lambda each: each.since, default=None)
