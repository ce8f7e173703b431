# SPDX-License-Identifier: Apache-2.0
"""書きかけの書類 — saved while it is typed, one of each kind for a visit and a person; made at the first stroke, gone when signed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register
from tasuki_server.audit.trail import record
from tasuki_server.institutions.models import Staff
from tasuki_server.reception.clock import now
from tasuki_server.reception.models import Visit
from tasuki_server.records.rules import MOST_ATTACHMENTS
from tasuki_server.sharing.models import ArrivedDocument, DraftFile, LetterConsent, LetterDraft, UnitKind

# 添付の大きさ: what is sent is held to 10 MB as a whole, and Base64 makes three bytes four.
MOST_SENT = 10_000_000
MOST_FILES = 7_000_000
PDF = b"%PDF-"

register(
    {
        "desk.file_type": "「{name}」はPDFではありません。添付できるのはPDFだけです。",
        "desk.file_large": "添付はあわせて{most}MBまでです（いま{total}MB）。送るときに約1.3倍になり、全体で10MBを超えられません。",
        "desk.file_twice": "「{name}」という名前の添付がすでにあります。名前を変えてください。",
        "desk.file_many": "添付は{most}件までです。一つのPDFにまとめてください。",
        "desk.file_none": "添付するPDFを選んでください。",
    }
)
_CODES = {
    "desk.file_type": "SHR-0081",
    "desk.file_large": "SHR-0082",
    "desk.file_twice": "SHR-0083",
    "desk.file_none": "SHR-0084",
    "desk.file_many": "SHR-0085",
}


class StaleLetter(Exception):
    """書類の下書きの衝突 — another window of the same person saved meanwhile."""

    def __init__(self, draft: LetterDraft) -> None:
        self.draft = draft
        super().__init__(f"letter draft is at {draft.stamp}")


@dataclass(frozen=True, slots=True)
class Typed:
    """書きかけの内容 — the texts, what is left out, and how consent was taken."""

    contents: dict[str, str]
    left_out: tuple[str, ...] = ()
    consent: str = ""


def find_letter_draft(visit: Visit, staff: Staff, kind: UnitKind) -> LetterDraft | None:
    """書きかけの書類の検索 — one's own."""
    rows = LetterDraft.objects.select_related("answers")
    return rows.filter(visit=visit, staff=staff, kind=kind).first()


def hold_letter_draft(
    visit: Visit,
    staff: Staff,
    kind: UnitKind,
    contents: Mapping[str, str],
    answers: ArrivedDocument | None = None,
) -> LetterDraft:
    """書きかけの書類の確保 — locked for this transaction, begun with what the form showed."""
    defaults = {"patient_id": visit.patient_id, "contents": dict(contents), "answers": answers}
    LetterDraft.objects.get_or_create(visit=visit, staff=staff, kind=kind, defaults=defaults)
    rows = LetterDraft.objects.select_for_update(of=("self",))
    return rows.get(visit=visit, staff=staff, kind=kind)


def save_letter(draft: LetterDraft, typed: Typed, *, read_stamp: int, window: str) -> LetterDraft:
    """書類の保存 — raises :class:`StaleLetter` when another window saved something else since."""
    kept = Typed(dict(draft.contents), tuple(draft.left_out), draft.consent)
    is_same_window = bool(window) and draft.window in ("", window)
    if draft.stamp != read_stamp and not is_same_window and kept != typed:
        raise StaleLetter(draft)
    draft.contents, draft.left_out = typed.contents, list(typed.left_out)
    draft.consent = typed.consent if typed.consent in LetterConsent.values else ""
    draft.stamp, draft.window, draft.saved_at = draft.stamp + 1, window, now()
    draft.save()
    record("letter.save", draft, draft.patient_id, {"kind": draft.kind})
    return draft


def discard_letter(draft: LetterDraft) -> None:
    """書類の破棄 — nothing of it was record, nothing stays."""
    record("letter.discard", draft, draft.patient_id)
    draft.files.all().delete()
    draft.delete()


def add_file(draft: LetterDraft, name: str, data: bytes) -> DraftFile:
    """添付の追加 — a PDF; raises ``BadInput``."""
    title = name.rpartition("/")[2].rpartition("\\")[2].strip()[:100] or "添付.pdf"
    if not data:
        raise _refusal("desk.file_none")
    if not data.startswith(PDF):
        raise _refusal("desk.file_type", name=title)
    files = files_of(draft)
    if any(each.title == title for each in files):
        raise _refusal("desk.file_twice", name=title)
    if len(files) >= MOST_ATTACHMENTS:
        raise _refusal("desk.file_many", most=MOST_ATTACHMENTS)
    total = sum(each.size for each in files) + len(data)
    if total > MOST_FILES:
        raise _refusal("desk.file_large", most=MOST_FILES // 1_000_000, total=f"{total / 1_000_000:.1f}")
    made = DraftFile.objects.create(
        patient_id=draft.patient_id, draft=draft, title=title, data=data, size=len(data)
    )
    record("letter.attach", draft, draft.patient_id, {"bytes": len(data)})
    return made


def remove_file(file: DraftFile) -> None:
    """添付の取外し."""
    record("letter.detach", file, file.patient_id)
    file.delete()


def files_of(draft: LetterDraft | None) -> list[DraftFile]:
    """添付の一覧 — in the order in which they were added, without their content."""
    if draft is None:
        return []
    return list(draft.files.defer("data").order_by("added_at", "id"))


def read_typed(
    form: Mapping[str, str], names: Collection[str], parts: Collection[str], all_parts: Any
) -> Typed:
    """書きかけの読取 — the texts of these boxes; parts that were shown and not ticked are left out."""
    contents = {name: form[name].replace("\r\n", "\n") for name in names if name in form}
    left_out = tuple(each for each in all_parts if each not in parts) if "parts_shown" in form else ()
    return Typed(contents, left_out, form.get("consent", ""))


def _refusal(key: str, **facts: object) -> BadInput:
    return BadInput([Finding(_CODES[key], Severity.BLOCK, Where(record="添付"), key, facts)])
