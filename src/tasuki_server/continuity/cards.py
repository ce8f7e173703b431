# SPDX-License-Identifier: Apache-2.0
"""開封カード — issued to a member of staff who may read charts, stopped, and asked for when a copy is made."""

from __future__ import annotations

from collections.abc import Iterator

from tasuki.security.downtime_seal import new_card
from tasuki.security.permissions import Permission
from tasuki_server.audit.trail import record
from tasuki_server.continuity.models import ViewerCard
from tasuki_server.downtime.files import card_owner
from tasuki_server.downtime.keys import own_signer
from tasuki_server.institutions.models import Staff
from tasuki_server.institutions.work import current_institution_id, current_work


def issue_card(staff: Staff) -> str:
    """開封カードの発行 — returns the code, which is shown once; an earlier card of the person ends."""
    card = new_card(card_owner(str(current_institution_id()), str(staff.id)), own_signer())
    row = ViewerCard.objects.create(
        staff=staff,
        public_key=card.public,
        wrapped=card.wrapped,
        made_by_id=current_work().actor.staff_id,
    )
    record("downtime.card", row, detail={"staff": str(staff.id)})
    return card.code


def stop_card(staff: Staff) -> bool:
    """開封カードの停止 — copies made from now on do not open with it; False where there is none."""
    card = newest_card(staff)
    if card is None or card.is_stopped:
        return False
    row = ViewerCard.objects.create(
        staff=staff,
        public_key=card.public_key,
        wrapped=card.wrapped,
        is_stopped=True,
        made_by_id=current_work().actor.staff_id,
    )
    record("downtime.card_stop", row, detail={"staff": str(staff.id)})
    return True


def newest_card(staff: Staff) -> ViewerCard | None:
    """いまの開封カード — stopped or not."""
    return ViewerCard.objects.filter(staff=staff).order_by("-made_at", "-id").first()


def newest_cards() -> list[ViewerCard]:
    """全員の開封カード — the newest of each member of staff, stopped ones included."""
    found: dict[object, ViewerCard] = {}
    for card in ViewerCard.objects.select_related("staff").order_by("-made_at", "-id"):
        found.setdefault(card.staff_id, card)
    return sorted(found.values(), key=lambda each: (each.staff.kana, each.staff.name))


def valid_cards(permission: Permission) -> Iterator[tuple[Staff, ViewerCard]]:
    """有効な開封カード — of everybody who works here and holds the permission."""
    for card in newest_cards():
        if not card.is_stopped and card.staff.may(permission):
            yield card.staff, card
