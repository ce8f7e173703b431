# SPDX-License-Identifier: Apache-2.0
"""保険・公費の値 — the library's values in and out of the records, every member kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from tasuki.chart.coverage import Insurance, PublicProgramme
from tasuki_server.patients.models import InsuranceRecord, ProgrammeRecord

# The record's own columns say these; one truth each.
_OWN = ("validity", "id")


def encode_value(value: Insurance | PublicProgramme) -> dict[str, Any]:
    """保険・公費の符号化 — as JSON members, without what the record's columns hold."""
    encoded: dict[str, Any] = msgspec.to_builtins(value)
    return {name: member for name, member in encoded.items() if name not in _OWN}


def insurance_value(record: InsuranceRecord) -> Insurance:
    """保険の算定値 — with its days and the record's id."""
    value = msgspec.convert(record.value, Insurance)
    return replace(value, validity=record.validity, id=str(record.record_id))


def programme_value(record: ProgrammeRecord) -> PublicProgramme:
    """公費の算定値 — with its days and the record's id."""
    value = msgspec.convert(record.value, PublicProgramme)
    return replace(value, validity=record.validity, id=str(record.record_id))


def insurance_members(value: Insurance, *, since: date, until: date | None) -> dict[str, Any]:
    """保険の列 — the columns of a record for a value."""
    return {
        "kind": value.kind.value,
        "insurer_number": value.insurer_number,
        "since": since,
        "until": until,
        "value": encode_value(value),
    }


def programme_members(value: PublicProgramme, *, since: date, until: date | None) -> dict[str, Any]:
    """公費の列 — the columns of a record for a value."""
    return {
        "payer_number": value.payer_number,
        "since": since,
        "until": until,
        "value": encode_value(value),
    }
