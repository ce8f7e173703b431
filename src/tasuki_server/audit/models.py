# SPDX-License-Identifier: Apache-2.0
"""監査記録と送信箱 — both written in the transaction of what they tell of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tasuki_server.institutions.rows import InstitutionRow, Rights


class AuditEvent(InstitutionRow):
    """監査記録 — one act; ``link`` is SHA-256 over the link before it and this event, ``seal`` an HMAC of the link.

    The app role may add and read, never change. Whoever changes the table otherwise breaks the chain; whoever
    recomputes the chain lacks the key of the seals.
    """

    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    staff_id = models.UUIDField(null=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    patient_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True, default="")
    session = models.CharField(max_length=12, blank=True, default="")
    purpose = models.CharField(max_length=12, blank=True, default="")
    link = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="audit_event_one_number"),
        ]
        indexes = [
            models.Index(fields=["institution", "patient_id", "-at"], name="audit_event_patient"),
            models.Index(fields=["institution", "-at"], name="audit_event_at"),
        ]


class ShownPatient(InstitutionRow):
    """閲覧された患者 — everyone an event of a list showed; the event holds their number and a digest of their ids.

    So that "who saw this patient" is answered from an index, for a board of ten as for a claim file of thousands.
    """

    number = models.PositiveBigIntegerField()
    patient_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "number", "patient_id"], name="audit_shown_patient_once"
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "patient_id", "-at"], name="audit_shown_patient"),
        ]


class AuditCheckpoint(InstitutionRow):
    """監査のチェックポイント — number and root of the events so far, signed; ``roots`` let the next one go on from here."""

    taken_at = models.DateTimeField(default=timezone.now)
    size = models.PositiveBigIntegerField()
    roots = models.JSONField()
    note = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "size"], name="audit_checkpoint_one_size"),
        ]


class AuditCosignature(InstitutionRow):
    """監査の副署 — of a witness over one of our checkpoints, as its answer said; kept here, so that it can be shown later."""

    size = models.PositiveBigIntegerField()
    witness = models.CharField(max_length=100)
    # 鍵: the hash by which a cosignature names its key; a witness may come with a new one.
    key = models.CharField(max_length=8)
    # 副署: base64 of C2SP cosignature/v1, with the key's hash and the second at which the witness saw it.
    made = models.CharField(max_length=104)
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "size", "witness", "key"], name="audit_cosignature_one_witness"
            ),
        ]


class OutboxMessage(InstitutionRow):
    """送信箱 — what other systems must hear, kept until told; a board's change counter reads it too."""

    rights: ClassVar[Rights] = Rights.UPDATE

    made_at = models.DateTimeField()
    topic = models.CharField(max_length=60)
    payload = models.JSONField(default=dict)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["institution", "made_at"],
                name="outbox_unsent",
                condition=models.Q(sent_at__isnull=True),
            ),
            models.Index(fields=["institution", "topic", "-made_at"], name="outbox_topic"),
        ]
