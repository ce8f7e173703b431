# SPDX-License-Identifier: Apache-2.0
"""歩き手 — goes through the pages as a person does: follows links, opens addresses, fills forms in and sends them.

Addresses come from the resolver, identifiers from the rows, forms from the pages themselves: a room that comes later is
walked without a line here.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from tasuki_server.accounts.addresses import addresses

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from tasuki_server.accounts.addresses import Parameter

# Ways out of the walk: signing out, and one's own password and second factors.
CLOSED = ("/accounts/", "/static/")
_FILLINGS = {"date": "2026-06-15", "month": "2026-06", "number": "1", "time": "09:30", "tel": "00-0000-0001"}
_PLAIN = {"int": "2026", "year": "2026", "slug": "receipt", "path": "x"}


class Act(NamedTuple):
    """操作 — one request of a person."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()
    is_fragment: bool = False


class Form(NamedTuple):
    """入力画面 — where a form goes, and what its fields hold as the page drew them."""

    method: str
    path: str
    fields: tuple[tuple[str, str, tuple[str, ...]], ...]


class Page(HTMLParser):
    """画面 — the links and forms of a page."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self._path = path
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: tuple[str, list[str]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """An opening tag."""
        given = {name: value or "" for name, value in attributes}
        for name, method in (("href", "get"), ("hx-get", "get"), ("hx-post", "post")):
            if (tag == "a" or name != "href") and given.get(name):
                self._linked(given[name], method)
        if tag == "form":
            method = given.get("method", "get").lower()
            self._form = Form(method, self._absolute(given.get("action", "")), ())
        elif tag == "select" and given.get("name"):
            self._select = (given["name"], [])
        elif tag == "option" and self._select is not None:
            self._select[1].append(given.get("value", ""))
        elif tag in ("input", "textarea", "button") and given.get("name") and "disabled" not in given:
            self._field(given["name"], given.get("type", "text" if tag != "button" else "submit"), given)

    def handle_endtag(self, tag: str) -> None:
        """A closing tag."""
        if tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None
        elif tag == "select" and self._select is not None:
            name, values = self._select
            self._select = None
            if values:
                self._add(name, "select", tuple(values))

    def _field(self, name: str, kind: str, given: dict[str, str]) -> None:
        value = given.get("value", "")
        self._add(name, kind, (value or _FILLINGS.get(kind, ""), "確認") if kind == "text" else (value,))

    def _add(self, name: str, kind: str, values: tuple[str, ...]) -> None:
        if self._form is not None:
            self._form = self._form._replace(fields=(*self._form.fields, (name, kind, values)))

    def _linked(self, target: str, method: str) -> None:
        path = self._absolute(target)
        if method == "post":
            self.forms.append(Form("post", path, ()))
        elif path:
            self.links.append(path)

    def _absolute(self, target: str) -> str:
        if target.startswith("#"):
            return ""
        parts = urlsplit(urljoin(self._path, target or self._path))
        if parts.netloc or parts.scheme:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Walker:
    """歩き手 — one person at a terminal; ``random`` decides, so that a seed repeats the walk."""

    def __init__(
        self, chosen: random.Random, rows: Mapping[str, Sequence[UUID]], numbers: Sequence[int]
    ) -> None:
        self._chosen = chosen
        self._rows = rows
        self._numbers = numbers
        self._addresses = [each for each in addresses() if not each.template.startswith(CLOSED)]
        self._page: Page | None = None

    def next_act(self) -> Act:
        """次の操作 — mostly from the page that lies open, at times an address out of the blue."""
        page, dice = self._page, self._chosen.random()
        if page is not None and page.forms and dice < 0.2:
            form = self._chosen.choice(page.forms)
            if form.path and not form.path.startswith(CLOSED):
                return self._filled(form)
        if page is not None and page.links and dice < 0.8:
            path = self._chosen.choice(page.links)
            if path and not path.startswith(CLOSED):
                return Act("get", path, is_fragment=self._chosen.random() < 0.1)
        return Act("get", self._anywhere())

    def saw(self, path: str, text: str) -> None:
        """見た画面 — its links and forms are where the walk may go on."""
        page = Page(path, text)
        if page.links or page.forms:
            self._page = page

    def _filled(self, form: Form) -> Act:
        fields: dict[str, str] = {}
        for name, kind, values in form.fields:
            if kind in ("checkbox", "radio", "submit") and self._chosen.random() < 0.5:
                continue
            fields[name] = self._chosen.choice(values)
        if form.method == "post":
            return Act("post", form.path, tuple(fields.items()))
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        return Act("get", f"{form.path.partition('?')[0]}?{query}")

    def _anywhere(self) -> str:
        return self._chosen.choice(self._addresses).filled(self._value)

    def _value(self, parameter: Parameter) -> str:
        kind, name = parameter
        if kind == "uuid":
            named = self._rows.get(name.removesuffix("_id").replace("_", ""))
            return str(self._chosen.choice(named or self._chosen.choice(list(self._rows.values()))))
        if name in ("number", "patient_number"):
            return str(self._chosen.choice(self._numbers))
        return _PLAIN.get(name) or _PLAIN.get(kind) or "2026-06-15"
