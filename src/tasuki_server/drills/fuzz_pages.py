# SPDX-License-Identifier: Apache-2.0
"""画面へのでたらめな要求 — every address, as every role and as nobody; forms as they were shown, with a few fields forged.

Addresses come from the resolver, forms and identifiers from the pages that are met on the way: nothing is listed.
"""

from __future__ import annotations

import random
import re
import sys
import time
import traceback
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.signals import got_request_exception

from tasuki_server.accounts.addresses import Address, Parameter, addresses
from tasuki_server.drills.fuzz_values import broken, hostile

if TYPE_CHECKING:
    from django.test import Client

    from tasuki_server.drills.marked_clinic import MarkedClinic

HEADERS: tuple[dict[str, str], ...] = (
    {}, {}, {}, {}, {"HX-Request": "true"}, {"HX-Request": "true"}, {"Accept": "application/json"}, {"Host": "evil.test"},
)  # fmt: skip
METHODS = ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Leaving ends the drill's own sessions.
_LEAVING = ("logout",)


class Form(NamedTuple):
    """画面の様式 — where it goes, and its fields as they were shown; files have no value."""

    action: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


class Fault(NamedTuple):
    """わが方の誤り — what was asked, and the status."""

    status: int
    method: str
    template: str
    role: str
    case: int
    why: str

    def __str__(self) -> str:
        told = f"{self.method} {self.template}（{self.role}、{self.case}番目）に {self.status} を返しました"
        return f"{told}: {self.why}。"


class FormFinder(HTMLParser):
    """様式の収集 — forms of a page, and single buttons that post by themselves (htmx)."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self._action: str | None = None
        self._fields: list[tuple[str, str]] = []
        self._files: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """要素 — see the class."""
        given = {name: value or "" for name, value in attrs}
        if "hx-post" in given and tag != "form":
            self.forms.append(Form(given["hx-post"], ((given.get("name", ""), given.get("value", "")),), ()))
        if tag == "form":
            self._action = given.get("hx-post") or given.get("action") or self.path
            self._fields, self._files = [], []
        elif (
            self._action is not None and tag in ("input", "select", "textarea", "button") and "name" in given
        ):
            if given.get("type") == "file":
                self._files.append(given["name"])
            elif given["name"] != "csrfmiddlewaretoken":
                self._fields.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """要素の終わり — of a form."""
        if tag == "form" and self._action is not None:
            self.forms.append(Form(self._action, tuple(self._fields), tuple(self._files)))
            self._action = None


class PageFuzz:
    """画面へのでたらめな要求 — one walk; ``faults`` are answers of 500 and above, one a place."""

    def __init__(self, clinic: MarkedClinic, browsers: dict[str, Client], chosen: random.Random) -> None:
        self.clinic, self.browsers, self.chosen = clinic, browsers, chosen
        self.addresses = [each for each in addresses() if not any(w in each.template for w in _LEAVING)]
        self.identifiers = [str(clinic.visit.id), str(clinic.patient.id)]
        self.forms: dict[tuple[str, tuple[str, ...]], Form] = {}
        self.names: set[str] = set()
        self.faults: dict[tuple[str, str], Fault] = {}
        self.reached: set[str] = set()
        self.cases = self.slowest_ms = 0
        self.why = ""
        # Kept by name, for signals hold their receivers weakly.
        self._noting = self._note
        got_request_exception.connect(self._noting)

    def _note(self, **_: Any) -> None:
        """The kind and the place of a fault, as the log has it."""
        kind, _value, trace = sys.exc_info()
        frames = [
            each
            for each in traceback.extract_tb(trace)
            if "tasuki" in each.filename and ".venv" not in each.filename
        ]
        place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
        self.why = f"{kind.__name__ if kind else '?'} {place}"

    def walk(self, count: int, addresses: list[Address] | None = None) -> None:
        """巡回 — every address once as it should be asked, then at random."""
        known = addresses or self.addresses
        if not self.cases:
            self._first_walk(known, count)
        while self.cases < count:
            self._case(known)

    def _first_walk(self, known: list[Address], count: int) -> None:
        roles = sorted(self.browsers)
        for address in known:
            self.chosen.shuffle(roles)
            for role in roles[:3]:
                if self.cases >= count or address.template in self.reached:
                    break
                self._ask(
                    "GET", address.template, self._path(address, is_hostile=False), {}, role, is_plain=True
                )

    def _case(self, known: list[Address]) -> None:
        kind = self.chosen.random()
        if kind < 0.45 and self.forms:
            form = self.chosen.choice(list(self.forms.values()))
            self._post_form(form)
            return
        address = self.chosen.choice(known)
        path = self._path(address, is_hostile=self.chosen.random() < 0.4)
        if kind < 0.75:
            query = {self._name(): hostile(self.chosen) for _ in range(self.chosen.randrange(3))}
            self._ask("GET", address.template, path, query, self._role())
        elif kind < 0.92:
            fields = {self._name(): hostile(self.chosen) for _ in range(self.chosen.randrange(5))}
            self._ask("POST", address.template, path, fields, self._role())
        else:
            self._ask(self.chosen.choice(METHODS), address.template, path, {}, self._role())

    def _post_form(self, form: Form) -> None:
        fields: dict[str, Any] = {}
        for name, value in form.fields:
            fields.setdefault(name, []).append(value)
        for name in self.chosen.sample(sorted(fields), min(len(fields), self.chosen.randrange(0, 4))):
            fields[name] = [hostile(self.chosen)] * self.chosen.choice((1, 1, 1, 2, 300))
        if fields and self.chosen.random() < 0.2:
            del fields[self.chosen.choice(sorted(fields))]
        for name in form.files:
            fields[name] = self._file()
        self._ask("POST", form.action, form.action, fields, self._role())

    def _file(self) -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        data = broken(b"SI,13,1,112007410,,75,1\r\n" * 20, self.chosen)
        return SimpleUploadedFile(self.chosen.choice(("a.UKE", "b.csv", "../../c.toml", "d" * 300)), data)

    def _ask(
        self, method: str, template: str, path: str, given: dict[str, Any], role: str, *, is_plain: bool = False
    ) -> None:  # fmt: skip
        browser = self.browsers[role]
        headers = {} if is_plain else self.chosen.choice(HEADERS)
        self.cases += 1
        begun = time.perf_counter()
        path = path.partition("?")[0]
        if method == "GET":
            answer = browser.get(path, given, headers=headers)
        elif method == "POST" and self.chosen.random() < 0.9:
            answer = browser.post(path, given, headers=headers)
        else:
            body = broken(b'{"a": [1, 2, "x"]}' * 4, self.chosen)
            kind = self.chosen.choice(
                ("application/json", "text/plain", "multipart/form-data; boundary=x", "")
            )
            answer = browser.generic(method, path, body, content_type=kind, headers=headers)
        self.slowest_ms = max(self.slowest_ms, int((time.perf_counter() - begun) * 1000))
        if answer.status_code >= 500:
            self.faults.setdefault(
                (method, template),
                Fault(answer.status_code, method, template, role, self.cases, self.why),
            )
        if answer.status_code < 400:
            self.reached.add(template)
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            self._learn(path, answer)

    def _learn(self, path: str, answer: Any) -> None:
        if answer.streaming:
            return
        text = answer.content.decode("utf-8", "replace")
        if len(self.identifiers) < 400:
            self.identifiers += [each for each in _UUID.findall(text)[:30] if each not in self.identifiers]
        finder = FormFinder(path)
        finder.feed(text)
        for form in finder.forms:
            # A form's action may be relative or elsewhere; only our own are sent back.
            if form.action.startswith("/") and not any(word in form.action for word in _LEAVING):
                names = tuple(sorted({name for name, _ in form.fields}))
                self.forms.setdefault((_UUID.sub("*", form.action), names), form)
                self.names |= set(names)

    def _path(self, address: Address, *, is_hostile: bool) -> str:
        from urllib.parse import quote

        def value_of(parameter: Parameter) -> str:
            if is_hostile and self.chosen.random() < 0.7:
                return quote(hostile(self.chosen)[:200], safe="") or "x"
            if parameter.kind == "uuid":
                return self.chosen.choice(self.identifiers)
            if parameter.kind == "int":
                return self.chosen.choice((str(self.clinic.patient.number), "0", "99999999999999999999"))
            return self.chosen.choice(("2026-09", "receipt", "items", "A000", "1", "x"))

        return address.filled(value_of)

    def _name(self) -> str:
        return self.chosen.choice(sorted(self.names)) if self.names else "q"

    def _role(self) -> str:
        return self.chosen.choice(sorted(self.browsers))
