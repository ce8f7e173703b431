# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
from django.db import migrations, models

import tasuki_server.institutions.ids
import tasuki_server.institutions.work


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("institutions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tasuki_server.institutions.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=60)),
                ("staff_id", models.UUIDField(null=True)),
                ("action", models.CharField(max_length=60)),
                ("subject", models.CharField(blank=True, max_length=60)),
                ("subject_id", models.CharField(blank=True, max_length=60)),
                ("patient_id", models.UUIDField(null=True)),
                ("detail", models.JSONField(default=dict)),
                ("link", models.CharField(max_length=64)),
                ("seal", models.CharField(max_length=64)),
                (
                    "institution",
                    models.ForeignKey(
                        default=tasuki_server.institutions.work.current_institution_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.institution",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["institution", "patient_id", "-at"], name="audit_event_patient"),
                    models.Index(fields=["institution", "-at"], name="audit_event_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("institution", "number"), name="audit_event_one_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tasuki_server.institutions.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("topic", models.CharField(max_length=60)),
                ("payload", models.JSONField(default=dict)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "institution",
                    models.ForeignKey(
                        default=tasuki_server.institutions.work.current_institution_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.institution",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["institution", "made_at"],
                        name="outbox_unsent",
                    ),
                    models.Index(fields=["institution", "topic", "-made_at"], name="outbox_topic"),
                ],
            },
        ),
    ]
