# SPDX-License-Identifier: Apache-2.0
"""接続の利用の記録 — one event a request, of many requests in one transaction, with the proofs they use up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from tasuki_server.api.proofs import Proof
from tasuki_server.api.service_clients import forget_spent, spend
from tasuki_server.api.tokens import Client
from tasuki_server.database.prepared import execute_prepared
from tasuki_server.institutions.work import Actor, PendingEvent, Work, as_institution

# Each request of a client ends here, so these statements are written out; row-level security keeps them at home.
_COUNTED: dict[str, LiteralString] = {
    "api.apitoken": "UPDATE api_apitoken SET last_used_at = %s, use_count = use_count + %s WHERE id = %s",
    "api.serviceclient": "UPDATE api_serviceclient SET last_used_at = %s, use_count = use_count + %s WHERE id = %s",
}
SWEEP = timedelta(minutes=1)
_swept: dict[UUID, datetime] = {}


@dataclass(slots=True)
class Use:
    """利用 — one request of a client: which operation, from which address, by which proof.

    ``refusal`` says why it is not to be answered: known before, or found when its proof turns out to be spent.
    """

    client: Client
    operation: str
    address: str
    proof: Proof | None = None
    refusal: str = ""


def keep_uses(institution_id: UUID, uses: Sequence[Use]) -> None:
    """利用の記録 — nothing of what was asked; a request whose proof was spent is noted as refused, and told so."""
    with as_institution(institution_id, Actor(label="API")) as work:
        _spend_proofs(uses)
        taken = [use for use in uses if not use.refusal]
        for (kind, row_id), count in Counter((use.client.kind, use.client.row_id) for use in taken).items():
            execute_prepared(_COUNTED[kind], [work.at, count, row_id])
        work.events.extend(_event(use) for use in uses)
        _sweep(institution_id, work)


def _spend_proofs(uses: Sequence[Use]) -> None:
    fresh = spend([use.proof for use in uses if use.proof is not None and not use.refusal])
    for use in uses:
        if use.proof is None or use.refusal:
            continue
        if use.proof.digest in fresh:
            fresh.discard(use.proof.digest)
        else:
            use.refusal = "replayed"


def _event(use: Use) -> PendingEvent:
    by = Actor(label=f"API {use.client.name}"[:60], address=use.address[:45])
    detail: dict[str, object] = {use.operation: 1}
    if use.refusal:
        detail = {"operation": use.operation, "why": use.refusal}
    action = "api.refused" if use.refusal else "api.use"
    return PendingEvent(action, use.client.kind, str(use.client.row_id), None, detail, by=by)


def _sweep(institution_id: UUID, work: Work) -> None:
    if work.at - _swept.get(institution_id, work.at - 2 * SWEEP) > SWEEP:
        _swept[institution_id] = work.at
        forget_spent(work.at)
