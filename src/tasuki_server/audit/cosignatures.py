# SPDX-License-Identifier: Apache-2.0
"""監査の副署 — what witnesses signed of our checkpoints, kept beside them and checked with the keys of the witnesses.

A checkpoint that was signed by a witness cannot be replaced by another of the same size without the witness: whoever
makes the trail anew, with every key of this server, cannot make its signature.

Cite: C2SP tlog-cosignature, signed-note
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max

from tasuki.security.audit_chain import Break
from tasuki_server.audit.models import AuditCheckpoint, AuditCosignature
from tasuki_server.audit.notes import BadNote, Note, Verifier, cosigned_at, read_note, read_verifier
from tasuki_server.cli.words import Stop
from tasuki_server.settings_table import listed

KEYS = "TASUKI_WITNESS_KEYS"
LONGEST_NAME, LONGEST_MADE = 100, 104
# Checkpoints go to every witness each minute; one may be away for a while.
LONGEST_BEHIND = timedelta(days=1)


class Witnessed(NamedTuple):
    """証人の見た所 — how many events a witness signed last, and the second at which it saw them; 0 for never."""

    verifier: Verifier
    size: int
    at: int


def known_witnesses() -> tuple[Verifier, ...]:
    """知っている証人 — by the keys that are set; none: whatever a witness answers is kept, and checked by nobody."""
    return witnesses_of(listed(KEYS))


def witnesses_of(texts: Sequence[str]) -> tuple[Verifier, ...]:
    """検証鍵の読取り — raises :class:`Stop` for one that cannot be read."""
    found = []
    for each in texts:
        try:
            found.append(read_verifier(each))
        except BadNote as bad:
            raise Stop(
                f"「{each[:60]}」は証人の検証鍵ではありません。証人の起動時に表示される 名前+ハッシュ+鍵 を入れてください。",
                f"“{each[:60]}” is no key of a witness: name+hash+key, as it prints when it starts.",
            ) from bad
    return tuple(found)


def has_known_witness(note: Note, known: Sequence[Verifier]) -> bool:
    """知っている証人の副署か — one of theirs stands under the note; where no keys are set, nobody can be asked for."""
    return not known or any(cosigned_at(note, *each) is not None for each in known)


def keep_cosignatures(size: int, made: Sequence[tuple[str, bytes]]) -> None:
    """副署の保存 — inside a transaction of the institution; the first of each witness over a checkpoint stays."""
    rows = [
        AuditCosignature(size=size, witness=name, key=signature[:4].hex(), made=text)
        for name, signature in made
        if len(text := base64.b64encode(signature).decode()) <= LONGEST_MADE and len(name) <= LONGEST_NAME
    ]
    AuditCosignature.objects.bulk_create(rows, ignore_conflicts=True)


def check_cosignatures(
    known: Sequence[Verifier], now: datetime | None = None
) -> tuple[list[Witnessed], list[Break]]:
    """副署の検証 — inside a transaction of the institution: of each witness whose key is known, the last checkpoint it signed,
    and the sizes at which a kept cosignature is not of the checkpoint that stands there now (``cosignature``).

    A witness that signed none although checkpoints were taken is a break too (``unwitnessed``), and one whose last is below
    a checkpoint of more than a day ago (``behind``): somebody who removes what witnesses signed removes what stands beside it.
    """
    now = datetime.now(UTC) if now is None else now
    last = {each.named: Witnessed(each, 0, 0) for each in known}
    breaks: list[Break] = []
    rows = AuditCosignature.objects.filter(witness__in=[each.name for each in known]).order_by("size")
    notes = dict(AuditCheckpoint.objects.values_list("size", "note"))
    for row in rows.iterator():
        found = last.get((row.witness, row.key))
        if found is None:
            continue
        at = _seen_at(notes.get(row.size, ""), row, found.verifier)
        if at is None:
            breaks.append(Break(row.size, "cosignature"))
        else:
            last[row.witness, row.key] = Witnessed(found.verifier, row.size, at)
    if notes:
        breaks += [Break(max(notes), "unwitnessed") for each in last.values() if not each.size]
    old = AuditCheckpoint.objects.filter(taken_at__lt=now - LONGEST_BEHIND)
    newest = old.aggregate(size=Max("size"))["size"] or 0
    breaks += [Break(each.size, "behind") for each in last.values() if 0 < each.size < newest]
    return list(last.values()), breaks


def _seen_at(whole: str, row: AuditCosignature, verifier: Verifier) -> int | None:
    try:
        note = Note(read_note(whole).text, ((row.witness, base64.b64decode(row.made, validate=True)),))
    except (BadNote, ValueError):
        return None
    return cosigned_at(note, *verifier)
