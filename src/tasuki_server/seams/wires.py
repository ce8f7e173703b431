# SPDX-License-Identifier: Apache-2.0
"""通信路の一覧 — every wire that the simulator plays; a new one is one function here and its share of seeds in the drill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg

from tasuki_server.institutions.opening import system_actor
from tasuki_server.seams.claims_ground import claims_ground
from tasuki_server.seams.claims_wire import claims_wire
from tasuki_server.seams.confirmation_ground import confirmation_ground
from tasuki_server.seams.confirmation_wire import confirmation_wire
from tasuki_server.seams.prescribing_ground import prescribing_ground
from tasuki_server.seams.prescribing_wire import prescribing_wire
from tasuki_server.seams.records_wire import records_ground, records_wire
from tasuki_server.seams.simulator import Wire
from tasuki_server.seams.witness_wire import WitnessGround, witness_wire


def claims(
    institution_id: UUID, owner: psycopg.Connection, rekey: Callable[[str], str] | None = None
) -> Wire:
    """請求の通信路 — the clinic's queue of long work, the claims wire and the receiving service behind it."""
    return claims_wire(claims_ground(institution_id, owner), rekey)


def confirmation(
    institution_id: UUID,
    owner: psycopg.Connection,
    *,
    uses_folders: bool,
    rename: Callable[[str], str] | None = None,
) -> Wire:
    """資格確認の通信路 — the clinic's queue with one of its gateways, and the service of eligibility behind it."""
    ground = confirmation_ground(institution_id, owner)
    return confirmation_wire(ground, uses_folders=uses_folders, rename=rename)


def prescribing(institution_id: UUID, owner: psycopg.Connection, *, forgets_key: bool = False) -> Wire:
    """電子処方箋の通信路 — the clinic's queue and status, and 電子処方箋管理サービス behind its engine."""
    return prescribing_wire(prescribing_ground(institution_id, owner), forgets_key=forgets_key)


def records(institution_id: UUID, *, forgets_order: bool = False) -> Wire:
    """情報共有の通信路 — the clinic's queue of 6情報, and 電子カルテ情報共有サービス behind its engine."""
    return records_wire(records_ground(institution_id), forgets_order=forgets_order)


def witness(institution_id: UUID, folder: Path) -> Wire:
    """証人への通信路 — the checkpoints of a trail and the witness that signs them."""
    return witness_wire(WitnessGround(institution_id, system_actor(institution_id), folder))
