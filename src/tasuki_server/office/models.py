# SPDX-License-Identifier: Apache-2.0
"""安全管理室の表 — answers of the organisation, contracts with who answers for what, assets, and notices."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights, VersionedRow


class ControlAnswer(InstitutionRow):
    """組織の回答 — to a row of the register; the newest counts, the earlier stay readable."""

    key = models.CharField("台帳の番号", max_length=40)
    words = models.CharField("回答", max_length=400)
    answered_on = models.DateField("確かめた日")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "組織の回答"
        indexes = [models.Index(fields=["institution", "key", "-made_at"], name="office_answer_newest")]


class Contract(VersionedRow):
    """事業者との契約 — whom, for what, until when, and whether our own duties of updating are handed over."""

    company = models.CharField("事業者", max_length=80)
    subject = models.CharField("契約の内容", max_length=120)
    since = models.DateField("開始日")
    until = models.DateField("終了日", null=True, blank=True)
    contact = models.CharField("ふだんの連絡先", max_length=120)
    emergency_contact = models.CharField("攻撃を受けたときの連絡先", max_length=120, blank=True)
    hands_over_updates = models.BooleanField("サーバの更新を事業者が行うと契約に書いてある", default=False)
    disclosure_received_on = models.DateField("開示書（MDS/SDS）を受け取った日", null=True, blank=True)

    class Meta(VersionedRow.Meta):
        verbose_name = "事業者との契約"


class Party(models.TextChoices):
    """責任を負う者 — of one duty under one contract."""

    CLINIC = "clinic", "医療機関"
    VENDOR = "vendor", "事業者"
    BOTH = "both", "両方"
    NOBODY = "nobody", "対象外"


class Responsibility(InstitutionRow):
    """責任分界 — who answers for a duty under a contract (its ``record_id``); the newest row counts."""

    contract_record_id = models.UUIDField("契約")
    duty = models.CharField("務め", max_length=20)
    party = models.CharField("負う者", max_length=8, choices=Party.choices)
    words = models.CharField("取決め", max_length=200, blank=True)
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "責任分界"
        indexes = [
            models.Index(
                fields=["institution", "contract_record_id", "duty", "-made_at"], name="office_duty_newest"
            )
        ]


class AssetKind(models.TextChoices):
    """資産の種類 — as the yearly checklist counts them."""

    SERVER = "server", "サーバ"
    TERMINAL = "terminal", "端末"
    NETWORK = "network", "ネットワーク機器"
    MEDICAL = "medical", "医療機器"
    MEDIUM = "medium", "媒体"
    SERVICE = "service", "外部サービス"


class Asset(VersionedRow):
    """資産 — a device or service with the software on it; ``package`` names it as advisories do."""

    kind = models.CharField("種類", max_length=8, choices=AssetKind.choices)
    name = models.CharField("名前", max_length=80)
    place = models.CharField("置き場所", max_length=80, blank=True)
    keeper = models.CharField("管理する人", max_length=60, blank=True)
    software = models.CharField("OS・ソフトウェア", max_length=80, blank=True)
    package = models.CharField("部品名（弱点の控えと照らす名）", max_length=60, blank=True)
    software_version = models.CharField("版", max_length=40, blank=True)
    support_until = models.DateField("サポートの終わる日", null=True, blank=True)
    has_remote_maintenance = models.BooleanField("遠隔保守を使う", default=False)
    checked_on = models.DateField("最後に照合した日")

    class Meta(VersionedRow.Meta):
        verbose_name = "資産"


class Notice(InstitutionRow):
    """お知らせ — what was heard of a danger and from whom, and what was done about it."""

    rights: ClassVar[Rights] = Rights.UPDATE

    title = models.CharField("件名", max_length=100)
    words = models.CharField("内容", max_length=800)
    source = models.CharField("出どころ", max_length=100)
    due_on = models.DateField("対応の期限")
    made_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    done_by = models.ForeignKey("institutions.Staff", on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_words = models.CharField("したこと", max_length=400, blank=True)

    class Meta:
        verbose_name = "お知らせ"
        indexes = [models.Index(fields=["institution", "done_at", "due_on"], name="office_notice_open")]
