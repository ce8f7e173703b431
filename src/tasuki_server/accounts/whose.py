# SPDX-License-Identifier: Apache-2.0
"""誰の記録か — how the patient of an address is found from its parameters, read off the tables.

``visit_id`` is a row of the table of visits, whose key to patients is known to the models; so an address of a room
that comes later finds its patient without being told. Where the name of a parameter is not that of a table, it stands
in :data:`ALIASES`. An identifier that leads nowhere stops the server from starting (:mod:`.route_check`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models

from tasuki_server.database.router import SERVICE_APPS
from tasuki_server.institutions.rows import InstitutionRow, VersionedRow

PATIENT_TABLE = "patients_patient"
# 患者番号: the one number that names a patient in an address.
NUMBER = "number"
# Parameters of the table of a room whose name differs from the parameter's, by room and parameter.
ALIASES = {
    # Apps and what was allowed them stand in the exchange, which belongs to no institution's rows.
    ("api", "launch_app_id"): "exchange.LaunchApp",
    ("api", "app_permit_id"): "exchange.AppPermit",
    ("claims", "claim_id"): "claims.BuiltClaim",
    ("claims", "returned_id"): "claims.ReturnedClaim",
    ("claims", "sent_id"): "claims.SentClaim",
    ("claims", "insurance_id"): "patients.InsuranceRecord",
    ("claims", "decision_id"): "claims.FindingDecision",
    ("claims", "work_id"): "claims.LongWork",
    ("claims", "submission_id"): "claims.Submission",
    ("documents", "document_id"): "documents.IssuedDocument",
    ("eprescribing", "registration_id"): "eprescribing.Registration",
    ("eprescribing", "result_id"): "eprescribing.DispensingResult",
    ("eprescribing", "request_id"): "eprescribing.SigningRequest",
    ("sharing", "unit_id"): "sharing.SharedUnit",
    ("sharing", "written_id"): "sharing.WrittenDocument",
    ("sharing", "arrived_id"): "sharing.ArrivedDocument",
    ("notifications", "notice_id"): "notifications.DiseaseNotice",
    ("confirmation", "answer_id"): "confirmation.ArrivedAnswer",
    ("impact", "run_id"): "impact.ImpactRun",
    ("pharmacy", "received_id"): "pharmacy.ReceivedPrescription",
    ("orders", "record_id"): "orders.OrderSet",
    ("billing", "record_id"): "billing.PayerContract",
    # An order of an unsaved draft: it stands in the draft of the visit beside it.
    ("orders", "order_id"): "orders.PlacedOrder",
}
# 相手側のサービス（試行環境）: another role's tables, of no institution.
OTHER_SIDE = frozenset(SERVICE_APPS)
# Parameters that are words of a page and name no row, or a row of the sign-in role, which holds nothing of patients.
WORDS = frozenset({"kind", "code", "table", "part", "index", "rule_id", "key", "pk", "session_id"})


class UnknownParameter(LookupError):
    """分からないパラメータ — an identifier of an address that names no table."""


class Finder(NamedTuple):
    """患者の求め方 — SQL that gives the id of the patient for one value; empty where the row is of no one patient."""

    sql: str

    @property
    def finds(self) -> bool:
        """患者の有無 — whether the row belongs to one patient."""
        return bool(self.sql)


_OF_NOBODY = Finder("")


def finders_of(room: str, parameters: Iterable[str]) -> Mapping[str, Finder]:
    """アドレスの患者 — for the parameters of one address; raises :class:`UnknownParameter`.

    ``record_id`` beside a patient's number or a visit is a record of theirs: the room asks for it under them, so the
    patient is found already.
    """
    names = [name for name in parameters if name not in WORDS]
    if room in OTHER_SIDE:
        return {}
    beside = {NUMBER, "visit_id"} & set(names)
    return {name: finder_of(room, name) for name in names if not (name == "record_id" and beside)}


@cache
def finder_of(room: str, parameter: str) -> Finder:
    """患者の求め方 — of one parameter."""
    if parameter == NUMBER:
        return Finder(f'SELECT id FROM "{PATIENT_TABLE}" WHERE number = %s')  # noqa: S608 - a constant
    model = model_of(room, parameter)
    steps = _steps_to_patient(model, 3)
    return _OF_NOBODY if steps is None else Finder(_sql_of(model, steps))


def model_of(room: str, parameter: str) -> type[models.Model]:
    """パラメータの表 — of an identifier in an address of a room; raises :class:`UnknownParameter`."""
    label = ALIASES.get((room, parameter))
    return apps.get_model(label) if label else _model_named(parameter)


def _model_named(parameter: str) -> type[models.Model]:
    stem = parameter.removesuffix("_id").replace("_", "")
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, InstitutionRow) and model._meta.model_name == stem
    ]
    if not parameter.endswith("_id") or len(found) != 1:
        raise UnknownParameter(parameter)
    return found[0]


def _steps_to_patient(model: type[models.Model], most: int) -> tuple[Any, ...] | None:
    """The foreign keys that lead from a row to its patient, the shortest way; () for the patient, None for no way."""
    if model._meta.db_table == PATIENT_TABLE:
        return ()
    if most == 0:
        return None
    keys = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, InstitutionRow)
        and field.related_model is not model
    ]
    ways = [
        (field, *rest)
        for field in keys
        if (rest := _steps_to_patient(field.related_model, most - 1)) is not None
    ]
    return min(ways, key=len, default=None)


def _sql_of(model: type[models.Model], steps: tuple[Any, ...]) -> str:
    """A row of versions is also named by the id of its record."""
    where = "r.id = %s"
    if issubclass(model, VersionedRow):
        where = "%s IN (r.id, r.record_id)"
    if not steps:
        return f'SELECT r.id FROM "{model._meta.db_table}" r WHERE {where}'  # noqa: S608 - names of the models
    joins, last = "", "r"
    for place, field in enumerate(steps[:-1]):
        joins += (
            f' JOIN "{field.related_model._meta.db_table}" j{place} ON j{place}.id = {last}."{field.column}"'
        )
        last = f"j{place}"
    return f'SELECT {last}."{steps[-1].column}" FROM "{model._meta.db_table}" r{joins} WHERE {where}'  # noqa: S608
