# SPDX-License-Identifier: Apache-2.0

import django.db.models.deletion
from django.db import migrations, models

import tasuki_server.institutions.ids
import tasuki_server.institutions.work


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_where_and_why"),
        ("institutions", "0002_facility_facts"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShownPatient",
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
                ("patient_id", models.UUIDField()),
                ("at", models.DateTimeField()),
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
                    models.Index(fields=["institution", "patient_id", "-at"], name="audit_shown_patient")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institution", "number", "patient_id"), name="audit_shown_patient_once"
                    )
                ],
            },
        ),
    ]
