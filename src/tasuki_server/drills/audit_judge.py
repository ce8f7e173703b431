# SPDX-License-Identifier: Apache-2.0
"""監査の判定 — one act at a time: what the answer showed, against what the trail says of it.

The judge does not ask our own code what was read: it looks for the patients in the answer itself, and reads the trail as
a superuser. Each act comes from a network address of its own, by which its events are found.
"""

from __future__ import annotations

import importlib.util
import io
import traceback
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    import psycopg
    from django.http import HttpResponseBase
    from django.test import Client

    from tasuki_server.drills.clinic import LivingClinic, Worker
    from tasuki_server.drills.walker import Act

# 再確認の問い、閲覧専用: nothing of the page was reached.
TURNED_AWAY = (401, 423)


class Told(NamedTuple):
    """監査記録 — one event as the judge reads it."""

    action: str
    staff_id: UUID | None
    actor: str
    address: str
    session: str
    purpose: str
    at: datetime
    named: frozenset[UUID]
    whole: str


class Seen(NamedTuple):
    """操作の結果 — the status, the readable text of the answer, and whether its kind can be read here at all."""

    status: int
    text: str
    is_html: bool
    is_readable: bool
    is_turned_away: bool = False
    broke: str = ""


class Judge:
    """監査の判定 — counts what was right, and keeps in Japanese what was not."""

    def __init__(self, clinic: LivingClinic, owner: psycopg.Connection, network: int) -> None:
        self.clinic = clinic
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._owner = owner
        self._network = network
        self._acts = 0
        self._since = self._last()

    def act(self, worker: Worker, browser: Client, act: Act) -> tuple[Seen, frozenset[UUID]]:
        """操作と判定 — what the answer was, and which patients it showed."""
        from django.utils import timezone

        self._acts += 1
        address = f"10.{self._network}.{self._acts // 250 % 250}.{self._acts % 250}"
        headers = {"HX-Request": "true"} if act.is_fragment else {}
        begun = timezone.now()
        send = getattr(browser, act.method)
        data = dict(act.fields) if act.method == "post" else None
        seen = seen_of(send(act.path, data, REMOTE_ADDR=address, headers=headers))
        if seen.is_turned_away:
            # Somebody ended the session, stopped the account or the writing, or the last proof has grown old.
            self.counts["turned_away"] += 1
            return seen, frozenset()
        if act.method == "post":
            _wait_for_jobs()
        events = self._told(address)
        shown = self.shown_in(seen.text, act.path)
        self._judge(act, worker, browser, seen, shown, events)
        self._at_right_time(events, begun, timezone.now(), act)
        return seen, shown

    def shown_in(self, text: str, path: str = "") -> frozenset[UUID]:
        """見せた患者 — whose name, kana or id stands in an answer; what was typed into the address is not shown by it."""
        return frozenset(
            patient
            for patient, marks in self.clinic.marks.items()
            if any(mark in text and mark not in path for mark in marks)
        )

    def _judge(
        self,
        act: Act,
        worker: Worker,
        browser: Client,
        seen: Seen,
        shown: frozenset[UUID],
        events: list[Told],
    ) -> None:
        named = frozenset[UUID]().union(*(event.named for event in events))
        readings = [event for event in events if _is_reading(event)]
        what = f"{act.method} {act.path} {seen.status} {[event.action for event in events]}"
        self.counts["acts"] += 1
        self.counts["events"] += len(events)
        self.counts["showed_patients"] += bool(shown)
        self.counts["unreadable"] += not seen.is_readable
        self.counts["named_and_not_found"] += len(named - shown) if act.method == "get" else 0
        if seen.status >= 500:
            self._say("errors", f"エラーになりました（{seen.broke}）: {what}")
        if shown - named:
            self._say("missing", f"見せた患者が記録にありません: {what}")
        if seen.status in (403, 404) and [event.action for event in events] != ["access.refused"]:
            self._say("missing", f"拒否の記録が一件ではありません: {what}")
        if act.method == "post" and seen.status < 400 and not events:
            self._say("missing", f"書込みの記録がありません: {what}")
        if len(readings) > 1 or (act.method == "get" and len(events) > 1):
            self._say("doubled", f"一つの閲覧に記録が二件以上あります: {what}")
        if len({event.whole for event in events}) < len(events):
            self._say("doubled", f"同じ記録が二件あります: {what}")
        for event in events:
            self._who_where_why(event, worker, browser, what)

    def _who_where_why(self, event: Told, worker: Worker, browser: Client, what: str) -> None:
        from tasuki.security.purpose import Purpose
        from tasuki_server.accounts.models import SignInSession
        from tasuki_server.accounts.sessions import ROW

        session = SignInSession.objects.get(pk=browser.session[ROW]).public_id
        if (event.staff_id, event.actor) != (worker.staff_id, worker.name):
            self._say("wrong_who", f"行為者が違います: {what}")
        if event.session != session:
            self._say("wrong_where", f"セッションが違います: {what}")
        if event.purpose not in set(Purpose):
            self._say("wrong_why", f"利用目的がありません: {what}")

    def _at_right_time(self, events: list[Told], begun: datetime, ended: datetime, act: Act) -> None:
        if any(not begun <= event.at <= ended for event in events):
            self._say("wrong_when", f"時刻が違います: {act.method} {act.path}")

    def _say(self, kind: str, sentence: str) -> None:
        self.counts[kind] += 1
        if len(self.wrong) < 20:
            self.wrong.append(sentence)

    def _last(self) -> int:
        row = self._owner.execute(
            "SELECT coalesce(max(number), 0) FROM audit_auditevent WHERE institution_id = %s",
            [self.clinic.id],
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _told(self, address: str) -> list[Told]:
        rows = self._owner.execute(
            """SELECT e.number, e.action, e.staff_id, e.actor, e.address, e.session, e.purpose, e.at, e.patient_id,
                 array(SELECT s.patient_id FROM audit_shownpatient s
                   WHERE s.institution_id = e.institution_id AND s.number = e.number),
                 concat_ws('|', e.action, e.subject, e.subject_id, e.patient_id, e.detail)
               FROM audit_auditevent e WHERE e.institution_id = %s AND e.number > %s AND e.address = %s
               ORDER BY e.number""",
            [self.clinic.id, self._since, address],
        ).fetchall()
        if rows:
            # Other walkers write too, a little before or after.
            self._since = max(self._since, rows[-1][0] - 500)
        return [Told(*row[1:8], frozenset((*row[9], *([row[8]] if row[8] else ()))), row[10]) for row in rows]


def seen_of(answer: HttpResponseBase) -> Seen:
    """答えの本文 — as text: a page as it is, a file in the encodings of claims, a print by its text layer."""
    if answer.status_code >= 500:
        return Seen(
            answer.status_code, answer.content.decode("utf-8", "replace"), True, True, broke=_broke(answer)
        )  # type: ignore[attr-defined]
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    kind = answer.get("Content-Type", "")
    if "pdf" in kind:
        return Seen(answer.status_code, _pdf_text(body), False, _can_read_pdf())
    if answer.status_code in TURNED_AWAY or answer.get("Location", "").startswith("/accounts/"):
        return Seen(answer.status_code, "", False, True, is_turned_away=True)
    text = body.decode("utf-8", "replace")
    is_html = "html" in kind
    return Seen(
        answer.status_code, text if is_html else text + body.decode("cp932", "replace"), is_html, True
    )


def _broke(answer: Any) -> str:
    """What broke and where, without its message, which may quote a record."""
    kind, _, trace = getattr(answer, "exc_info", None) or (None, None, None)
    if kind is None:
        return "理由は分かりません"
    frames = [
        f"{Path(each.filename).name}:{each.lineno}" for each in traceback.extract_tb(trace)
        if "tasuki" in each.filename and "site-packages" not in each.filename
    ]  # fmt: skip
    return f"{kind.__name__} {' < '.join(reversed(frames[-4:]))}"


def _is_reading(event: Told) -> bool:
    from tasuki_server.audit.sights import READING

    return event.action.rpartition(".")[2] in READING


def _can_read_pdf() -> bool:
    """A tool of the developers' environment; without it prints are judged by nothing and counted as unreadable."""
    return importlib.util.find_spec("pypdf") is not None


def _pdf_text(body: bytes) -> str:
    if not _can_read_pdf():
        return ""
    reader: Any = importlib.import_module("pypdf").PdfReader(io.BytesIO(body))
    return "".join(page.extract_text() for page in reader.pages)


def _wait_for_jobs() -> None:
    from tasuki_server.claims.long_work import wait_for_all

    wait_for_all()
