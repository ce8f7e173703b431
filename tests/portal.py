# SPDX-License-Identifier: Apache-2.0
"""本人の画面の試験の道具 — a browser of a person, signed in by a software passkey."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

from insured import make_cover, make_person

ORIGIN = "http://localhost:8000"
# The times of a kana name do not matter here.
TELEPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Safari/604.1"


class Telephone:
    """One browser of one person."""

    def __init__(self, agent: str = TELEPHONE, **options: Any) -> None:
        from django.test import Client

        from tasuki_server.drills.soft_passkey import SoftPasskey

        self.client = Client(HTTP_HOST="localhost:8000", HTTP_USER_AGENT=agent, **options)
        self.passkey = SoftPasskey(ORIGIN)

    def get(self, path: str, **given: Any) -> Any:
        return self.client.get(f"/portal/{path}", **given)

    def post(self, path: str, given: dict[str, Any] | None = None) -> Any:
        return self.client.post(f"/portal/{path}", given or {})

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers)
        return html.unescape(answer.content.decode())

    def register(self, person: Any, code: str = "") -> Any:
        """With a code of the desk; leaves the browser signed in."""
        from tasuki_server.portal.codes import issue_code
        from tasuki_server.portal.models import CodeKind

        self.get("register/")
        asked = self.post(
            "register/", {"code": code or issue_code(person, CodeKind.OWN), "born": person.born.isoformat()}
        )
        assert asked.status_code == 200, asked.content.decode()
        return self.post(
            "register/passkey/",
            {"ticket": ticket_of(asked), "answer": self.passkey.made(options_of(asked)), "label": "電話"},
        )

    def enter(self) -> Any:
        """By the passkey."""
        asked = self.get("enter/")
        return self.post("enter/", {"answer": self.passkey.proved(options_of(asked))})


def options_of(answer: Any) -> str:
    found = re.search(r'data-options="([^"]*)"', answer.content.decode())
    assert found, answer.content.decode()
    return html.unescape(found[1])


def ticket_of(answer: Any) -> str:
    found = re.search(r'name="ticket" value="([^"]*)"', answer.content.decode())
    assert found, answer.content.decode()
    return html.unescape(found[1])


def person_with_card(name: str, number: str, born: date = date(1980, 4, 1), **given: Any) -> Any:
    """Someone of the register with one card of today."""
    person = make_person(name, born=born, **given)
    make_cover(person, number, symbol="12", branch="01")
    return person
