# SPDX-License-Identifier: Apache-2.0
"""受付・事務点検 — takes a claim file, runs the ASP checks, and leaves 受付結果 for its sender."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from tasuki.claims.checks.run import check_file
from tasuki.claims.item_values import Month
from tasuki.claims.payable import payable_yen
from tasuki.claims.reader import read
from tasuki.claims.receipt import ClaimFile, Receipt
from tasuki.claims.result_files import Acceptance, AcceptanceLine, write_acceptance
from tasuki.kernel.finding import BadInput, Finding, Severity, Where
from tasuki.kernel.messages import register, sentence
from tasuki_server.masters_source import current_book
from tasuki_server.receiving.models import Delivery, DeskSetting, OutgoingFile, ReceivedReceipt, SendingClient

# オンライン請求: claims until the 10th, corrections of 受付・事務点検 until the 12th.
LAST_CLAIM_DAY, LAST_CORRECTION_DAY = 10, 12
register(
    {
        "receiving.other_sender": "請求ファイルの医療機関（{found}）が送信元（{code}）と違います。",
        "receiving.other_payer": "請求ファイルの請求先（{found}）が送信先と違います。",
        "receiving.other_month": "請求ファイルの請求年月（{found}）が送信の請求月（{month}）と違います。",
        "receiving.late": "{month}月請求の受付は{day}日までです。翌月に月遅れとして請求してください。",
        "receiving.examined": "この請求月の審査は終わっています。翌月に月遅れとして請求してください。",
    }
)
_CODES = {
    "receiving.other_sender": "RCV-0001",
    "receiving.other_payer": "RCV-0002",
    "receiving.other_month": "RCV-0003",
    "receiving.late": "RCV-0004",
    "receiving.examined": "RCV-0005",
}


def take_delivery(
    client: SendingClient,
    submission: UUID,
    *,
    payer: str,
    kind: str,
    claim_month: date,
    data: bytes,
    today: date,
) -> Delivery:
    """受付 — the same submission again is answered as the first time; nothing is taken twice.

    A file with L1 errors is refused whole. Receipts with L2 errors are named in 受付結果 and will come back
    at the examination unless the file is replaced until the 12th.
    """
    with transaction.atomic(using="receiving"):
        SendingClient.objects.select_for_update().get(pk=client.pk)
        before = Delivery.objects.filter(client=client, submission=submission).first()
        if before is not None:
            return before
        return _take(client, submission, payer, kind, claim_month, data, today)


def _take(
    client: SendingClient,
    submission: UUID,
    payer: str,
    kind: str,
    claim_month: date,
    data: bytes,
    today: date,
) -> Delivery:
    try:
        file = read(data, "RECEIPTC.UKE")
        found = [*file.findings, *check_file(file, current_book())]
    except BadInput as broken:
        file, found = ClaimFile((), (), ()), list(broken.findings)
    found = [*_refusals(client, file, payer, kind, claim_month, today), *found]
    is_accepted = not any(_is_whole(each) for each in found)
    delivery = Delivery.objects.create(
        client=client,
        submission=submission,
        payer=payer,
        kind=kind,
        claim_month=claim_month,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        receipt_count=len(file.receipts),
        total_points=(file.trailer.total_points or 0) if file.trailer else 0,
        is_accepted=is_accepted,
        findings=[_row(each) for each in found],
        state="received" if is_accepted else "refused",
        received_on=today,
    )
    if is_accepted:
        _replace_older(delivery)
        _keep_receipts(delivery, file, found)
    _answer(delivery, file)
    return delivery


def _refusals(
    client: SendingClient, file: ClaimFile, payer: str, kind: str, claim_month: date, today: date
) -> list[Finding]:
    """What the sender, the month or the day forbids, before a receipt is looked at."""
    found = []
    head = file.institution
    if head is not None:
        if (head.prefecture, head.institution_code) != (client.prefecture, client.code):
            found.append(_refusal("receiving.other_sender", found=head.institution_code, code=client.code))
        if head.payer != payer:
            found.append(_refusal("receiving.other_payer", found=head.payer))
        month = head.claim_month
        if month is not None and month != Month(claim_month.year, claim_month.month):
            found.append(_refusal("receiving.other_month", found=month.text, month=f"{claim_month:%Y%m}"))
    same = Delivery.objects.filter(client=client, payer=payer, claim_month=claim_month)
    if same.filter(state="examined").exists() and kind == "claim" and same.filter(kind="claim").exists():
        found.append(_refusal("receiving.examined"))
    setting = DeskSetting.objects.order_by("-made_at").first()
    if setting is not None and setting.is_deadline_kept:
        last = LAST_CORRECTION_DAY if same.filter(kind=kind).exists() else LAST_CLAIM_DAY
        if today > claim_month.replace(day=last):
            found.append(_refusal("receiving.late", month=claim_month.month, day=last))
    return found


def _replace_older(delivery: Delivery) -> None:
    """A newer file of the same month and kind takes the place of one that was not examined yet."""
    older = Delivery.objects.filter(
        client=delivery.client,
        payer=delivery.payer,
        kind=delivery.kind,
        claim_month=delivery.claim_month,
        state="received",
    ).exclude(pk=delivery.pk)
    older.update(state="replaced")


def _keep_receipts(delivery: Delivery, file: ClaimFile, found: list[Finding]) -> None:
    starts = [receipt.records[0].line for receipt in file.receipts]
    by_receipt: list[list[Finding]] = [[] for _ in starts]
    for each in found:
        place = sum(start <= each.where.line for start in starts) - 1
        if each.where.line and place >= 0:
            by_receipt[place].append(each)
    ReceivedReceipt.objects.bulk_create(
        _received(delivery, receipt, place, mine)
        for place, (receipt, mine) in enumerate(zip(file.receipts, by_receipt, strict=True), start=1)
    )


def _received(delivery: Delivery, receipt: Receipt, place: int, found: list[Finding]) -> ReceivedReceipt:
    header = receipt.header
    first = receipt.insurer or (receipt.programmes[0] if receipt.programmes else None)
    # 検索番号: payer, prefecture, institution and a serial of this service.
    serial = f"{delivery.id.int % 10**7:07d}{place:06d}"
    number = f"{delivery.payer}{delivery.client.prefecture}{delivery.client.code}{serial}"
    return ReceivedReceipt(
        delivery=delivery,
        number=place,
        search_number=number,
        service_month=header.service_month.text if header.service_month else "",
        patient_name=header.patient_name[:60],
        chart_number=header.chart_number[:20],
        kind=header.receipt_type[:4],
        points=(first.total_points or 0) if first else 0,
        payable_yen=payable_yen(receipt),
        findings=[_row(each) for each in found],
        is_returned_before=bool(header.search_number),
    )


def _answer(delivery: Delivery, file: ClaimFile) -> None:
    receipts = {each.number: each for each in delivery.receipts.all()} if delivery.is_accepted else {}
    lines = []
    placed: set[tuple[str, str]] = set()
    for receipt in receipts.values():
        for each in receipt.findings:
            placed.add((each["code"], each["message"]))
            lines.append(
                AcceptanceLine(
                    receipt.number, receipt.service_month, receipt.patient_name,
                    each["code"], each["severity"], each["message"],
                )
            )  # fmt: skip
    lines[:0] = [
        AcceptanceLine(0, "", "", each["code"], each["severity"], each["message"])
        for each in delivery.findings
        if (each["code"], each["message"]) not in placed
    ]
    month = Month(delivery.claim_month.year, delivery.claim_month.month)
    report = Acceptance(
        delivery.payer, month, delivery.received_on, delivery.is_accepted, len(file.receipts), tuple(lines)
    )
    leave_file(delivery.client, delivery, "acceptance", f"uketuke_{month.text}.csv", write_acceptance(report))


def leave_file(client: SendingClient, delivery: Delivery, kind: str, name: str, data: bytes) -> OutgoingFile:
    """交付 — a result for the institution to fetch."""
    return OutgoingFile.objects.create(
        client=client,
        delivery=delivery,
        payer=delivery.payer,
        claim_month=delivery.claim_month,
        kind=kind,
        name=name,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _is_whole(finding: Finding) -> bool:
    """Whether the file is refused for it: L1, bytes that are no claim file, or a refusal of the sender."""
    if finding.severity is not Severity.BLOCK:
        return False
    return finding.code.startswith(("UKE-L1", "RCV-", "UKE-F-07", "UKE-F-08", "UKE-F-09", "UKE-F-11"))


def _row(finding: Finding) -> dict[str, Any]:
    where = finding.where
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "record": where.record,
        "item": where.field,
        "line": where.line,
        "message": sentence(
            Finding(finding.code, finding.severity, Where(), finding.message_key, finding.facts)
        ),
    }


def _refusal(key: str, **facts: object) -> Finding:
    return Finding(_CODES[key], Severity.BLOCK, Where(), key, facts)
