# SPDX-License-Identifier: Apache-2.0
"""電子カルテ情報共有サービスの代役（閲覧と文書） — what other institutions share, documents and their states; for tests of the clinic's side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
HOSPITAL, HOSPITAL_NAME = "1310000000", "となり野病院"
KINDS = {
    "condition": "傷病名", "infection": "感染症", "allergy": "アレルギー", "laboratory": "検査", "prescription": "処方", "checkup": "健診",
}  # fmt: skip


class RecordsStandIn:
    """What is held of everyone, who consented to what, and the documents that were sent."""

    def __init__(self) -> None:
        self.sets: list[dict[str, Any]] = []
        self.open_kinds: set[str] = set()
        self.until = datetime.now(TOKYO) + timedelta(hours=24)
        self.closed = False
        self.asked: list[tuple[str, str, Any]] = []
        self.documents: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, dict[str, Any]] = {}
        self.receivers: dict[str, str] = {HOSPITAL: HOSPITAL_NAME}
        self.units: dict[str, list[dict[str, Any]]] = {}
        self.keys: list[str] = []
        self.refuse = ""

    async def handle(self, call: Any) -> Any:
        from tasuki_server.platform.engine import Reply

        if self.closed:
            return Reply(503, "application/json", _outcome("保守中です。"))
        body = json.loads(call.body) if call.body else None
        if call.method == "POST":
            self.keys.append(call.headers.get("Idempotency-Key") or call.headers.get("idempotency-key"))
            if self.refuse:
                return Reply(422, "application/json", _outcome(self.refuse))
        self.asked.append((call.method, "/".join(call.parts), body))
        status, value = self._answer(call.method, tuple(call.parts), body, call)
        return Reply(status, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def _answer(self, method: str, parts: tuple[str, ...], body: Any, call: Any) -> tuple[int, Any]:
        match (method, *parts):
            case ("POST", "receivers"):
                told = [
                    {"number": each, "name": self.receivers.get(each, ""), "can_receive": each in self.receivers,
                     "reason": "" if each in self.receivers else "この医療機関は電子カルテ情報共有サービスを利用していません。"}
                    for each in body["numbers"]
                ]  # fmt: skip
                return 200, {"receivers": told}
            case ("POST", "views"):
                if body["basis"] == "emergency":
                    self.open_kinds |= set(KINDS)
                elif not self.open_kinds:
                    return 403, json.loads(_outcome("閲覧の同意がありません。"))
                return 200, {"kinds": self._kinds()}
            case ("POST", "informations"):
                assert body["resourceType"] == "Bundle" and body["type"] == "collection", body
                number, entries = body["identifier"]["value"], body["entry"]
                was = self.units.get(number)
                self.units[number] = [each["resource"] for each in entries]
                return 200, {
                    "number": number, "kind": "", "written": len(entries) - 1, "deleted": 0, "dropped": 0,
                    "is_replacement": was is not None,
                }  # fmt: skip
            case ("GET", "informations"):
                return 200, {
                    "kinds": self._kinds(),
                    "sets": [s for s in self.sets if s["kind"] in self.open_kinds],
                }
            case ("GET", "checkups"):
                return 200, {"checkups": []}
            case ("POST", "documents"):
                return 200, self._take(body, call)
            case ("GET", "documents"):
                return 200, {"documents": list(self.documents.values()), "next": ""}
            case ("GET", "documents", remote):
                return 200, self.contents[remote]
            case ("POST", "documents", remote, "cancel"):
                self.documents[remote]["state"] = "cancelled"
                return 200, self.documents[remote]
        return 404, json.loads(_outcome("アドレスがありません。"))

    def _kinds(self) -> list[dict[str, Any]]:
        made = []
        for kind, label in KINDS.items():
            is_open = kind in self.open_kinds
            made.append({
                "kind": kind, "label": label, "is_open": is_open, "cite": "",
                "reason": "同意があります。" if is_open else f"{label}の閲覧に、本人の同意がありません。",
                "until": self.until.isoformat() if is_open else None,
            })  # fmt: skip
        return made

    def _take(self, body: dict[str, Any], call: Any) -> dict[str, Any]:
        remote = f"doc-{len(self.documents) + 1}"
        now = datetime.now(TOKYO).isoformat()
        told = {
            "id": remote, "kind": "referral", "number": body["bundle"]["identifier"]["value"],
            "state": "readable" if body["consent"] == "oral" else "waiting", "sender": call.caller.number,
            "sender_name": call.caller.name, "receiver": body["receiver"], "receiver_name": "", "sent_at": now,
            "changed_at": now, "consent": body["consent"], "answers": body.get("answers", ""),
            "has_discharge": bool(body.get("discharge")), "attachments": [e["name"] for e in body.get("attachments", [])],
        }  # fmt: skip
        self.documents[remote] = told
        self.contents[remote] = {
            "document": told, "bundle": body["bundle"], "discharge": body.get("discharge") or None,
            "attachments": body.get("attachments", []),
        }  # fmt: skip
        return told

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Everything of one type that was registered and stands."""
        return [each for unit in self.units.values() for each in unit if each["resourceType"] == kind]

    def tell(
        self, kind: str, *resources: dict[str, Any], number: str = HOSPITAL, name: str = HOSPITAL_NAME
    ) -> None:
        """A set of another institution; they consented to it."""
        self.open_kinds.add(kind)
        items = [{"resource": each, "is_uninformed": False, "is_long_kept": False} for each in resources]
        self.sets.append({
            "kind": kind, "institution": number, "institution_name": name, "registered_at": datetime.now(TOKYO).isoformat(),
            "source": "unit", "number": f"{number}^2026^1", "items": items,
        })  # fmt: skip


def elsewhere(facts: Any, *codes: Any, number: str = HOSPITAL, name: str = HOSPITAL_NAME) -> dict[str, Any]:
    """A resource as another institution shares it; ``codes`` are its mappings."""
    from tasuki.chart.visit import Sex
    from tasuki.sharing.build import CodeMap, InstitutionFacts, InsuredNumber, PatientFacts
    from tasuki.sharing.build.around import Around, DepartmentFacts, DoctorFacts, Place, VisitFacts
    from tasuki.sharing.build.information import build
    from tasuki.sharing.build.parts import to_json

    person = PatientFacts(
        "9",
        "共有",
        "花子",
        date(1960, 4, 1),
        Sex.FEMALE,
        "架空市",
        InsuredNumber("01130012", "12345", "301", "01"),
    )
    internal = DepartmentFacts("01", "内科")
    around = Around(
        InstitutionFacts(number, name), person, datetime(2026, 11, 1, 9, tzinfo=TOKYO), "D-1", internal,
        DoctorFacts("7", "隣野 一郎"), VisitFacts("v", Place.OUTPATIENT, date(2026, 11, 1), None, internal), CodeMap(codes),
    )  # fmt: skip
    return dict(json.loads(to_json(build(facts, around))))


def hba1c(value: str, day: date, *, unit: str = "%", id: str = "a") -> Any:
    """A result of HbA1c with the code of the shared list."""
    from tasuki.sharing.build.facts import LabFacts

    taken = datetime(day.year, day.month, day.day, 9, tzinfo=TOKYO)
    return LabFacts(id, "L1", "HbA1c", taken, Decimal(value), unit, specimen="全血")


def stand(services: Any) -> RecordsStandIn:
    """Put in the place of the service; ``services`` is the table of services."""
    from tasuki_server.platform.engine import Service, refusal

    made = RecordsStandIn()
    services["records"] = Service(
        "records", {"": "client"}, made.handle, lambda status, error, _: refusal(status, error)
    )
    return made


def _outcome(words: str) -> bytes:
    issue = {"severity": "error", "code": "invalid", "diagnostics": words}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


@contextmanager
def sharing(clinic: Any) -> Iterator[Any]:
    """An institution that uses the service; its line inside the installation is closed afterwards."""
    from tasuki_server.platform.house import close_house
    from tasuki_server.sharing.setting import set_used

    with clinic.work("admin"):
        set_used(is_on=True)
    yield clinic
    close_house()


@contextmanager
def standing_in() -> Iterator[RecordsStandIn]:
    """The service's place is taken, and given back."""
    from tasuki_server.platform.services import SERVICES

    before = SERVICES["records"]
    yield stand(SERVICES)
    SERVICES["records"] = before
