# SPDX-License-Identifier: Apache-2.0
"""請求の不変条件 — both sides of the wire beside each other: nothing lost, nothing doubled, nothing left waiting."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tasuki_server.seams.claims_ground import CLAIM_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasuki_server.claims.models import Submission


def broken_claims() -> list[str]:
    """請求の不変条件の違反 — inside a transaction of the clinic, after everything settled."""
    return [*_files(), *_results(), *_ledger(), *_waiting(), *_withdrawals(), *_told()]


def _files() -> Iterator[str]:
    """Each file is at the service once, with the bytes it was made of; nothing else is there."""
    from tasuki_server.claims.models import Submission
    from tasuki_server.receiving.models import Delivery

    ours = {each.id: each for each in Submission.objects.all()}
    theirs = Counter(Delivery.objects.values_list("submission", flat=True))
    for key, submission in ours.items():
        if theirs[key] != 1:
            yield f"送信{_of(submission)}は受付側に{theirs[key]}件あります。"
    for delivery in Delivery.objects.all():
        made = ours.get(delivery.submission)
        if made is None:
            yield "受付側に、医療機関が作っていない送信があります。"
        elif made.sha256 != delivery.sha256:
            yield f"送信{_of(made)}の内容が途中で変わっています。"


def _results() -> Iterator[str]:
    """Each result was taken once, however often and by whichever way it came."""
    from tasuki_server.claims.models import ResultFile
    from tasuki_server.receiving.models import OutgoingFile

    taken = Counter(ResultFile.objects.exclude(remote="").values_list("remote", flat=True))
    by_hand = {each.sha256 for each in ResultFile.objects.filter(remote="")}
    for file in OutgoingFile.objects.all():
        count = taken.pop(str(file.id), 0)
        if count + (file.sha256 in by_hand) < 1:
            yield f"交付ファイル {file.name} が取り込まれていません。"
        elif count > 1 or (count and file.sha256 in by_hand and file.kind != "acceptance"):
            yield f"交付ファイル {file.name} が二重に取り込まれています。"
    if taken:
        yield "交付されていないファイルが取り込まれています。"


def _ledger() -> Iterator[str]:
    """What is owed is what was paid, and each file was booked once."""
    from tasuki_server.claims.models import PayerEntry, PayerEntryKind
    from tasuki_server.claims.reconcile import accounts

    booked = Counter(
        PayerEntry.objects.filter(kind=PayerEntryKind.CLAIMED).values_list("submission", flat=True)
    )
    if any(count > 1 for count in booked.values()):
        yield "一つの送信が請求として二度計上されています。"
    for account in accounts(CLAIM_MONTH):
        if account.state != "agrees":
            yield f"請求先{account.payer}の照合が合いません（{account.state}）。"


def _waiting() -> Iterator[str]:
    """Nothing waits, and each state says why it is so."""
    from tasuki_server.claims.long_work import LIVING
    from tasuki_server.claims.models import LongWork, StepKind, Submission
    from tasuki_server.claims.sending import state_of

    for submission in Submission.objects.all():
        steps = list(submission.steps.order_by("number"))
        state = state_of(submission)
        if state not in (StepKind.PAID, StepKind.REPLACED, StepKind.REFUSED):
            yield f"送信{_of(submission)}が「{state.label}」のままです。"
        if [each.number for each in steps] != list(range(1, len(steps) + 1)):
            yield f"送信{_of(submission)}の経過に抜けがあります。"
        if any(each.kind in (StepKind.FAILED, StepKind.REFUSED) and not each.note for each in steps):
            yield f"送信{_of(submission)}の失敗に理由がありません。"
    if LongWork.objects.filter(state__in=LIVING).exists():
        yield "終わらない仕事があります。"
    if LongWork.objects.exclude(state__in=LIVING).filter(message="").exists():
        yield "結果の書かれていない仕事があります。"


def _withdrawals() -> Iterator[str]:
    """What the service was asked back is on record here; what is on record is there, or was refused and says so."""
    from tasuki_server.claims.models import WithdrawalRequest
    from tasuki_server.claims.withdrawing import Standing, told_of
    from tasuki_server.receiving.models import Decision

    rows = WithdrawalRequest.objects.select_related("sent__submission")
    asked = Counter((each.sent.submission_id, each.sent.number) for each in rows)
    if any(count > 1 for count in asked.values()):
        yield "一つのレセプトの取下げが二度依頼されています。"
    taken = Counter(
        Decision.objects.filter(kind="withdraw").values_list(
            "receipt__delivery__submission", "receipt__number"
        )
    )
    if any(count > 1 for count in taken.values()):
        yield "受付側に一つのレセプトの取下げが二度あります。"
    if set(taken) - set(asked):
        yield "医療機関の知らない取下げがあります。"
    for each in rows:
        told = told_of(each)
        is_taken = (each.sent.submission_id, each.sent.number) in taken
        if told.standing is not (Standing.ARRIVED if is_taken else Standing.REFUSED):
            yield f"受付側に{'ある' if is_taken else 'ない'}取下げが「{told.standing}」のままです。"
        elif not told.message:
            yield "取下げの依頼の結果が書かれていません。"


def _told() -> Iterator[str]:
    """Each file that was made and each result that was taken stands in the trail once."""
    from tasuki_server.audit.models import AuditEvent
    from tasuki_server.claims.models import ResultFile, Submission

    for action, model in (("claims.submit", Submission), ("claims.result", ResultFile)):
        ids = [str(each) for each in model.objects.values_list("id", flat=True)]  # type: ignore[attr-defined]
        if AuditEvent.objects.filter(action=action, subject_id__in=ids).count() != len(ids):
            yield f"監査記録の {action} が行の数と合いません。"


def _of(submission: Submission) -> str:
    return f"（請求先{submission.payer}・{submission.number}回目）"
