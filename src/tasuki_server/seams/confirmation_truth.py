# SPDX-License-Identifier: Apache-2.0
"""資格確認の模擬の真実 — read from both sides after the storm: every card and every request came once, and nothing waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SECOND_STEP = "bulk_collect"


def broken_confirmations(shown: int, root: Path | None) -> list[str]:
    """不変条件の違反 — in Japanese; inside a transaction of the clinic."""
    return [*_cards(shown), *_inquiries(), *_bulk(), *_visits(), *_other_side(), *_folders(root)]


def _cards(shown: int) -> Iterator[str]:
    from tasuki_server.confirmation.models import ArrivedAnswer, ConsentTerm, MatchStep
    from tasuki_server.eligibility.models import FaceResult

    arrived = ArrivedAnswer.objects.filter(source="card").count()
    kept = FaceResult.objects.count()
    if not shown == kept == arrived:
        yield f"カード: 提示 {shown}、サービスの記録 {kept}、着信 {arrived}"
    terms = Counter(ConsentTerm.objects.values_list("answer_id", "name"))
    if any(count > 1 for count in terms.values()):
        yield "一つの着信の同意が二重です"
    matches = Counter(MatchStep.objects.exclude(key="chosen").values_list("answer_id", flat=True))
    if any(count > 1 for count in matches.values()):
        yield "一つの着信が二度照合されています"


def _inquiries() -> Iterator[str]:
    from tasuki_server.confirmation.models import ArrivedAnswer, FetchedInformation, Inquiry

    for row in Inquiry.objects.order_by("made_at", "id"):
        if row.is_waiting:
            yield f"{row.purpose}: 待ったままです（{row.tries}回送信）"
        if row.state == "refused":
            yield f"{row.purpose}: エラーで終わりました（{row.code} {row.message}）"
        if row.purpose == "check":
            count = ArrivedAnswer.objects.filter(inquiry=row).count()
            if count != (1 if row.state == "answered" else 0):
                yield f"check: 状態{row.state}で回答が{count}件です"
        if row.purpose in ("drugs", "checkup") and FetchedInformation.objects.filter(inquiry=row).count() > 1:
            yield f"{row.purpose}: 一つの依頼で二度取得しました"


def _bulk() -> Iterator[str]:
    from tasuki_server.confirmation.models import ArrivedAnswer, BulkPerson, BulkRun, Inquiry

    for run in BulkRun.objects.order_by("made_at", "id"):
        steps = Counter(Inquiry.objects.filter(bulk_run=run).values_list("purpose", flat=True))
        if steps[SECOND_STEP] != steps["bulk_ask"]:
            yield f"一括照会: 依頼{steps['bulk_ask']}に受取り{steps[SECOND_STEP]}です"
        people = list(BulkPerson.objects.filter(bulk_run=run))
        if run.done != run.total or not all(each.is_done and each.answer_id for each in people):
            yield f"一括照会: {run.total}件のうち{run.done}件です"
    answers = ArrivedAnswer.objects.filter(source="bulk").count()
    if answers != BulkPerson.objects.count():
        yield f"一括照会: {BulkPerson.objects.count()}人に回答が{answers}件です"


def _visits() -> Iterator[str]:
    from tasuki_server.confirmation.models import ArrivedAnswer
    from tasuki_server.patients.models import InsuranceRecord
    from tasuki_server.reception.models import Visit

    done = ArrivedAnswer.objects.filter(state="done")
    if Visit.objects.count() > done.count():
        yield f"受付: 着信{done.count()}件に受診が{Visit.objects.count()}件です"
    if done.filter(visit=None).exists():
        yield "受付: 処理済みの着信に受診がありません"
    twice = Counter(InsuranceRecord.objects.values_list("record_id", "version"))
    if any(count > 1 for count in twice.values()):
        yield "取込み: 同じ版の保険が二つあります"


def _other_side() -> Iterator[str]:
    from tasuki_server.confirmation.models import Inquiry
    from tasuki_server.eligibility.models import BulkJob, ReferenceNumber

    asked = Inquiry.objects.filter(purpose="reference", state="answered").values("patient_id").distinct()
    kept = ReferenceNumber.objects.count()
    if kept < asked.count():
        yield f"照会番号: {asked.count()}人を登録したのに、サービスには{kept}件です"
    # A request that came twice may be two jobs there: it is a question, and one answer is collected here.
    ours = set(Inquiry.objects.filter(purpose="bulk_ask").values_list("identifier", flat=True))
    jobs = set(BulkJob.objects.values_list("file_identifier", flat=True))
    if jobs - ours:
        yield "一括照会: 知らない識別子の仕事がサービスにあります"


def _folders(root: Path | None) -> Iterator[str]:
    for name in ("req", "face", "res") if root is not None else ():
        left = sorted(each.name for each in (root / name).iterdir())  # type: ignore[operator]
        if left:
            yield f"フォルダ {name} に残っています: {', '.join(left)[:120]}"
