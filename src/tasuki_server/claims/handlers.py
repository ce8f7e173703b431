# SPDX-License-Identifier: Apache-2.0
"""長い仕事の中身 — what making, sending, fetching and asking back do; each may be begun again and does nothing twice."""

from __future__ import annotations

from uuid import UUID

from tasuki_server.billing.settle import ClosedMonth
from tasuki_server.claims.carriers import NotCarried, carrier_name
from tasuki_server.claims.long_work import Handler, Job, month_of
from tasuki_server.claims.looking_back import MOST_MONTHS
from tasuki_server.claims.making import make_claims
from tasuki_server.claims.results import fetch_results
from tasuki_server.claims.sending import deliver
from tasuki_server.claims.withdrawing import carry_withdrawal
from tasuki_server.institutions.work import as_institution


def build(job: Job) -> None:
    """作成・点検 — the whole month in one transaction; broken off, nothing of it stays."""
    try:
        with as_institution(job.institution_id, job.actor):
            made = make_claims(
                month_of(job.facts),
                job.progress,
                is_whole=bool(job.facts.get("is_whole")),
                months_back=int(job.facts.get("back", MOST_MONTHS)),
            )
            fresh = made.receipt_count - made.reused_count
            again = (
                f"変わった{fresh}件を点検し、{made.reused_count}件は前回のままです。"
                if made.reused_count
                else ""
            )
            job.finish("done", f"{made.receipt_count}件のレセプトを作成し、点検しました。{again}")
    except ClosedMonth:
        with as_institution(job.institution_id, job.actor):
            job.finish("failed", "締め済みの月です。締めを解いてから作成してください。")


def send(job: Job) -> None:
    """送信 — file by file, then what the payers answer at once; a file that is there is not sent again."""
    wanted = [UUID(each) for each in job.facts["submissions"]]
    failed = 0
    for place, each in enumerate(wanted):
        job.progress(place, len(wanted))
        failed += not deliver(job.institution_id, job.actor, each)
    job.progress(len(wanted), len(wanted))
    if failed:
        state, message = "failed", f"{failed}件のファイルを送信できませんでした。もう一度送ってください。"
    else:
        state, message = "done", f"{len(wanted)}件のファイルを送信しました。"
        try:
            fetch_results(job.institution_id, job.actor, carrier_name())
        except NotCarried:
            message += "受付結果はまだ受け取れていません。"
    with as_institution(job.institution_id, job.actor):
        job.finish(state, message)


def fetch(job: Job) -> None:
    """結果の受取り — every file that waits."""
    try:
        count = fetch_results(job.institution_id, job.actor, carrier_name())
        state, message = "done", f"{count}件の結果を受け取りました。" if count else "新しい結果はありません。"
    except NotCarried:
        state, message = "failed", "受付サービスに接続できませんでした。もう一度実行してください。"
    with as_institution(job.institution_id, job.actor):
        job.finish(state, message)


HANDLERS: dict[str, Handler] = {"build": build, "send": send, "fetch": fetch, "withdraw": carry_withdrawal}
