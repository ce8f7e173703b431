# SPDX-License-Identifier: Apache-2.0
"""全アドレスの巡回 — every address of the resolver, filled with another institution's identifiers.

Rooms need not register anything: addresses are found in the resolver, identifiers in the tables.
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models

from tasuki.security.permissions import Permission
from tasuki_server.accounts.addresses import Address, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clinics import Clinic

# So many rows of other tables are asked for at each address.
STRANGE_ROWS = 6
# No text that tells whose it is has fewer letters.
_END = 4
# A value for each kind of parameter that is not an identifier of a row.
PLAIN = {
    "int": "2026",
    # 患者番号: the first patient of whichever institution asks.
    "number": "1",
    "slug": "receipt",
    "table": "items",
    "path": "x",
    "year": "2026",
    "month": "2026-06",
    "day": "2026-06-15",
    "date": "2026-06-15",
    "code": "measles",
}


def path_to(address: Address, *identifiers: object) -> str:
    """The path; with one identifier it stands in every place for one, with more each in its own."""
    given = list(identifiers)

    def value_of(parameter: Parameter) -> object:
        if parameter.kind == "uuid":
            return given.pop(0) if len(given) > 1 else given[0]
        return PLAIN.get(parameter.name) or PLAIN.get(parameter.kind) or (given[0] if given else "x")

    return address.filled(value_of)


def identifiers(clinic: Clinic, each_model: int = 2) -> list[UUID]:
    """Identifiers of this institution's rows, a few of every table."""
    from tasuki_server.institutions.tenancy import tenant_models

    found: dict[UUID, None] = {}
    with clinic.work():
        for model in tenant_models():
            names = [f.attname for f in model._meta.concrete_fields if isinstance(f, models.UUIDField)]
            names = [name for name in names if name in ("id", "record_id")]
            for row in islice(model._base_manager.values_list(*names), each_model):
                found.update(dict.fromkeys(row))
    found[clinic.id] = None
    return list(found)


def of_parameter(clinic: Clinic, room: str, parameter: str) -> list[UUID]:
    """Identifiers of the table a parameter of a room's address stands for; where it names no table, of all of the room's."""
    from tasuki_server.accounts.whose import UnknownParameter, model_of
    from tasuki_server.institutions.tenancy import tenant_models

    try:
        tables = [model_of(room, parameter)]
    except UnknownParameter:
        tables = [each for each in tenant_models() if each._meta.app_label == room]
    found: dict[UUID, None] = {} if len(tables) == 1 else {clinic.id: None}
    with clinic.work():
        for model in tables:
            names = [
                each.attname for each in model._meta.concrete_fields if each.attname in ("id", "record_id")
            ]
            for row in model._base_manager.values_list(*names)[:2] if names else ():
                found.update(dict.fromkeys(row))
    return list(found)


def attempts(address: Address, target: Clinic, own: Clinic, rows: Sequence[UUID]) -> Iterator[str]:
    """Ways to ask for a row of ``target`` at this address: alone, and hung under a row of one's own.

    The rows of the table that the parameter stands for come first (of the room's tables where it names none). Of ``rows``,
    identifiers of every table of the target (:func:`identifiers`), each address gets a few, other addresses others.
    """
    if not address.has_row:
        yield path_to(address, "x")
        return
    *parents, last = address.row_names
    named = of_parameter(target, address.room, last)
    step = max(1, len(rows) // STRANGE_ROWS)
    asked = dict.fromkeys((*named, *rows[len(address.template) % step :: step]))
    if not parents:
        yield from (path_to(address, each) for each in asked)
        return
    first = parents[0]
    # Rows of other tables are asked for where they are reached: under a row of one's own, past the question for the parent.
    for place, parent in enumerate(
        (*of_parameter(own, address.room, first)[:2], *of_parameter(target, address.room, first)[:2])
    ):
        last_rows = asked if place == 0 else named or asked
        yield from (path_to(address, parent, *[each] * len(parents)) for each in last_rows)


def fill(clinic: Clinic, name: str, kana: str) -> None:
    """A patient with cards, a chart, a visit, its bill, receipt and claim, and an order set: something to look for everywhere."""
    from made_up import (
        make_booked,
        make_confirmed,
        make_connected,
        make_continuity,
        make_dispensed,
        make_history,
        make_insurance,
        make_notified,
        make_office,
        make_patient,
        make_prescribed,
        make_shared,
        make_visit,
        make_watched,
    )
    from tasuki.chart.coverage import InsuranceKind
    from tasuki_server.billing.settle import settle_bill
    from tasuki_server.claims.making import make_claims
    from tasuki_server.documents.issue import issue_receipt
    from tasuki_server.impact.steps import begin_run, take_step
    from tasuki_server.patients.household import add_member
    from vendors import make_order, make_vendor

    with clinic.work("doctor"):
        patient = make_patient(name, kana)
        card = make_insurance(patient)
        make_insurance(patient, kind=InsuranceKind.TRAFFIC_ACCIDENT)
        visit = make_visit(patient, insurance_record=card.record_id)
        make_booked(visit)
        make_history(visit, clinic.staff["doctor"])
        issue_receipt(settle_bill(visit, read_version=0))
        make_claims(visit.day)
        take_step(begin_run(visit.day.replace(day=1), "R6").id)
        add_member(patient, make_patient(f"{name}の家族", kana), since=visit.day)
        make_watched(visit, clinic.staff["nurse"])
        make_office()
        make_connected(clinic.staff["doctor"])
        make_continuity(visit, clinic.staff["doctor"])
        make_confirmed(visit, clinic.staff["doctor"])
        make_prescribed(visit, clinic.staff["doctor"])
        make_shared(visit, clinic.staff["doctor"])
        make_notified(visit, clinic.staff["doctor"])
        make_dispensed(clinic.staff["doctor"])
        protect(clinic, patient)
    claim_month(clinic, visit.day)
    make_order(clinic, make_vendor(clinic), [Permission.RECEPTION_VIEW], patients=[patient])
    keep_backups(clinic)


def keep_backups(clinic: Clinic) -> None:
    """A backup that is asked for, and a rehearsal."""
    from tasuki_server.recovery.models import RestoreRun
    from tasuki_server.recovery.noting import ask_backup

    with clinic.work("admin"):
        ask_backup(clinic.staff["admin"])
        RestoreRun.objects.create(base="20260615T000000Z-abcdef", rto_seconds=3)


def protect(clinic: Clinic, patient: Any) -> None:
    """A mark of care, a member of staff who is family, and a break-glass that waits for its review."""
    from tasuki_server.privacy.emergency import open_emergency
    from tasuki_server.privacy.marks import add_link, add_mark

    add_mark(patient, "vip", [], "本人の希望")
    add_link(clinic.staff["examiner"], patient, "family")
    open_emergency(clinic.staff["nurse"], patient, "care", "照会に答えるため", "unrelated/chart")


def claim_month(clinic: Clinic, day: Any) -> None:
    """The month closed, sent, returned by the built-in service, its rule muted and its sending noted as long work."""
    from tasuki_server.claims.closing import close_service_month
    from tasuki_server.claims.decisions import accept_finding, finding_mark, mute_rule
    from tasuki_server.claims.long_work import start_work, wait_for_all
    from tasuki_server.claims.making import newest_build
    from tasuki_server.claims.results import fetch_results
    from tasuki_server.claims.sending import deliver, make_submission
    from tasuki_server.institutions.work import Actor
    from tasuki_server.receiving.examine import examine_month

    member = clinic.staff["clerk"]
    actor = Actor(member.name, member.id)
    with clinic.work("clerk"):
        build = newest_build(day)
        for claim in build.claims.select_related("build"):
            for each in claim.found("confirm"):
                accept_finding(claim, each["code"], finding_mark(each), "原本で確認", build.month)
        mute_rule("UKE-L4-9999", ["advice"], "この医療機関では確認済み", build.month, build.month)
        close_service_month(build)
    following = build.month.replace(month=build.month.month % 12 + 1)
    with clinic.work("clerk"):
        sent = make_submission(following, build.claims.first().payer, "house")
    deliver(clinic.id, actor, sent.id)
    fetch_results(clinic.id, actor, "house")
    stray_return(clinic)
    examine_month(sent.payer, following, scenario="return", by="試験")
    fetch_results(clinic.id, actor, "house")
    with clinic.work("clerk"):
        start_work("fetch", {"month": f"{following:%Y-%m}"})
    wait_for_all()


def stray_return(clinic: Clinic) -> None:
    """A return that matched no receipt and waits for a person."""
    from tasuki_server.claims.models import ResultFile, ReturnedClaim

    with clinic.work("clerk"):
        file = ResultFile.objects.first()
        ReturnedClaim.objects.create(file=file, month=None, patient_name="不明の返戻", kind="1", history=b"")


def own_words(clinic: Clinic, other: Clinic) -> set[str]:
    """Texts that stand in this institution's rows and not in the other's: none may reach the other's screens."""
    return _words(clinic) - _words(other)


def _words(clinic: Clinic) -> set[str]:
    from tasuki_server.institutions.tenancy import tenant_models

    words = {clinic.name}
    with clinic.work():
        for model in tenant_models():
            fields = [
                field.attname
                for field in model._meta.concrete_fields
                if isinstance(field, models.CharField | models.TextField | models.UUIDField)
                and field.attname not in ("institution_id", "link", "seal")
            ]
            for row in model._base_manager.values_list(*fields)[:500]:
                words.update(str(value) for value in row if value and _tells(str(value)))
    return words


class Words:
    """Texts to look for on a page, thousands at a time.

    A text can only stand where its last four letters stand: a page's runs of four letters are told once, and only the
    texts that end in one of them are looked for.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_end: dict[str, list[str]] = {}
        for word in words:
            assert len(word) >= _END, word
            self._by_end.setdefault(word[-_END:], []).append(word)

    def found_in(self, text: str) -> list[str]:
        """Those that stand in a text."""
        # A text shorter than an end has one end: itself.
        ends = {text[at : at + _END] for at in range(max(1, len(text) - _END + 1))}
        return [word for end in ends & self._by_end.keys() for word in self._by_end[end] if word in text]


def _tells(word: str) -> bool:
    """Whether a word met on a page tells whose it is: four letters out of an alphabet stand in any random key of a page."""
    return len(word) >= (8 if word.isascii() else 4)


def fingerprint(clinic: Clinic) -> dict[str, str]:
    """A digest of every table's rows of this institution, the trail left out."""
    from django.db import connection

    from tasuki_server.institutions.tenancy import tenant_models

    digests = {}
    with clinic.work(), connection.cursor() as cursor:
        for model in tenant_models():
            if model._meta.label_lower == "audit.auditevent":
                continue
            table = model._meta.db_table
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY id')
            digests[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return digests
