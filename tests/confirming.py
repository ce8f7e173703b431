# SPDX-License-Identifier: Apache-2.0
"""資格確認の作り物 — made-up answers of the service, and a gateway that a test holds in its hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from tasuki.eligibility.answer import (
    Answer,
    Certificate,
    Consent,
    Eligibility,
    PersonAnswer,
    Progress,
    Qualification,
)
from tasuki.eligibility.answer_writing import answer_message
from tasuki.eligibility.reading import read_message
from tasuki.eligibility.xml_text import write_xml

NONE = Certificate(None, None, None)
AT = datetime(2026, 6, 15, 0, 30, tzinfo=UTC)
_numbers = count(1)


def qualification(**given: Any) -> Qualification:
    """A person of employees' insurance."""
    members: dict[str, Any] = {
        "insurer_number": "01130012", "symbol": "12345", "number": "678", "branch": "00", "card_class": "01",
        "relation": "1", "insured_name": "", "name": "架空　太郎", "kana": "ｶｸｳ ﾀﾛｳ", "other_name": "",
        "other_kana": "", "sex": "1", "sex_on_card": "", "born_on": date(1960, 4, 1),
        "address": "東京都千代田区架空町1-2-3", "postal_code": "100-0001", "qualified_on": date(2024, 4, 1),
        "lost_on": None, "card": NONE, "share_percent": None, "is_preschool": False, "loss_reason": "",
        "insurer_name": "架空健康保険組合", "elder": None, "is_limit_consented": False, "limit_consented_at": None,
        "limit": None, "limit_changed": "", "disease_consent": "", "disease_consented_at": None, "diseases": (),
        "consents": (), "reference_number": "", "own_identifier": "",
        **given,
    }  # fmt: skip
    return Qualification(**members)


def consent(name: str, term: str, since: datetime, until: datetime) -> Consent:
    """A consent that was given."""
    return Consent(name, term, True, since, until)


def answer(
    *qualifications: Qualification,
    eligibility: Eligibility | None = Eligibility.VALID,
    issue: str = "",
    is_by_card: bool = True,
    identifier: str = "",
    **given: Any,
) -> bytes:
    """The bytes of a result."""
    person = PersonAnswer(
        is_fine=True, code=given.pop("code", ""), message=given.pop("message", ""), eligibility=eligibility,
        prescription_issue=issue, qualifications=qualifications, tickets=given.pop("tickets", ()), asked=None,
    )  # fmt: skip
    made = Answer(
        progress=given.pop("progress", Progress.DONE), error_code=given.pop("error_code", ""),
        error_message=given.pop("error_message", ""), processed_at=AT, confirmed_on=AT.date(),
        institution_code="1319990001", is_by_card=is_by_card,
        file_identifier=identifier or f"face{next(_numbers)}", reception_number="",
        persons=() if given.pop("is_empty", False) else (person,),
    )  # fmt: skip
    assert not given
    return write_xml(answer_message(made))


def face(*qualifications: Qualification, **given: Any) -> tuple[str, bytes]:
    """A result of the card reader, with its file name."""
    return f"OQSsiquc01res_face_1319990001_20260615{next(_numbers):06}.xml", answer(*qualifications, **given)


class FakeGateway:
    """A gateway of a test: card results to come, and what is answered to each request."""

    def __init__(self) -> None:
        from tasuki_server.confirmation.gateway import Arrived

        self._arrived = Arrived
        self.cards: list[tuple[str, bytes]] = []
        self.asked: list[tuple[str, bytes]] = []
        self.settled: list[str] = []
        self.is_away = False
        self.reply: Any = lambda file, data: None

    def send(self, file: str, data: bytes) -> bytes | None:
        """Hands it to the test."""
        self._look()
        self.asked.append((file, data))
        return self.reply(file, data)  # type: ignore[no-any-return]

    def answers(self, wanted: Iterable[str]) -> list[Any]:
        """None: the reply came with the request."""
        self._look()
        return []

    def faces(self, since: int) -> list[Any]:
        """Those after a number."""
        self._look()
        return [
            self._arrived(file, data, place)
            for place, (file, data) in enumerate(self.cards, start=1)
            if place > since
        ]

    def settle(self, arrived: Any) -> None:
        """Notes it."""
        self.settled.append(arrived.file)

    def _look(self) -> None:
        from tasuki_server.confirmation.gateway import NotReached

        if self.is_away:
            raise NotReached("試験のため切れています")


def identifier_of(data: bytes) -> str:
    """What a request wants repeated."""
    return read_message(data).header.value("ArbitraryFileIdentifier")


def go_round(clinic: Any, gateway: Any) -> Any:
    """One round of the clinic's queue."""
    from tasuki_server.confirmation.queue import attend
    from tasuki_server.institutions.opening import system_actor

    return attend(clinic.id, system_actor(clinic.id), gateway)


def switch_on(clinic: Any, kind: str = "web") -> None:
    """The clinic uses the line."""
    from tasuki_server.confirmation.line import set_line

    with clinic.work("admin"):
        set_line(kind)  # type: ignore[arg-type]
